import {
  type Join,
  JoinsAnswerSchema,
  type JoinRequest,
  type NewJoin,
  NewJoinSchema,
  type NewlyJoined,
  NewlyJoinedSchema,
  type TradeRequest,
} from "../domain/join.ts";
import { type Called, mapped } from "./called.ts";
import type { Connection, Stop } from "./connection.ts";
import { part } from "./paths.ts";

const path = "/v1/joins";

/** Codes for one use, each for the token of a vantage or an agent. Every call needs an admin's token, except to trade a code. */
export class Joins {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The codes of the last day, and the state of each. */
  async list(ask: Stop = {}): Promise<Called<Join[]>> {
    return mapped(await this.#connection.json(path, JoinsAnswerSchema, ask), ({ joins }) => joins);
  }

  /** Makes a code, which only this answer shows. */
  make(body: JoinRequest, ask: Stop = {}): Promise<Called<NewJoin>> {
    return this.#connection.json(path, NewJoinSchema, { ...ask, method: "POST", body });
  }

  revoke(id: string, ask: Stop = {}): Promise<Called<null>> {
    return this.#connection.done(`${path}/${part(id)}`, { ...ask, method: "DELETE" });
  }

  /** Trades a code for a token, which only the answer shows. Where the answer was lost, repeat with the same nonce. Needs no token. */
  trade(body: TradeRequest, ask: Stop = {}): Promise<Called<NewlyJoined>> {
    return this.#connection.json(`${path}/trade`, NewlyJoinedSchema, { ...ask, method: "POST", body });
  }
}
