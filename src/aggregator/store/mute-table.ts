import type { Mute } from "../../domain/mute.ts";
import { MUTE_MAX_MS } from "../../domain/mute.ts";

/** The mutes of a shard. There are few, and every answer about a target asks for them: they are in memory too. */
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

  /** Those in force at `now` (epoch milliseconds), by id. */
  at(now: number): Mute[] {
    return this.#kept.filter(({ until }) => until > now);
  }

  /** The one that holds for a target; of several, the one that ends last. */
  of(key: string, now: number): Mute | null {
    const [site, target] = key.split("/");
    const all = this.at(now).filter((mute) => mute.site === site && (mute.target ?? target) === target);
    return all.toSorted((a, b) => b.until - a.until)[0] ?? null;
  }

  /** Keeps one, in the place of the one with its id, and forgets those that are over at `now`. */
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

  /** The clock was set back to `now`. What ends later than any mute may was made by a clock that was wrong, and would hold for as long. */
  setBack(now: number): void {
    for (const { id } of this.#kept.filter(({ until }) => until > now + MUTE_MAX_MS)) this.delete(id);
  }

  #forget(id: string): void {
    this.#sql.exec("DELETE FROM mutes WHERE id = ?", id);
  }
}
