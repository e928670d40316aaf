import { partsOf } from "../../domain/parts.ts";

/**
 * Keeps the parts of a ring's rows that do not fit into them, in rows of its own. They are rare: all targets of a full shard passed to the
 * judge at once, or all of them changing. While there are none, they cost nothing.
 */
export class Overflow {
  readonly #sql: SqlStorage;
  readonly #ring: string;
  #isEmpty: boolean;

  /** `ring`: the table whose rows overflow. */
  constructor(sql: SqlStorage, ring: string) {
    this.#sql = sql;
    this.#ring = ring;
    this.#isEmpty = sql.exec("SELECT 1 FROM overflow WHERE ring = ? LIMIT 1", ring).toArray().length === 0;
  }

  /** Returns the part of a text that the row of `id` keeps itself, and keeps the rest here. Deletes what belongs to rows up to `gone`. */
  put(id: number, text: string, gone: number): string {
    if (!this.#isEmpty) this.#sql.exec("DELETE FROM overflow WHERE ring = ? AND id <= ?", this.#ring, gone);
    const [first = "", ...rest] = partsOf(text);
    for (const [part, body] of rest.entries())
      this.#sql.exec("INSERT INTO overflow VALUES (?, ?, ?, ?)", this.#ring, id, part, body);
    this.#isEmpty &&= rest.length === 0;
    return first;
  }

  /** The whole text of a row, which keeps the first part of it. */
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
