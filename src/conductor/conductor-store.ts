/** What a conductor keeps: the group's state as one row, its history, and the words (messages and audit lines) to send to shard 0. */
import { type GroupChange, type GroupHistory, GroupPolicySchema } from "../domain/group.ts";
import type { GroupWord } from "../domain/rpc.ts";
import { type GroupState, newGroup, newMember } from "../group/group-state.ts";
import { migrate } from "../migrations.ts";

/** Lines of history kept: about three days with a change a minute. */
export const HISTORY_ROWS = 4_096;
/** Words that wait for shard 0, at most. While shard 0 is away for long the conductor drops the oldest. */
const WORDS_MAX = 1_024;

const MIGRATIONS: readonly string[] = [
  `CREATE TABLE state (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
   CREATE TABLE history (slot INTEGER PRIMARY KEY, id INTEGER NOT NULL, body TEXT NOT NULL);
   CREATE TABLE words (number INTEGER PRIMARY KEY, body TEXT NOT NULL);
   CREATE TABLE last_word (id INTEGER PRIMARY KEY, number INTEGER NOT NULL);`,
  "CREATE TABLE unsettled (id INTEGER PRIMARY KEY, body TEXT NOT NULL);",
];

/** What other objects may wrongly believe of a group: its name, and the members they may take it to have. */
export interface Unsettled {
  group: string;
  members: string[];
}

/** A state that an earlier release wrote, with defaults for the fields added since. */
const completed = (state: GroupState): GroupState => {
  const { config, lease, members } = state;
  const policy = GroupPolicySchema.parse({});
  const full = config === null ? null : { ...config, policy: { ...policy, ...config.policy } };
  return {
    ...newGroup(state.group, state.at),
    ...state,
    config: full,
    lease: lease === null ? null : { ...lease, leaseMs: lease.leaseMs ?? (full?.policy ?? policy).leaseMs },
    members: Object.fromEntries(
      Object.entries(members).map(([name, member]) => [name, { ...newMember(), ...member }]),
    ),
  };
};

export class ConductorStore {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  /** Whether the tables exist: a request for a group that was never made leaves nothing behind. */
  #isMade: boolean;
  #lastWord = 0;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    const tables = this.#sql.exec("SELECT name FROM sqlite_master WHERE name = 'migrations'").toArray();
    this.#isMade = tables.length > 0;
    if (!this.#isMade) return;
    migrate(storage, MIGRATIONS);
    this.#lastWord = this.#sql
      .exec<{ number: number }>("SELECT coalesce(max(number), 0) AS number FROM last_word")
      .one().number;
  }

  #make(): void {
    if (!this.#isMade) migrate(this.#storage, MIGRATIONS);
    this.#isMade = true;
  }

  #bodies(query: string, ...bindings: unknown[]): string[] {
    if (!this.#isMade) return [];
    return this.#sql
      .exec<{ body: string }>(query, ...bindings)
      .toArray()
      .map(({ body }) => body);
  }

  /** The state as last kept; null before the first. Fields that a later release added get their defaults. */
  load(): GroupState | null {
    const [body] = this.#bodies("SELECT body FROM state");
    return body === undefined ? null : completed(JSON.parse(body) as GroupState);
  }

  /** What other objects may wrongly believe of the group; null if they know what it is. */
  unsettled(): Unsettled | null {
    const [body] = this.#bodies("SELECT body FROM unsettled");
    return body === undefined ? null : (JSON.parse(body) as Unsettled);
  }

  /** Called before the conductor names these members to other objects. */
  unsettle({ group, members }: Unsettled): void {
    this.#make();
    const all = new Set([...(this.unsettled()?.members ?? []), ...members]);
    this.#sql.exec(
      "INSERT INTO unsettled VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
      JSON.stringify({ group, members: [...all] } satisfies Unsettled),
    );
  }

  settle(): void {
    this.#sql.exec("DELETE FROM unsettled");
  }

  /** Keeps a state, the lines that led to it and the words to send about them: all, or nothing. */
  keep(state: GroupState, lines: readonly GroupChange[], words: readonly Omit<GroupWord, "number">[]): void {
    this.#make();
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
      const [body] = this.#bodies(
        "SELECT body FROM history WHERE slot = ? AND id = ?",
        id % HISTORY_ROWS,
        id,
      );
      if (body !== undefined) changes.push(JSON.parse(body) as GroupChange);
    }
    return { changes, next: id >= oldest ? String(id) : null };
  }

  /** Oldest first. */
  words(limit: number): GroupWord[] {
    if (!this.#isMade) return [];
    return this.#sql
      .exec<{ number: number; body: string }>("SELECT * FROM words ORDER BY number LIMIT ?", limit)
      .toArray()
      .map(({ number, body }) => ({ ...(JSON.parse(body) as Omit<GroupWord, "number">), number }));
  }

  /** Shard 0 has taken all words up to this number. */
  told(number: number): void {
    this.#sql.exec("DELETE FROM words WHERE number <= ?", number);
  }
}
