import { DrillAnswerSchema, DrillsAnswerSchema, type DrillAnswer, type DrillBody } from "../domain/drill.ts";
import { type Called, mapped } from "./called.ts";
import type { Connection, Stop } from "./connection.ts";
import { part } from "./place.ts";

const path = "/v1/drills";

/** Faults injected on purpose, for a limited time. Takes an admin's token. */
export class Drills {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Those that run. */
  async list(ask: Stop = {}): Promise<Called<DrillAnswer[]>> {
    return mapped(await this.#connection.json(path, DrillsAnswerSchema, ask), ({ drills }) => drills);
  }

  start(body: DrillBody, ask: Stop = {}): Promise<Called<DrillAnswer>> {
    return this.#connection.json(path, DrillAnswerSchema, { ...ask, method: "POST", body });
  }

  stop(id: string, ask: Stop = {}): Promise<Called<null>> {
    return this.#connection.done(`${path}/${part(id)}`, { ...ask, method: "DELETE" });
  }
}
