import type { Mute } from "../../domain/mute.ts";
import { MUTE_MAX_MS } from "../../domain/mute.ts";

/** The mutes of a shard. They are few and every answer about a target needs them, so they are in memory too. */
export class MuteTable {
  readonly #sql: SqlStorage;
  #kept: Mute[];

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#kept = sql
      .exec<{ body: string }>("SELECT body FROM mutes ORDER BY id")
      .toArray()
      .map(({ body }) => JSON.parse(body) as Mute);
  }

  /** Mutes in force at `now` (epoch milliseconds), by id. */
  at(now: number): Mute[] {
    return this.#kept.filter(({ until }) => until > now);
  }

  /** The mute that holds for a target; of several, the mute that ends last. */
  of(key: string, now: number): Mute | null {
    const [site, target] = key.split("/");
    const all = this.at(now).filter((mute) => mute.site === site && (mute.target ?? target) === target);
    return all.toSorted((a, b) => b.until - a.until)[0] ?? null;
  }

  /** Keeps a mute, in place of the one with the same id, and forgets mutes that are over at `now`. */
  put(mute: Mute, now: number): void {
    const over = this.#kept.filter(({ until }) => until <= now);
    for (const { id } of over) this.#forget(id);
    this.#sql.exec(
      "INSERT INTO mutes VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
      mute.id,
      JSON.stringify(mute),
    );
    const others = this.#kept.filter(({ id, until }) => id !== mute.id && until > now);
    this.#kept = [...others, mute].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  delete(id: string): void {
    this.#forget(id);
    this.#kept = this.#kept.filter((one) => one.id !== id);
  }

  /**
   * The clock was set back to `now`. A mute that ends later than any mute may was made by a wrong clock, and would hold for too long:
   * delete it.
   */
  setBack(now: number): void {
    for (const { id } of this.#kept.filter(({ until }) => until > now + MUTE_MAX_MS)) this.delete(id);
  }

  #forget(id: string): void {
    this.#sql.exec("DELETE FROM mutes WHERE id = ?", id);
  }
}
