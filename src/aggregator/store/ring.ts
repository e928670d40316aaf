/** The ids of the oldest and newest row that a ring keeps. */
export interface RingRow {
  oldest: number;
  newest: number;
}

/**
 * Reads a table that is written in place (slot = id modulo size) and whose ids rise. Slots follow ids except at the one place where the
 * ring wraps around, so the table is read in the order of its slots. To sort it by id, SQLite would load everything the table keeps, some
 * 160 MB in a full shard, for any page of it.
 */
export class Ring {
  readonly #sql: SqlStorage;
  readonly #table: string;
  readonly #size: number;

  constructor(sql: SqlStorage, table: string, size: number) {
    this.#sql = sql;
    this.#table = table;
    this.#size = size;
  }

  /** Null where nothing is kept yet. */
  kept(): RingRow | null {
    const first = this.#one("ORDER BY slot LIMIT 1");
    const last = this.#one("ORDER BY slot DESC LIMIT 1");
    if (first === undefined || last === undefined) return null;
    if (first <= last) return { oldest: first, newest: last };
    // The ring has wrapped around: below some slot the ids belong to this round, and above it to the one before.
    let [low, high] = [first % this.#size, last % this.#size];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#one("WHERE slot >= ? ORDER BY slot LIMIT 1", middle) ?? 0) >= first) low = middle;
      else high = middle;
    }
    return {
      oldest: this.#one("WHERE slot >= ? ORDER BY slot LIMIT 1", high) ?? last,
      newest: this.#one("WHERE slot <= ? ORDER BY slot DESC LIMIT 1", low) ?? first,
    };
  }

  /** These columns of the rows after `id`, oldest first; `where`: a further condition on them. */
  *after<T extends Record<string, SqlStorageValue>>(
    id: number,
    columns: string,
    where = "TRUE",
    ...bindings: SqlStorageValue[]
  ): Generator<T> {
    const from = Math.max(id + 1, this.kept()?.oldest ?? 0);
    for (const part of ["slot >= ?", "slot < ?"])
      yield* this.#sql.exec<T>(
        `SELECT ${columns} FROM ${this.#table} WHERE ${part} AND id >= ? AND ${where} ORDER BY slot`,
        from % this.#size,
        from,
        ...bindings,
      );
  }

  #one(rest: string, ...bindings: SqlStorageValue[]): number | undefined {
    return this.#sql.exec<{ id: number }>(`SELECT id FROM ${this.#table} ${rest}`, ...bindings).toArray()[0]
      ?.id;
  }
}
