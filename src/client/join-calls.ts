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

/** Codes for one use, each for the token of a vantage or an agent. Takes an admin's token, but to trade one. */
export class Joins {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Those of the last day, and what became of each. */
  async list(ask: Stop = {}): Promise<Called<Join[]>> {
    return mapped(await this.#connection.json(path, JoinsAnswerSchema, ask), ({ joins }) => joins);
  }

  /** The answer alone shows the code. */
  make(body: JoinRequest, ask: Stop = {}): Promise<Called<NewJoin>> {
    return this.#connection.json(path, NewJoinSchema, { ...ask, method: "POST", body });
  }

  revoke(id: string, ask: Stop = {}): Promise<Called<null>> {
    return this.#connection.done(`${path}/${part(id)}`, { ...ask, method: "DELETE" });
  }

  /** The code for a token, which the answer alone shows; again with the same nonce where the answer was lost. Takes no token. */
  trade(body: TradeRequest, ask: Stop = {}): Promise<Called<NewlyJoined>> {
    return this.#connection.json(`${path}/trade`, NewlyJoinedSchema, { ...ask, method: "POST", body });
  }
}
