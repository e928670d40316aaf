import { DrillAnswerSchema, DrillsAnswerSchema, type DrillAnswer, type DrillBody } from "../domain/drill.ts";
import { type Called, mapped } from "./called.ts";
import type { Connection, Stop } from "./connection.ts";
import { part, queryOf } from "./paths.ts";

const path = "/v1/drills";

/** Faults injected on purpose, for a limited time. To start and to stop one takes an admin's token. */
export class Drills {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The drills that run, and with `since` (an instant, or `-1h`) those that have ended since. A reader's token is enough. */
  async list({ since, ...ask }: Stop & { since?: string } = {}): Promise<Called<DrillAnswer[]>> {
    const called = await this.#connection.json(`${path}${queryOf({ since })}`, DrillsAnswerSchema, ask);
    return mapped(called, ({ drills }) => drills);
  }

  start(body: DrillBody, ask: Stop = {}): Promise<Called<DrillAnswer>> {
    return this.#connection.json(path, DrillAnswerSchema, { ...ask, method: "POST", body });
  }

  stop(id: string, ask: Stop = {}): Promise<Called<null>> {
    return this.#connection.done(`${path}/${part(id)}`, { ...ask, method: "DELETE" });
  }
}
