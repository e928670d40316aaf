import type { ListedGroup } from "../../domain/group.ts";
import type { KeptJoin } from "../../domain/join.ts";
import { toInstant } from "../../domain/instant.ts";
import type { Grant, TokenAnswer } from "../../domain/token.ts";
import type { Vantage } from "../../domain/vantage.ts";
import type { Webhook } from "../../domain/webhook.ts";

/** A token as kept: its hash (SHA-256, hex) and what it opens. */
export type TokenRow = TokenAnswer & { hash: string };

/** A join as kept: the hash of its code, and the hash of the nonce with which it was traded, null before the trade. */
export interface JoinRow {
  join: KeptJoin;
  hash: string;
  nonce: string | null;
}

/** Remote vantages and webhooks, which every shard knows; and tokens, joins and the list of groups, which shard 0 keeps for all shards. */
export class Registry {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** In order of their ids. */
  vantages(): Vantage[] {
    const rows = this.#sql.exec<{ body: string }>("SELECT body FROM vantages ORDER BY id").toArray();
    return rows.map(({ body }) => JSON.parse(body) as Vantage);
  }

  putVantage(vantage: Vantage): void {
    this.#sql.exec(
      "INSERT INTO vantages VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
      vantage.id,
      JSON.stringify(vantage),
    );
  }

  deleteVantage(id: string): void {
    this.#sql.exec("DELETE FROM vantages WHERE id = ?", id);
  }

  /** In order of their names. */
  groups(): ListedGroup[] {
    const rows = this.#sql.exec<{ body: string }>("SELECT body FROM groups ORDER BY id").toArray();
    return rows.map(({ body }) => JSON.parse(body) as ListedGroup);
  }

  putGroup(group: ListedGroup): void {
    this.#sql.exec(
      "INSERT INTO groups VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
      group.group,
      JSON.stringify(group),
    );
  }

  deleteGroup(group: string): void {
    this.#sql.exec("DELETE FROM groups WHERE id = ?", group);
  }

  /** In order of their ids. */
  webhooks(): Webhook[] {
    const rows = this.#sql.exec<{ body: string }>("SELECT body FROM webhooks ORDER BY id").toArray();
    return rows.map(({ body }) => JSON.parse(body) as Webhook);
  }

  putWebhook(webhook: Webhook): void {
    this.#sql.exec(
      "INSERT INTO webhooks VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
      webhook.id,
      JSON.stringify(webhook),
    );
  }

  deleteWebhook(id: string): void {
    this.#sql.exec("DELETE FROM webhooks WHERE id = ?", id);
  }

  /** What the token with this hash opens, or null. */
  grant(hash: string, now: number): Grant | null {
    const [row] = this.#sql
      .exec<{ body: string }>(
        `SELECT body FROM tokens WHERE hash = ?1
         UNION ALL SELECT body FROM tokens JOIN former_tokens USING (id) WHERE former_tokens.hash = ?1 AND until > ?2`,
        hash,
        now,
      )
      .toArray();
    if (row === undefined) return null;
    const { id, scope, site, target, vantage, sites } = JSON.parse(row.body) as TokenAnswer;
    switch (scope) {
      case "read":
        return sites === undefined ? { id, scope } : { id, scope, sites };
      case "admin":
        return { id, scope };
      case "notify":
        return site === undefined || target === undefined ? null : { id, scope, site, target };
      case "vantage":
        return vantage === undefined ? null : { id, scope, vantage };
    }
  }

  /** Hashes of all token texts that open something, or did before they were replaced. */
  hashes(): string[] {
    return this.#sql
      .exec<{ hash: string }>("SELECT hash FROM tokens UNION SELECT hash FROM former_tokens")
      .toArray()
      .map(({ hash }) => hash);
  }

  /** Oldest first. */
  tokens(now: number): TokenAnswer[] {
    const rows = this.#sql
      .exec<{ body: string; until: number | null }>(
        `SELECT body, (SELECT max(until) FROM former_tokens WHERE former_tokens.id = tokens.id AND until > ?) AS until
         FROM tokens`,
        now,
      )
      .toArray();
    return rows
      .map(({ body, until }) => ({
        ...(JSON.parse(body) as TokenAnswer),
        ...(until === null ? {} : { formerUntil: toInstant(until) }),
      }))
      .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  /** Keeps a token. It replaces the one with the same id, which opens nothing any more. */
  putToken({ hash, ...token }: TokenRow): void {
    this.#sql.exec(
      "INSERT INTO tokens VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, body = excluded.body",
      token.id,
      hash,
      // `formerUntil` belongs not to the token but to the moment at which it was listed.
      JSON.stringify({ ...token, formerUntil: undefined }),
    );
  }

  /** Whether this is the hash of the token's newest text. */
  isNewest(id: string, hash: string): boolean {
    return this.#sql.exec("SELECT 1 FROM tokens WHERE id = ? AND hash = ?", id, hash).toArray().length > 0;
  }

  /** When each earlier text of the token that still opens something will stop doing so, the soonest first. */
  formerEnds(id: string, now: number): number[] {
    return this.#sql
      .exec<{ until: number }>(
        "SELECT until FROM former_tokens WHERE id = ? AND until > ? ORDER BY until",
        id,
        now,
      )
      .toArray()
      .map(({ until }) => until);
  }

  /** Gives the token a new hash and keeps the old one until `until`. If `until` is not after `now`, no old hash is kept. */
  rotateToken(token: TokenAnswer, hash: string, now: number, until: number): void {
    this.#sql.exec("DELETE FROM former_tokens WHERE until <= ?", now);
    if (until <= now) this.#sql.exec("DELETE FROM former_tokens WHERE id = ?", token.id);
    else
      this.#sql.exec(
        "INSERT INTO former_tokens SELECT hash, id, ? FROM tokens WHERE id = ?",
        until,
        token.id,
      );
    this.putToken({ ...token, hash });
  }

  deleteToken(id: string): void {
    this.#sql.exec("DELETE FROM former_tokens WHERE id = ?", id);
    this.#sql.exec("DELETE FROM tokens WHERE id = ?", id);
  }

  /** Oldest first. */
  joins(): JoinRow[] {
    return this.#sql
      .exec<{ hash: string; nonce: string | null; body: string }>("SELECT hash, nonce, body FROM joins")
      .toArray()
      .map(({ body, ...row }) => ({ ...row, join: JSON.parse(body) as KeptJoin }))
      .toSorted((a, b) => (a.join.createdAt < b.join.createdAt ? -1 : 1));
  }

  putJoin({ join, hash, nonce }: JoinRow): void {
    this.#sql.exec(
      "INSERT INTO joins VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET nonce = excluded.nonce, body = excluded.body",
      join.join,
      hash,
      nonce,
      JSON.stringify(join),
    );
  }

  deleteJoin(id: string): void {
    this.#sql.exec("DELETE FROM joins WHERE id = ?", id);
  }
}
