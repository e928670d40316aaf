/** Judges a record again: the same judge, the same events, and the same instants. */
import type { VerdictAnswer } from "../domain/verdict.ts";
import { answerOf } from "../verdict/verdict-answer.ts";
import type { Change, ShardState } from "../verdict/memory/judge-state.ts";
import { loadState } from "../verdict/memory/target-state.ts";
import { TUNING } from "../verdict/tuning.ts";
import { judged } from "./judged.ts";
import type { RecordEntry, Recorded } from "./recorded.ts";
import { amendments, changed, isAsItWas, type WhatIf } from "./what-if.ts";

export type { Change } from "../verdict/memory/judge-state.ts";

/** One judgement made again; `at` in epoch milliseconds. */
export interface Rejudged extends RecordEntry {
  state: ShardState;
  changes: Change[];
}

/** The answer about `site/target` at an instant according to this memory; undefined if there is no such target. */
export const answerIn = (state: ShardState, key: string, at: number): VerdictAnswer | undefined =>
  answerOf(state, key, at, TUNING)?.answer;

/** Ids of all vantages that existed at any time of the record. */
export const vantagesIn = ({ snapshot, entries }: Recorded): Set<string> => {
  const events = entries.flatMap((entry) => entry.events);
  const told = events.flatMap((event) => (event.kind === "roster" ? event.vantages : []));
  return new Set([...loadState(snapshot).vantages.keys(), ...told.map(({ id }) => id)]);
};

/** Nothing changed. */
const AS_IT_WAS: WhatIf = { without: [], policy: {} };

const nextAtOf = ({ targets }: ShardState): number => {
  let next = Infinity;
  for (const { nextAt } of targets.values()) next = Math.min(next, nextAt);
  return next;
};

/** The judgements of one record in their order; keeps the memory between them. */
class Court {
  state: ShardState;

  constructor(state: ShardState) {
    this.state = state;
  }

  judge({ at, events }: RecordEntry): Rejudged {
    const { state, changes } = judged(this.state, events, at);
    this.state = state;
    return { at, events, state, changes };
  }

  /**
   * Judges what falls due by time alone before `until`. A record holds such judgements as they were; a changed course wakes at other times.
   */
  *wake(until: number): Generator<Rejudged> {
    for (let at = nextAtOf(this.state); at < until; at = Math.max(at + 1, nextAtOf(this.state)))
      yield this.judge({ at, events: [] });
  }
}

/** The judgements of a record made again one by one: as they were, or as they would have been under `whatIf`. */
export function* rejudge({ snapshot, entries }: Recorded, whatIf = AS_IT_WAS): Generator<Rejudged> {
  const court = new Court(loadState(snapshot));
  if (isAsItWas(whatIf)) {
    for (const entry of entries) yield court.judge(entry);
    return;
  }
  const { judgedAt } = court.state;
  yield court.judge({ at: judgedAt || (entries[0]?.at ?? 0), events: amendments(court.state, whatIf) });
  for (const { at, events } of entries) {
    yield* court.wake(at);
    yield court.judge({ at, events: changed(events, whatIf) });
  }
}

/** The memory is kept after every so many judgements; any other memory is rebuilt from the kept one before it. */
const KEPT_EVERY = 32;

/** Judgements made without a pause: some 20 ms. */
const JUDGED_AT_ONCE = 64;

/** A record that can be read as of any of its instants. */
export class Replay {
  /** All transitions, in their order. */
  readonly changes: Change[] = [];
  readonly #steps: RecordEntry[] = [];
  /** The memory after each KEPT_EVERY-th step. */
  readonly #kept: ShardState[] = [];
  readonly #before: ShardState;
  #last: { index: number; state: ShardState } | null = null;

  private constructor(recorded: Recorded) {
    this.#before = loadState(recorded.snapshot);
  }

  /** Judges all of it once. */
  static of(recorded: Recorded, whatIf: WhatIf = AS_IT_WAS): Replay {
    const replay = new Replay(recorded);
    for (const judgement of rejudge(recorded, whatIf)) replay.#take(judgement);
    return replay;
  }

  /** The same, with a pause after every few judgements, since a browser freezes meanwhile. */
  static async gradually(recorded: Recorded, whatIf: WhatIf, pause: () => Promise<void>): Promise<Replay> {
    const replay = new Replay(recorded);
    for (const judgement of rejudge(recorded, whatIf)) {
      replay.#take(judgement);
      // oxlint-disable-next-line no-await-in-loop -- that is what it is for
      if (replay.#steps.length % JUDGED_AT_ONCE === 0) await pause();
    }
    return replay;
  }

  #take({ at, events, state, changes }: Rejudged): void {
    if (this.#steps.length % KEPT_EVERY === 0) this.#kept.push(state);
    this.#steps.push({ at, events });
    this.changes.push(...changes);
  }

  /** The first judgement: answers exist from here on; epoch milliseconds. NaN if there is none. */
  get from(): number {
    return this.#steps[0]?.at ?? NaN;
  }

  /** The newest judgement. */
  get until(): number {
    return this.#steps.at(-1)?.at ?? NaN;
  }

  /** The judge's memory at an instant. */
  stateAt(at: number): ShardState {
    const index = this.#indexAt(at);
    if (index < 0) return this.#before;
    if (this.#last?.index === index) return this.#last.state;
    const first = index - (index % KEPT_EVERY);
    const near =
      this.#last !== null && this.#last.index > first && this.#last.index < index ? this.#last : null;
    let state = near?.state ?? this.#kept[first / KEPT_EVERY] ?? this.#before;
    for (const step of this.#steps.slice((near?.index ?? first) + 1, index + 1))
      ({ state } = judged(state, step.events, step.at));
    this.#last = { index, state };
    return state;
  }

  /** The answers about all targets at an instant, in the order in which the targets were made. */
  answersAt(at: number): VerdictAnswer[] {
    const state = this.stateAt(at);
    return [...state.targets.keys()].flatMap((key) => answerIn(state, key, at) ?? []);
  }

  /** The last step at or before an instant; -1 before the first. */
  #indexAt(at: number): number {
    return this.#steps.findLastIndex((step) => step.at <= at);
  }
}
