import { toInstant } from "../../domain/instant.ts";
import { keyOf } from "../../domain/name.ts";
import { type GoAhead, type KeptGoAhead, type ToldCheck, withGoAhead } from "../../domain/go-ahead.ts";

/** The newest sequences for which the shard keeps the go-aheads that automation got: years of incidents, in about half a megabyte. */
export const GO_AHEAD_ROWS = 4_096;
/** For this long a count may be ahead of what is written. Answers show the count at once, and a restart loses at most this much of it. */
const UNWRITTEN_MS = 60_000;
/** How many sequences have their rows in memory: as many as a shard has targets. */
const MAX_OPEN = 512;

interface Row {
  id: number;
  key: string;
  sequence: number;
}

interface Open extends Row {
  entries: KeptGoAhead[];
  /** Epoch milliseconds; 0 where it is not known. */
  writtenAt: number;
  isWritten: boolean;
}

const nameOf = (key: string, sequence: number): string => `${key} ${sequence}`;

/** Whether the two lists differ in counts alone. */
const isCount = (before: readonly KeptGoAhead[], after: readonly KeptGoAhead[]): boolean =>
  before.length === after.length && after.every(({ first }, index) => first === before[index]?.first);

/** The go-aheads that automation got: one row for each sequence of a target for which it got any. */
export class GoAheadTable {
  readonly #sql: SqlStorage;
  /** Numbers of rows by target and sequence, read when first asked for. */
  #numbers: Map<string, number> | null = null;
  #last = 0;
  readonly #open = new Map<number, Open>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The checks as answers show them, in the order of their first instants. */
  of(key: string, sequence: number): ToldCheck[] {
    const id = this.#index().get(nameOf(key, sequence));
    const entries = id === undefined ? [] : (this.#opened(id)?.entries ?? []);
    return entries
      .toSorted((a, b) => a.first - b.first)
      .map((entry) => ({ ...entry, first: toInstant(entry.first) }));
  }

  /** Takes what the API's isolates have answered. Call it within a transaction. `now`: epoch milliseconds. */
  note(told: readonly GoAhead[], now: number): void {
    for (const one of told) this.#note(one, now);
    if (this.#open.size <= MAX_OPEN) return;
    for (const open of this.#open.values()) if (!open.isWritten) this.#write(open, now);
    this.#open.clear();
  }

  /** The last notes could not be stored: drop them from memory, so that only the stored rows count. */
  reset(): void {
    this.#numbers = null;
    this.#open.clear();
  }

  #note(told: GoAhead, now: number): void {
    const key = keyOf(told.site, told.target);
    const id = this.#index().get(nameOf(key, told.sequence));
    const open = (id === undefined ? undefined : this.#opened(id)) ?? this.#following(key, told.sequence);
    const entries = withGoAhead(open.entries, told);
    const next = { ...open, entries, isWritten: false };
    const isYoung = now >= open.writtenAt && now - open.writtenAt < UNWRITTEN_MS;
    if (isYoung && isCount(open.entries, entries)) this.#open.set(open.id, next);
    else this.#write(next, now);
  }

  /** The next row of the ring. The row that stood there is forgotten. */
  #following(key: string, sequence: number): Open {
    const index = this.#index();
    const id = this.#last + 1;
    const [old] = this.#sql
      .exec<{ id: number; key: string; sequence: number }>(
        "SELECT id, key, sequence FROM go_aheads WHERE slot = ?",
        id % GO_AHEAD_ROWS,
      )
      .toArray();
    if (old !== undefined) {
      index.delete(nameOf(old.key, old.sequence));
      this.#open.delete(old.id);
    }
    index.set(nameOf(key, sequence), id);
    this.#last = id;
    return { id, key, sequence, entries: [], writtenAt: 0, isWritten: false };
  }

  #opened(id: number): Open | undefined {
    const open = this.#open.get(id);
    if (open !== undefined) return open;
    const [row] = this.#sql
      .exec<{ id: number; key: string; sequence: number; body: string }>(
        "SELECT id, key, sequence, body FROM go_aheads WHERE slot = ? AND id = ?",
        id % GO_AHEAD_ROWS,
        id,
      )
      .toArray();
    if (row === undefined) return undefined;
    const { body, ...rest } = row;
    return { ...rest, entries: JSON.parse(body) as KeptGoAhead[], writtenAt: 0, isWritten: true };
  }

  #write(open: Open, now: number): void {
    this.#sql.exec(
      `INSERT INTO go_aheads VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (slot) DO UPDATE SET id = excluded.id, key = excluded.key, sequence = excluded.sequence, body = excluded.body`,
      open.id % GO_AHEAD_ROWS,
      open.id,
      open.key,
      open.sequence,
      JSON.stringify(open.entries),
    );
    this.#open.set(open.id, { ...open, writtenAt: now, isWritten: true });
  }

  #index(): Map<string, number> {
    if (this.#numbers !== null) return this.#numbers;
    const rows = this.#sql
      .exec<{ id: number; key: string; sequence: number }>(
        "SELECT id, key, sequence FROM go_aheads ORDER BY id",
      )
      .toArray();
    this.#last = rows.at(-1)?.id ?? 0;
    this.#numbers = new Map(rows.map(({ id, key, sequence }) => [nameOf(key, sequence), id]));
    return this.#numbers;
  }
}
