import { TransitionDataSchema, type TransitionData } from "../domain/webhook.ts";
import type { Connection } from "./connection.ts";
import { tolerant } from "./reader.ts";
import { followStream, type StreamEventOf, type StreamOptions } from "./stream.ts";

export type { StreamOptions } from "./stream.ts";

export type StreamEvent = StreamEventOf<TransitionData>;

const TRANSITION = tolerant(TransitionDataSchema);

/** Transitions as they happen, each checked against its schema. */
export const events = (
  connection: Connection,
  options: StreamOptions = {},
): AsyncGenerator<StreamEvent, void, undefined> => followStream(connection, TRANSITION, options);
