import type { NotifiedCause } from "../cause.ts";
import type { DeliveryBatch } from "../delivery-batch.ts";

/** Batches kept for each webhook, delivered and dead ones among them: a ring. */
export const BATCHES_KEPT = 1_024;

/** What is counted of a webhook over its whole life. */
export interface Tally {
  delivered: number;
  failed: number;
  dropped: number;
  /** The causes that it has reported and that are not over; absent for a webhook that notifies no people. */
  causes?: NotifiedCause[];
  /** The last message that the receiver refused for good; absent where the receiver has taken one since. */
  refused?: { at: number; error: string };
}

/** What is known of a webhook's batches without reading them. */
export interface Extent {
  webhook: string;
  /** The newest batch's number and instant. */
  number: number;
  at: number;
  dead: number;
}

/** The messages to send, and the outcome of each. A judgement is one row for each webhook, however many messages it makes. */
export class DeliveryTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  put(deliveryBatch: DeliveryBatch, pending: number, dead: number): void {
    this.#sql.exec(
      `INSERT INTO outbox (webhook, slot, number, name, at, pending, dead, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (webhook, slot) DO UPDATE SET number = excluded.number, name = excluded.name, at = excluded.at,
         pending = excluded.pending, dead = excluded.dead, body = excluded.body`,
      deliveryBatch.webhook,
      deliveryBatch.number % BATCHES_KEPT,
      deliveryBatch.number,
      deliveryBatch.name,
      deliveryBatch.at,
      pending,
      dead,
      JSON.stringify(deliveryBatch),
    );
  }

  /** The batch, or null where it is not kept any more. */
  deliveryBatch(webhook: string, number: number): DeliveryBatch | null {
    const row = this.#sql
      .exec<{ number: number; body: string }>(
        "SELECT number, body FROM outbox WHERE webhook = ? AND slot = ?",
        webhook,
        number % BATCHES_KEPT,
      )
      .toArray()[0];
    return row?.number === number ? (JSON.parse(row.body) as DeliveryBatch) : null;
  }

  /** How many dead messages the batch with this number will overwrite. */
  deadBefore(webhook: string, number: number): number {
    const rows = this.#sql
      .exec<{ dead: number }>(
        "SELECT dead FROM outbox WHERE webhook = ? AND slot = ?",
        webhook,
        number % BATCHES_KEPT,
      )
      .toArray();
    return rows[0]?.dead ?? 0;
  }

  numberOf(webhook: string, name: string): number | null {
    const rows = this.#sql
      .exec<{ number: number }>("SELECT number FROM outbox WHERE webhook = ? AND name = ?", webhook, name)
      .toArray();
    return rows[0]?.number ?? null;
  }

  /** Numbers of the batches not newer than `at`, newest first; `open`: only those with a message that waits. */
  numbers(webhook: string, at: number, open: boolean): number[] {
    return this.#sql
      .exec<{ number: number }>(
        `SELECT number FROM outbox WHERE webhook = ? AND at <= ? AND pending >= ? ORDER BY number DESC`,
        webhook,
        at,
        open ? 1 : 0,
      )
      .toArray()
      .map(({ number }) => number);
  }

  /** Every batch with a message that waits. */
  pending(): DeliveryBatch[] {
    return this.#sql
      .exec<{ body: string }>("SELECT body FROM outbox WHERE pending > 0 ORDER BY number")
      .toArray()
      .map(({ body }) => JSON.parse(body) as DeliveryBatch);
  }

  extents(): Extent[] {
    return this.#sql
      .exec<{ webhook: string; number: number; at: number; dead: number }>(
        "SELECT webhook, max(number) AS number, max(at) AS at, sum(dead) AS dead FROM outbox GROUP BY webhook",
      )
      .toArray();
  }

  tally(webhook: string): Tally {
    const row = this.#sql
      .exec<{ body: string }>("SELECT body FROM tallies WHERE webhook = ?", webhook)
      .toArray()[0];
    return row === undefined ? { delivered: 0, failed: 0, dropped: 0 } : (JSON.parse(row.body) as Tally);
  }

  putTally(webhook: string, tally: Tally): void {
    this.#sql.exec(
      "INSERT INTO tallies VALUES (?, ?) ON CONFLICT (webhook) DO UPDATE SET body = excluded.body",
      webhook,
      JSON.stringify(tally),
    );
  }

  /** Deletes all rows of a webhook. */
  clear(webhook: string): void {
    this.#sql.exec("DELETE FROM outbox WHERE webhook = ?", webhook);
    this.#sql.exec("DELETE FROM tallies WHERE webhook = ?", webhook);
  }
}
