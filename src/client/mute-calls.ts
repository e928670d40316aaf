import { type MuteAnswer, MuteAnswerSchema, type MuteRequest, MutesAnswerSchema } from "../domain/mute.ts";
import { type Called, mapped } from "./called.ts";
import type { Connection, Stop } from "./connection.ts";
import { part, queryOf } from "./paths.ts";

const path = "/v1/mutes";
const pathOf = (id: string): string => `${path}/${part(id)}`;

/** Mutes, which suppress notifications for a while. A reader's token lists them, an admin's makes and ends them. */
export class MuteCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The mutes in force, of a site or of all. */
  async list({ site, ...ask }: Stop & { site?: string | undefined } = {}): Promise<Called<MuteAnswer[]>> {
    const called = await this.#connection.json(`${path}${queryOf({ site })}`, MutesAnswerSchema, ask);
    return mapped(called, ({ mutes }) => mutes);
  }

  get(id: string, ask: Stop = {}): Promise<Called<MuteAnswer>> {
    return this.#connection.json(pathOf(id), MuteAnswerSchema, ask);
  }

  /** Makes a mute, or replaces one of the same site. */
  put(id: string, body: MuteRequest, ask: Stop = {}): Promise<Called<MuteAnswer>> {
    return this.#connection.json(pathOf(id), MuteAnswerSchema, { ...ask, method: "PUT", body });
  }

  delete(id: string, ask: Stop = {}): Promise<Called<null>> {
    return this.#connection.done(pathOf(id), { ...ask, method: "DELETE" });
  }
}
