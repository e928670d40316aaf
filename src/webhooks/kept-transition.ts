/** The transitions from which messages are made, as an aggregator keeps them. */
import type { ShownMute } from "../domain/mute.ts";
import type { ShownOverride } from "../domain/override.ts";
import type { Transition } from "../domain/verdict.ts";
import type { Rehearsal } from "./message.ts";

/** A transition as kept: `previous` is the batch that holds the target's transition before it. */
export interface KeptTransition {
  key: string;
  previous: number | null;
  /** The journal entry that the transition came from; absent in records older than this field. */
  entry?: number;
  transition: Transition;
  /** Absent where it rests on no drill. */
  drill?: Rehearsal;
  /** The operator's override that held then; absent where there was none, and in records older than this field. */
  override?: ShownOverride;
  /** The mute that held then; absent where none did. */
  muted?: ShownMute;
  /** It belonged to the fall of its whole site; absent where it did not. */
  isOfFall?: true;
}

/** Where kept transitions are read from: all of one judgement, in their order; null where they are not kept any more. */
export interface KeptBatches {
  transitionsOf: (batch: number) => KeptTransition[] | null;
}
