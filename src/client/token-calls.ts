import {
  NewTokenSchema,
  TokensAnswerSchema,
  type NewToken,
  type TokenAnswer,
  type TokenRequest,
} from "../domain/token.ts";
import { type Called, mapped } from "./called.ts";
import type { Connection, Stop } from "./connection.ts";
import { part } from "./paths.ts";

const path = "/v1/tokens";
const pathOf = (id: string): string => `${path}/${part(id)}`;

/** The tokens and what each permits. Every call needs an admin's token. */
export class Tokens {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async list(ask: Stop = {}): Promise<Called<TokenAnswer[]>> {
    return mapped(await this.#connection.json(path, TokensAnswerSchema, ask), ({ tokens }) => tokens);
  }

  /** Makes a token, which only this answer shows. */
  make(body: TokenRequest, ask: Stop = {}): Promise<Called<NewToken>> {
    return this.#connection.json(path, NewTokenSchema, { ...ask, method: "POST", body });
  }

  /** Gives the token a new text, shown once; the old text stays valid for `graceMs`. */
  rotate(id: string, { graceMs = 0, ...ask }: Stop & { graceMs?: number } = {}): Promise<Called<NewToken>> {
    const body = { graceMs };
    return this.#connection.json(`${pathOf(id)}/rotate`, NewTokenSchema, { ...ask, method: "POST", body });
  }

  revoke(id: string, ask: Stop = {}): Promise<Called<null>> {
    return this.#connection.done(pathOf(id), { ...ask, method: "DELETE" });
  }
}
