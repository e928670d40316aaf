import { toInstant } from "../../domain/instant.ts";
import { keyOf } from "../../domain/name.ts";
import { type GoAhead, type KeptGoAhead, type ToldCheck, withGoAhead } from "../../domain/go-ahead.ts";

/** Sequences of which it is kept what automation was told, the newest of them: years of incidents, in about half a megabyte. */
export const GO_AHEAD_ROWS = 4_096;
/** For so long a count may be ahead of what is written. It is shown at once, and a restart forgets so much of it at most. */
const UNWRITTEN_MS = 60_000;
/** Sequences whose rows stay in memory: as many as a shard has targets. */
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

/** Whether one differs from the other in counts alone. */
const isCount = (before: readonly KeptGoAhead[], after: readonly KeptGoAhead[]): boolean =>
  before.length === after.length && after.every(({ first }, index) => first === before[index]?.first);

/** What automation was told: a row for each sequence of a target that any of it was told of. */
export class GoAheadTable {
  readonly #sql: SqlStorage;
  /** Numbers of rows by target and sequence, read when first asked for. */
  #numbers: Map<string, number> | null = null;
  #last = 0;
  readonly #open = new Map<number, Open>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** As answers show it, by the instant of the first. */
  of(key: string, sequence: number): ToldCheck[] {
    const id = this.#index().get(nameOf(key, sequence));
    const entries = id === undefined ? [] : (this.#opened(id)?.entries ?? []);
    return entries
      .toSorted((a, b) => a.first - b.first)
      .map((entry) => ({ ...entry, first: toInstant(entry.first) }));
  }

  /** Takes what isolates have answered; to be called within a transaction. `now`: epoch milliseconds. */
  note(told: readonly GoAhead[], now: number): void {
    for (const one of told) this.#note(one, now);
    if (this.#open.size <= MAX_OPEN) return;
    for (const open of this.#open.values()) if (!open.isWritten) this.#write(open, now);
    this.#open.clear();
  }

  /** What was noted last could not be kept: what is kept holds. */
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

  /** The next row of the ring. The one that stood there is forgotten. */
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
