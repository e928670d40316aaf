import { partsOf } from "../../domain/parts.ts";

/**
 * What of a ring's rows does not fit into them, in rows of its own. Rare: all targets of a full shard told to the judge at once,
 * or all of them changing. While there is none it costs nothing.
 */
export class Overflow {
  readonly #sql: SqlStorage;
  readonly #ring: string;
  #isEmpty: boolean;

  /** `ring`: the table whose rows these belong to. */
  constructor(sql: SqlStorage, ring: string) {
    this.#sql = sql;
    this.#ring = ring;
    this.#isEmpty = sql.exec("SELECT 1 FROM overflow WHERE ring = ? LIMIT 1", ring).toArray().length === 0;
  }

  /** What the row of `id` itself keeps of a text; the rest is kept here, and what belongs to rows up to `gone` is not any more. */
  put(id: number, text: string, gone: number): string {
    if (!this.#isEmpty) this.#sql.exec("DELETE FROM overflow WHERE ring = ? AND id <= ?", this.#ring, gone);
    const [first = "", ...rest] = partsOf(text);
    for (const [part, body] of rest.entries())
      this.#sql.exec("INSERT INTO overflow VALUES (?, ?, ?, ?)", this.#ring, id, part, body);
    this.#isEmpty &&= rest.length === 0;
    return first;
  }

  /** The whole text of a row that keeps the first of it. */
  whole(id: number, first: string): string {
    if (this.#isEmpty) return first;
    const rest = this.#sql
      .exec<{ body: string }>(
        "SELECT body FROM overflow WHERE ring = ? AND id = ? ORDER BY part",
        this.#ring,
        id,
      )
      .toArray();
    return first + rest.map(({ body }) => body).join("");
  }
}
