import type { Grant, TokenAnswer } from "../../domain/token.ts";
import type { Vantage } from "../../domain/vantage.ts";
import type { Webhook } from "../../domain/webhook.ts";

/** A token as kept: its hash (SHA-256, hex) and what it opens. */
export type TokenRow = TokenAnswer & { hash: string };

/** Remote vantages and webhooks, which every shard knows, and tokens, which shard 0 keeps for all. */
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
  grant(hash: string): Grant | null {
    const row = this.#sql.exec<{ body: string }>("SELECT body FROM tokens WHERE hash = ?", hash).toArray()[0];
    if (row === undefined) return null;
    const { scope, site, target, vantage } = JSON.parse(row.body) as TokenAnswer;
    switch (scope) {
      case "read":
      case "admin":
        return { scope };
      case "notify":
        return site === undefined || target === undefined ? null : { scope, site, target };
      case "vantage":
        return vantage === undefined ? null : { scope, vantage };
    }
  }

  /** Oldest first. */
  tokens(): TokenAnswer[] {
    const rows = this.#sql.exec<{ body: string }>("SELECT body FROM tokens").toArray();
    return rows
      .map(({ body }) => JSON.parse(body) as TokenAnswer)
      .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  /** A token of the same id is replaced, and opens nothing any more. */
  putToken({ hash, ...token }: TokenRow): void {
    this.#sql.exec(
      "INSERT INTO tokens VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, body = excluded.body",
      token.id,
      hash,
      JSON.stringify(token),
    );
  }

  deleteToken(id: string): void {
    this.#sql.exec("DELETE FROM tokens WHERE id = ?", id);
  }
}
