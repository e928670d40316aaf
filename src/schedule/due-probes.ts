import { keyOf } from "../domain/name.ts";
import type { Subject } from "../domain/observation.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { AssignedTarget } from "../domain/report.ts";
import { dueAfter, duePoint, pointAt, pointOf, slackMs } from "./grid.ts";
import { FRESH_PACE, type Pace } from "./pace.ts";

/** What a vantage remembers of a target between probes. In memory only: a cache of what probes have shown. */
export interface ScheduledTarget {
  target: AssignedTarget;
  /** The grid point served last; minus infinity before the first. */
  served: number;
  /** Whether its turn has come up in the schedule and still waits in the line for a slot. */
  isInLine: boolean;
  /** The grid point of the newest turn that was counted; minus infinity before the first. */
  counted: number;
  pace: Record<Subject, Pace>;
  /** When the newest probe began. */
  begun: Record<Subject, number>;
  /** What the newest probe that ended has found; undefined before the first. */
  found: Record<Subject, Outcome | undefined>;
}

export interface Due {
  entry: ScheduledTarget;
  /** The grid point this tick serves. */
  point: number;
  /** Since when it is due: a target that had no turn last time goes first. */
  since: number;
}

/** Turns of the schedule. */
export interface Turns {
  /** Turns that have come up. */
  due: number;
  /** Turns that passed: the next one came up before a look was made. */
  missed: number;
}

const NO_TURNS: Turns = { due: 0, missed: 0 };

/** The targets assigned, and which of them are due. */
export class ProbeSchedule {
  #entries = new Map<string, ScheduledTarget>();
  #turns: Turns = NO_TURNS;

  /**
   * Takes a whole assignment. A target that stays keeps its memory, so no due date is put off. A new target, or one with a new URL, is due
   * at once. If `servedUntil` says when a predecessor of this object last ticked, the target's next grid point counts instead: else every
   * waking would probe everything.
   */
  adopt(targets: AssignedTarget[], servedUntil?: number): void {
    const entries = targets.map((target): [string, ScheduledTarget] => {
      const key = keyOf(target.site, target.target);
      return [key, renew(this.#entries.get(key), target) ?? enter(target, servedUntil)];
    });
    this.#entries = new Map(entries);
  }

  find(site: string, target: string): ScheduledTarget | undefined {
    return this.#entries.get(keyOf(site, target));
  }

  /** What a tick at `now` should look at, longest due first. */
  due(now: number): Due[] {
    const due: Due[] = [];
    for (const entry of this.#entries.values()) {
      const point = entry.isInLine ? undefined : duePoint(entry.target, entry.served, now);
      if (point !== undefined) due.push({ entry, point, since: dueAfter(entry.target, entry.served) });
    }
    return due.toSorted((a, b) => (a.since === b.since ? 0 : a.since - b.since));
  }

  /** Counts the turns that have come up by `now`, and those that went by without a look. */
  count(now: number): void {
    for (const entry of this.#entries.values()) this.#count(entry, now);
  }

  #count(entry: ScheduledTarget, now: number): void {
    const { target, served, counted, isInLine } = entry;
    const point = pointOf(target, now);
    const isFirst = counted === -Infinity;
    if (point <= (isFirst ? served : counted)) return;
    // Turns that passed before this object existed count for nothing.
    const passed = isFirst ? 1 : Math.max(1, Math.floor((point - counted) / target.intervalMs));
    const { due, missed } = this.#turns;
    this.#turns = { due: due + passed, missed: missed + (isInLine ? passed : passed - 1) };
    entry.counted = point;
  }

  /** The turns counted since the last call. */
  takeTurns(): Turns {
    const turns = this.#turns;
    this.#turns = NO_TURNS;
    return turns;
  }

  /** The turn of `entry` is taken now. */
  serve(entry: ScheduledTarget, now: number): void {
    this.#count(entry, now);
    entry.isInLine = false;
    entry.served = Math.max(entry.served, pointOf(entry.target, now));
  }

  /** The earliest grid point not yet served, of targets that were served before and do not wait in line; undefined for none. */
  dueAt(): number | undefined {
    let earliest = Infinity;
    for (const { target, served, isInLine } of this.#entries.values())
      if (served !== -Infinity && !isInLine) earliest = Math.min(earliest, dueAfter(target, served));
    return earliest === Infinity ? undefined : earliest;
  }

  /** When the next tick should run, `now` at the earliest; undefined if there is nothing to look at. */
  nextTickAt(now: number): number | undefined {
    if (this.#entries.size === 0) return undefined;
    let next = Infinity;
    // A target that waits in line already gains nothing from a tick before its next turn.
    for (const { target, served, isInLine } of this.#entries.values())
      next = Math.min(next, dueAfter(target, isInLine ? now : served));
    return Math.max(now, next);
  }

  /** The clock was set forward by `shiftMs`. Without this, a clock set back by an hour would put all targets off for an hour. */
  retime(shiftMs: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.served !== -Infinity) entry.served = pointAt(entry.target, entry.served + shiftMs);
      if (entry.counted !== -Infinity) entry.counted = pointAt(entry.target, entry.counted + shiftMs);
      entry.begun.target += shiftMs;
      entry.begun.witness += shiftMs;
    }
  }

  /** Whether this entry is still the one known for its target. */
  holds(entry: ScheduledTarget): boolean {
    return this.find(entry.target.site, entry.target.target) === entry;
  }

  shortestIntervalMs(): number {
    let shortest = Infinity;
    for (const { target } of this.#entries.values()) shortest = Math.min(shortest, target.intervalMs);
    return shortest;
  }
}

const enter = (target: AssignedTarget, servedUntil: number | undefined): ScheduledTarget => ({
  target,
  served: servedUntil === undefined ? -Infinity : pointAt(target, servedUntil + slackMs(target.intervalMs)),
  isInLine: false,
  counted: -Infinity,
  pace: { target: FRESH_PACE, witness: FRESH_PACE },
  begun: { target: -Infinity, witness: -Infinity },
  found: { target: undefined, witness: undefined },
});

const renew = (known: ScheduledTarget | undefined, target: AssignedTarget): ScheduledTarget | undefined => {
  if (known === undefined || known.target.url !== target.url) return undefined;
  if (known.target.witness !== target.witness) known.pace.witness = FRESH_PACE;
  // The turns of another grid are not comparable.
  if (known.target.intervalMs !== target.intervalMs) known.counted = -Infinity;
  known.target = target;
  return known;
};
