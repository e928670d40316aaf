import type { EvidenceEvent } from "../../domain/evidence.ts";
import { partsOf } from "../../domain/parts.ts";
import type { ToldCheck } from "../../domain/go-ahead.ts";
import type { ToldTransition } from "../../domain/verdict.ts";
import type { KeptBatches, KeptTransition } from "../../webhooks/kept-transition.ts";
import { Overflow } from "./overflow.ts";
import { Ring } from "./ring.ts";

/** One judgement's input. */
export interface JournalEntry {
  id: number;
  at: number;
  events: EvidenceEvent[];
}

/** A snapshot made after the entry `id`; `at`: when, in epoch milliseconds. */
export interface JournalBase {
  id: number;
  at: number;
}

/** What other tables keep about a transition: what was behind it, and what followed from it. */
export interface Beside {
  /** The token that started a drill, while drills are kept. */
  starterOf: (drill: string) => string | undefined;
  /** Which checks gave automation a go-ahead. */
  toldOf: (key: string, sequence: number) => ToldCheck[];
}

/** The transition as history shows it. */
export const toldTransition = (
  { key, transition, drill, override }: KeptTransition,
  { starterOf, toldOf }: Beside,
): ToldTransition => ({
  ...transition,
  drill: drill?.id ?? null,
  override: override ?? null,
  by: override?.by ?? (drill && starterOf(drill.id)) ?? null,
  told: toldOf(key, transition.sequence),
});

/** How many judgements are kept for replay and as stored evidence: at 1.4 reports a second about 45 minutes. */
export const JOURNAL_ROWS = 4_096;
/**
 * How many judgements lie between two snapshots from which later judgements can be judged again, so that most of the journal can be
 * replayed.
 */
export const BASE_AFTER = JOURNAL_ROWS / 8;
/** How many of these snapshots a journal may hold, and the one before it. */
const BASES = JOURNAL_ROWS / BASE_AFTER + 2;
/** How many batches of transitions are kept: the history's retention. */
export const TRANSITION_ROWS = 65_536;

/** Transitions that were kept before rules had names have rule null. */
const keptIn = (body: string): KeptTransition[] =>
  (JSON.parse(body) as KeptTransition[]).map((kept) => ({
    ...kept,
    transition: { ...kept.transition, rule: kept.transition.rule ?? null },
  }));

/**
 * The judge's input and its decisions. One judgement is one row, and its transitions together are another: all targets failing at once cost
 * no more rows than one target.
 */
export class Journal implements KeptBatches {
  readonly #sql: SqlStorage;
  readonly #moreEvents: Overflow;
  readonly #moreTransitions: Overflow;
  readonly #entries: Ring;
  readonly #batches: Ring;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#moreEvents = new Overflow(sql, "journal");
    this.#moreTransitions = new Overflow(sql, "transitions");
    this.#entries = new Ring(sql, "journal", JOURNAL_ROWS);
    this.#batches = new Ring(sql, "transitions", TRANSITION_ROWS);
  }

  append(entry: JournalEntry): void {
    this.#sql.exec(
      `INSERT INTO journal (slot, id, at, events) VALUES (?, ?, ?, ?)
       ON CONFLICT (slot) DO UPDATE SET id = excluded.id, at = excluded.at, events = excluded.events`,
      entry.id % JOURNAL_ROWS,
      entry.id,
      entry.at,
      this.#moreEvents.put(entry.id, JSON.stringify(entry.events), entry.id - JOURNAL_ROWS),
    );
  }

  /** Entries after `id` that are still kept, oldest first. */
  *after(id: number): Generator<JournalEntry> {
    for (const { events, ...entry } of this.textsAfter(id))
      yield { ...entry, events: JSON.parse(events) as EvidenceEvent[] };
  }

  /** The same with each entry's events as unparsed JSON; only entries that came at `since` (epoch milliseconds) or later. */
  *textsAfter(id: number, since = -Infinity): Generator<Omit<JournalEntry, "events"> & { events: string }> {
    const rows = this.#entries.after<{ id: number; at: number; events: string }>(
      id,
      "id, at, events",
      "at >= ?",
      since,
    );
    for (const row of rows) yield { ...row, events: this.#moreEvents.whole(row.id, row.events) };
  }

  /** The oldest entry that is kept; null before the first. */
  oldest(): { id: number; at: number } | null {
    const id = this.#entries.kept()?.oldest;
    return id === undefined ? null : this.entry(id);
  }

  /** An entry without its events, or null where it is not kept. */
  entry(id: number): { id: number; at: number } | null {
    const [row] = this.#sql
      .exec<{ id: number; at: number }>("SELECT id, at FROM journal WHERE slot = ?", id % JOURNAL_ROWS)
      .toArray();
    return row?.id === id ? row : null;
  }

  appendTransitions(id: number, kept: KeptTransition[]): void {
    this.#sql.exec(
      `INSERT INTO transitions (slot, id, body) VALUES (?, ?, ?)
       ON CONFLICT (slot) DO UPDATE SET id = excluded.id, body = excluded.body`,
      id % TRANSITION_ROWS,
      id,
      this.#moreTransitions.put(id, JSON.stringify(kept), id - TRANSITION_ROWS),
    );
  }

  /** One batch, or null where it is not kept any more. */
  transitionsOf(id: number): KeptTransition[] | null {
    const row = this.#sql
      .exec<{ id: number; body: string }>(
        "SELECT id, body FROM transitions WHERE slot = ?",
        id % TRANSITION_ROWS,
      )
      .toArray()[0];
    return row?.id === id ? keptIn(this.#moreTransitions.whole(id, row.body)) : null;
  }

  *transitionsAfter(id: number): Generator<{ id: number; kept: KeptTransition[] }> {
    for (const row of this.#batches.after<{ id: number; body: string }>(id, "id, body"))
      yield { id: row.id, kept: keptIn(this.#moreTransitions.whole(row.id, row.body)) };
  }

  /** Keeps a snapshot made after entry `id`, beside the newest snapshot: from it on, entries can be judged again. */
  saveBase(id: number, at: number, text: string): void {
    const slot = Math.floor(id / BASE_AFTER) % BASES;
    const parts = partsOf(text);
    for (const [part, body] of parts.entries())
      this.#sql.exec("INSERT OR REPLACE INTO bases VALUES (?, ?, ?, ?, ?)", slot, part, id, at, body);
    this.#sql.exec("DELETE FROM bases WHERE slot = ? AND part >= ?", slot, parts.length);
  }

  /** The snapshots kept by saveBase, oldest first. */
  bases(): JournalBase[] {
    return this.#sql
      .exec<{ id: number; at: number }>("SELECT id, at FROM bases WHERE part = 0 ORDER BY id")
      .toArray();
  }

  /** The text of one of these snapshots. */
  base(id: number): string {
    const parts = this.#sql
      .exec<{ body: string }>("SELECT body FROM bases WHERE id = ? ORDER BY part", id)
      .toArray();
    return parts.map(({ body }) => body).join("");
  }

  saveSnapshot(text: string): void {
    const parts = partsOf(text);
    for (const [part, body] of parts.entries())
      this.#sql.exec(
        "INSERT INTO snapshot (part, body) VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET body = excluded.body",
        part,
        body,
      );
    this.#sql.exec("DELETE FROM snapshot WHERE part >= ?", parts.length);
  }

  /** The newest snapshot's text, or null before the first. */
  loadSnapshot(): string | null {
    const parts = this.#sql.exec<{ body: string }>("SELECT body FROM snapshot ORDER BY part").toArray();
    return parts.length === 0 ? null : parts.map(({ body }) => body).join("");
  }
}
