/**
 * Makes the judge's memory durable. Every judgement's input is a row of the journal before anything of the judgement is seen outside. The
 * memory is a cache of snapshot and journal, rebuilt by judging again. Whatever was once published comes from the stored transitions and
 * never from the replay. So a new version of the judge can change its conclusions but not the past: no sequence is ever used again.
 */
import type { EvidenceEvent } from "../domain/evidence.ts";
import { shownMute } from "../domain/mute.ts";
import { keyOf } from "../domain/name.ts";
import { shownOverride } from "../domain/shown-override.ts";
import type { History, Transition } from "../domain/verdict.ts";
import { judged } from "../replay/judged.ts";
import type { Judgement } from "../verdict/judge.ts";
import { republished } from "../verdict/standing/publishing.ts";
import { dumpState, loadState } from "../verdict/memory/target-state.ts";
import { emptyState, NEVER, type Published, type ShardState } from "../verdict/memory/judge-state.ts";
import { sceneOf } from "./scene.ts";
import { toldOf } from "./told.ts";
import type { Dispatcher } from "../webhooks/delivery/dispatcher.ts";
import type { MuteTable } from "./store/mute-table.ts";
import {
  type JournalBase,
  BASE_AFTER,
  JOURNAL_ROWS,
  TRANSITION_ROWS,
  toldTransition,
  type Beside,
  type Journal,
} from "./store/journal.ts";
import type { KeptTransition } from "../webhooks/kept-transition.ts";

/**
 * A snapshot is due after this many judgements, since each of them has to be judged again at a restart. A snapshot is forced long before
 * the ring wraps around.
 */
const SNAPSHOT_AFTER = 64;
const SNAPSHOT_AT_THE_LATEST = JOURNAL_ROWS / 2;

export interface LedgerPosition {
  journal: number;
  batch: number;
  /** The batch that holds each target's newest transition. */
  heads: [string, number][];
}

/** The two parts of a snapshot's text. */
export const snapshotIn = (text: string): { position: LedgerPosition; state: string } => {
  const end = text.indexOf("\n");
  return { position: JSON.parse(text.slice(0, end)) as LedgerPosition, state: text.slice(end + 1) };
};

export class Ledger {
  readonly #storage: DurableObjectStorage;
  readonly #journal: Journal;
  readonly #dispatcher: Dispatcher;
  readonly #mutes: MuteTable;
  #state: ShardState = emptyState();
  #heads = new Map<string, number>();
  #lastEntry = 0;
  #lastBatch = 0;
  #snapshotEntry = 0;
  #snapshotAt = 0;
  #baseEntry = 0;
  /** When a trouble has lasted for long enough to notify people of it; Infinity for none. */
  #tellAt = Infinity;

  constructor(storage: DurableObjectStorage, journal: Journal, dispatcher: Dispatcher, mutes: MuteTable) {
    this.#storage = storage;
    this.#journal = journal;
    this.#dispatcher = dispatcher;
    this.#mutes = mutes;
    this.#recover();
  }

  get state(): ShardState {
    return this.#state;
  }

