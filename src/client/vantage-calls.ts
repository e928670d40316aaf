import { AttemptsAnswerSchema, type AttemptRequest, type AttemptsAnswer } from "../domain/attempt.ts";
import {
  NewVantageSchema,
  VantagesAnswerSchema,
  type NewVantage,
  type VantageAnswer,
  type VantageRequest,
} from "../domain/vantage.ts";
import { type Called, mapped } from "./called.ts";
import type { Connection, Stop } from "./connection.ts";
import { part } from "./paths.ts";

/** Three ways are tried one after the other, each for at most ten seconds. */
const ATTEMPT_MS = 30_000;

const path = "/v1/vantages";
const pathOf = (id: string): string => `${path}/${part(id)}`;

/** The vantages, from which the detector probes. */
export class Vantages {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async list(ask: Stop = {}): Promise<Called<VantageAnswer[]>> {
    return mapped(await this.#connection.json(path, VantagesAnswerSchema, ask), ({ vantages }) => vantages);
  }

  /** Adds a remote vantage, whose token only this answer shows. */
  add(body: VantageRequest, ask: Stop = {}): Promise<Called<NewVantage>> {
    return this.#connection.json(path, NewVantageSchema, { ...ask, method: "POST", body });
  }

  /** Makes a new token, shown once; the old one is void at once. */
  rotate(id: string, ask: Stop = {}): Promise<Called<NewVantage>> {
    return this.#connection.json(`${pathOf(id)}/rotate`, NewVantageSchema, { ...ask, method: "POST" });
  }

  /** The platform's own answers for an address, as a vantage on Workers gets them. */
  attempt(id: string, body: AttemptRequest, ask: Stop = {}): Promise<Called<AttemptsAnswer>> {
    return this.#connection.json(`${pathOf(id)}/attempts`, AttemptsAnswerSchema, {
      ...ask,
      method: "POST",
      body,
      heldMs: ATTEMPT_MS,
    });
  }

  remove(id: string, ask: Stop = {}): Promise<Called<null>> {
    return this.#connection.done(pathOf(id), { ...ask, method: "DELETE" });
  }
}
