/** What a conductor keeps: the group's state as one row, its history, and what it has to tell shard 0. */
import type { GroupChange, GroupHistory } from "../domain/group.ts";
import type { GroupWord } from "../domain/rpc.ts";
import { type GroupState, newGroup } from "../group/state.ts";

/** Lines of history kept: with a change a minute, day and night, some three days. */
export const HISTORY_ROWS = 4_096;
/** Words that wait for shard 0, at most: while it is away for long the oldest are given up. */
const WORDS_MAX = 1_024;

const MIGRATIONS: readonly string[] = [
  `CREATE TABLE state (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
   CREATE TABLE history (slot INTEGER PRIMARY KEY, id INTEGER NOT NULL, body TEXT NOT NULL);
   CREATE TABLE words (number INTEGER PRIMARY KEY, body TEXT NOT NULL);
   CREATE TABLE last_word (id INTEGER PRIMARY KEY, number INTEGER NOT NULL);`,
];

const migrate = (storage: DurableObjectStorage): void => {
  const { sql } = storage;
  sql.exec("CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY)");
  const done = sql.exec<{ id: number }>("SELECT coalesce(max(id), 0) AS id FROM migrations").one().id;
  MIGRATIONS.slice(done).forEach((statements, index) =>
    storage.transactionSync(() => {
      sql.exec(statements);
      sql.exec("INSERT INTO migrations (id) VALUES (?)", done + index + 1);
    }),
  );
};

export class Store {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  #lastWord: number;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    migrate(storage);
    this.#lastWord = this.#sql
      .exec<{ number: number }>("SELECT coalesce(max(number), 0) AS number FROM last_word")
      .one().number;
  }

  /** The state as it was kept last; null before the first. What a later release added is completed. */
  load(): GroupState | null {
    const [row] = this.#sql.exec<{ body: string }>("SELECT body FROM state").toArray();
    if (row === undefined) return null;
    const state = JSON.parse(row.body) as GroupState;
    return { ...newGroup(state.group, state.at), ...state };
  }

  /** Keeps a state, the lines that led to it and what is to be told of them: all, or nothing. */
  keep(state: GroupState, lines: readonly GroupChange[], words: readonly Omit<GroupWord, "number">[]): void {
    const first = this.#lastWord + 1;
    this.#storage.transactionSync(() => {
      this.#sql.exec(
        "INSERT INTO state VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        JSON.stringify(state),
      );
      for (const line of lines)
        this.#sql.exec(
          `INSERT INTO history VALUES (?, ?, ?)
           ON CONFLICT (slot) DO UPDATE SET id = excluded.id, body = excluded.body`,
          line.number % HISTORY_ROWS,
          line.number,
          JSON.stringify(line),
        );
      for (const [index, word] of words.entries())
        this.#sql.exec("INSERT INTO words VALUES (?, ?)", first + index, JSON.stringify(word));
      if (words.length === 0) return;
      const last = first + words.length - 1;
      this.#sql.exec(
        "INSERT INTO last_word VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET number = excluded.number",
        last,
      );
      this.#sql.exec("DELETE FROM words WHERE number <= ?", last - WORDS_MAX);
    });
    this.#lastWord += words.length;
  }

  /** A page of the history, newest first. `cursor`: a page's `next`. */
  history(cursor: number | null, limit: number, newest: number): GroupHistory {
    const from = Math.min(cursor ?? newest, newest);
    const oldest = Math.max(1, newest - HISTORY_ROWS + 1);
    const changes: GroupChange[] = [];
    let id = from;
    for (; id >= oldest && changes.length < limit; id -= 1) {
      const [row] = this.#sql
        .exec<{ body: string }>("SELECT body FROM history WHERE slot = ? AND id = ?", id % HISTORY_ROWS, id)
        .toArray();
      if (row !== undefined) changes.push(JSON.parse(row.body) as GroupChange);
    }
    return { changes, next: id >= oldest ? String(id) : null };
  }

  /** Oldest first. */
  words(limit: number): GroupWord[] {
    return this.#sql
      .exec<{ number: number; body: string }>("SELECT * FROM words ORDER BY number LIMIT ?", limit)
      .toArray()
      .map(({ number, body }) => ({ ...(JSON.parse(body) as Omit<GroupWord, "number">), number }));
  }

  /** Shard 0 has all up to this one. */
  told(number: number): void {
    this.#sql.exec("DELETE FROM words WHERE number <= ?", number);
  }
}