  /** When something falls due by time alone; NEVER for nothing. */
  get nextAt(): number {
    return Math.min(...[...this.#state.targets.values()].map(({ nextAt }) => nextAt), this.#tellAt, NEVER);
  }

  /** The newest entry of the journal; 0 before the first. */
  get lastEntry(): number {
    return this.#lastEntry;
  }

  /** The newest batch of transitions; 0 before the first. */
  get lastBatch(): number {
    return this.#lastBatch;
  }

  /** After which entry the newest snapshot was made, and when; both 0 before the first. */
  get newestSnapshot(): JournalBase {
    return { id: this.#snapshotEntry, at: this.#snapshotAt };
  }

  /** Judges `events` and keeps the input, the transitions and the messages about them in one transaction. Nothing changes if that fails. */
  apply(events: EvidenceEvent[], now: number): Judgement {
    const judgement = judged(this.#state, events, now);
    const entry = this.#lastEntry + 1;
    const batch = this.#lastBatch + 1;
    const previousOf = this.#previous();
    const told = judgement.changes.map((change) =>
      toldOf(
        change,
        this.#state,
        judgement.state,
        now,
        () => previousOf(keyOf(change.site, change.target))?.isOfFall === true,
      ),
    );
    const kept = judgement.changes.map(({ site, target, transition }, index): KeptTransition => {
      const key = keyOf(site, target);
      const drill = told[index]?.drill ?? null;
      const previous = this.#heads.get(key) ?? null;
      const mute = this.#mutes.of(key, now);
      const override = shownOverride(judgement.state.targets.get(key)?.override ?? null, now);
      return {
        key,
        previous,
        entry,
        transition,
        ...(drill === null ? {} : { drill }),
        ...(override === null ? {} : { override }),
        ...(mute === null ? {} : { muted: shownMute(mute) }),
        ...(told[index]?.isOfFall === true ? { isOfFall: true } : {}),
      };
    });
    const posted = this.#dispatcher.prepare(batch, told, kept, now);
    const causes = this.#dispatcher.prepareCauses(
      entry,
      () => sceneOf(judgement.state, now, (key) => this.#mutes.of(key, now) !== null),
      now,
    );
    this.#storage.transactionSync(() => {
      this.#journal.append({ id: entry, at: now, events });
      if (kept.length > 0) this.#journal.appendTransitions(batch, kept);
      this.#dispatcher.store(posted);
      this.#dispatcher.storeCauses(causes);
    });
    this.#dispatcher.take(posted, now);
    this.#dispatcher.takeCauses(causes, now);
    this.#tellAt = now + causes.waitMs;
    this.#lastEntry = entry;
    if (kept.length > 0) this.#lastBatch = batch;
    for (const { key } of kept) this.#heads.set(key, batch);
    this.#state = judgement.state;
    if (entry - this.#snapshotEntry >= SNAPSHOT_AT_THE_LATEST) this.#snapshot();
    return judgement;
  }

  /** Saves a snapshot if enough has happened since the last one. The alarm calls this, not a report. */
  compact(): void {
    if (this.#lastEntry - this.#snapshotEntry >= SNAPSHOT_AFTER) this.#snapshot();
  }

  /** A page of one target's transitions, newest first. `cursor` is a page's `next`. */
  history(key: string, cursor: number | null, limit: number, beside: Beside): History {
    const transitions: History["transitions"] = [];
    let batch = cursor ?? this.#heads.get(key) ?? null;
    while (batch !== null && transitions.length < limit) {
      const kept = this.#journal.transitionsOf(batch)?.find((one) => one.key === key);
      if (kept === undefined) return { transitions, next: null };
      transitions.push(toldTransition(kept, beside));
      batch = kept.previous;
    }
    return { transitions, next: batch === null ? null : String(batch) };
  }

  /** Finds a target's newest transition and reads each batch once, because all targets of a site may come back together. */
  #previous(): (key: string) => KeptTransition | undefined {
    const read = new Map<number, Map<string, KeptTransition>>();
    return (key) => {
      const batch = this.#heads.get(key);
      if (batch === undefined) return undefined;
      const kept =
        read.get(batch) ?? new Map((this.#journal.transitionsOf(batch) ?? []).map((one) => [one.key, one]));
      read.set(batch, kept);
      return kept.get(key);
    };
  }

  #snapshot(): void {
    // The history of a removed target stays for as long as its transitions do.
    for (const [key, batch] of this.#heads)
      if (batch <= this.#lastBatch - TRANSITION_ROWS && !this.#state.targets.has(key))
        this.#heads.delete(key);
    const position: LedgerPosition = {
      journal: this.#lastEntry,
      batch: this.#lastBatch,
      heads: [...this.#heads],
    };
    const text = `${JSON.stringify(position)}\n${dumpState(this.#state)}`;
    const isBase = this.#lastEntry - this.#baseEntry >= BASE_AFTER;
    this.#storage.transactionSync(() => {
      this.#journal.saveSnapshot(text);
      if (isBase) this.#journal.saveBase(this.#lastEntry, this.#state.judgedAt, text);
    });
    this.#snapshotEntry = this.#lastEntry;
    this.#snapshotAt = this.#state.judgedAt;
    if (isBase) this.#baseEntry = this.#lastEntry;
  }

  #recover(): void {
    this.#baseEntry = this.#journal.bases().at(-1)?.id ?? 0;
    const text = this.#journal.loadSnapshot();
    if (text !== null) {
      const { position, state } = snapshotIn(text);
      this.#state = loadState(state);
      this.#snapshotAt = this.#state.judgedAt;
      this.#heads = new Map(position.heads);
      [this.#lastEntry, this.#snapshotEntry, this.#lastBatch] = [
        position.journal,
        position.journal,
        position.batch,
      ];
    }
    const published = new Map<string, Published>();
    for (const [key, target] of this.#state.targets) published.set(key, target.published);
    this.#replay();
    this.#restorePublished(published);
  }

  #replay(): void {
    for (const { id, at, events } of this.#journal.after(this.#lastEntry)) {
      this.#state = judged(this.#state, events, at).state;
      this.#lastEntry = id;
    }
  }

  /** Restores what was published by the snapshot or by a later transition, whatever the replay says. */
  #restorePublished(before: Map<string, Published>): void {
    const said = new Map<string, Transition>();
    for (const { id, kept } of this.#journal.transitionsAfter(this.#lastBatch)) {
      for (const { key, transition } of kept) {
        said.set(key, transition);
        this.#heads.set(key, id);
      }
      this.#lastBatch = id;
    }
    const targets = new Map(this.#state.targets);
    for (const [key, target] of targets) {
      const transition = said.get(key);
      const published =
        transition === undefined ? before.get(key) : republished(target.published, transition);
      if (published !== undefined && published.sequence !== target.published.sequence)
        targets.set(key, { ...target, published });
    }
    this.#state = { ...this.#state, targets };
  }
}
