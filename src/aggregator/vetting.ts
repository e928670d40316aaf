/**
 * What of a vantage's reports is kept: what it was asked for, and no more of it than it can have seen. Vantages run on other people's
 * machines, and whoever has one's token may send anything; what is not kept here costs no row and is never seen by the judge.
 */
import { weightOf } from "../domain/capacity.ts";
import { keyOf } from "../domain/name.ts";
import type { Report } from "../domain/report.ts";
import { Allowances } from "./allowances.ts";
import { assignmentFor, type AssignmentSource } from "./assignment.ts";

/** Nothing was reported before this: 2020, epoch milliseconds. */
const FIRST_AT = Date.UTC(2020);
/** No vantage makes reports faster than this, now or ever: it reports once a tick, and once for each burst. */
const REPORT_EVERY_MS = 100;
/** An outbox holds so many reports: what a vantage may tell at once after an outage. */
const OUTBOX_REPORTS = 256;
/** Looks beside the schedule's, a second: bursts for as many targets as one may name, each as often as they follow each other. */
const BURST_LOOKS = 20;
/** A vantage that catches up reports so many times as fast as it looks. */
const CATCHING_UP = 2;
/** Older looks say nothing any more, and the clocks of those that look are set by ours. */
const OLDEST_MS = 86_400_000;
const AHEAD_MS = 60_000;
/** A vantage may work by an older assignment for so long after a change. */
const CHANGING_MS = 60_000;

/** The highest sequence that a vantage can have come to by `now`, epoch milliseconds. */
export const sequenceMax = (now: number): number => Math.floor((now - FIRST_AT) / REPORT_EVERY_MS);

/** What one vantage is asked for. */
export interface AskedLooks {
  /** By key: whether it has a witness. */
  targets: ReadonlyMap<string, boolean>;
  controls: ReadonlySet<string>;
  looksPerSecond: number;
}

export const askedOf = (vantage: string, source: AssignmentSource): AskedLooks => {
  const { controls, targets } = assignmentFor(vantage, source);
  return {
    targets: new Map(
      targets.map(({ site, target, witness }) => [keyOf(site, target), witness !== undefined]),
    ),
    controls: new Set(controls),
    looksPerSecond: targets.reduce(
      (sum, { intervalMs, witness }) =>
        sum + weightOf({ intervalMs, hasWitness: witness !== undefined, paused: false }),
      0,
    ),
  };
};

/** The report with what was asked for, and how many of its observations and controls were not. */
export const vetted = (
  report: Report,
  asked: AskedLooks,
  now: number,
): { report: Report; refused: number } => {
  const isInTime = ({ begin }: { begin: number }): boolean =>
    begin >= now - OLDEST_MS && begin <= now + AHEAD_MS;
  const observations = report.observations.filter((one) => {
    const hasWitness = asked.targets.get(keyOf(one.site, one.target));
    return hasWitness !== undefined && (one.subject === "target" || hasWitness) && isInTime(one);
  });
  const controls = report.controls.filter((one) => asked.controls.has(one.url) && isInTime(one));
  const refused = report.observations.length - observations.length + report.controls.length - controls.length;
  return { report: refused === 0 ? report : { ...report, observations, controls }, refused };
};

/** What a vantage may tell now: all that its outbox holds at once, and then as much as it looks. */
const mostOf = ({ controls, targets }: AskedLooks): number =>
  OUTBOX_REPORTS * (1 + 2 * targets.size + controls.size);
const perSecondOf = ({ controls, looksPerSecond }: AskedLooks): number =>
  BURST_LOOKS + CATCHING_UP * (looksPerSecond + controls.size);
const costOf = ({ controls, observations }: Report): number => 1 + controls.length + observations.length;

/** `taken`: keep this. `refused`: keep nothing of it. `later`: too much at once; it may come again. */
export type Vetted = { kind: "taken"; report: Report } | { kind: "refused" } | { kind: "later" };

/** Vets the reports of all vantages of one shard. What it counts is lost with the object's memory. */
export class Vetting {
  readonly #source: () => AssignmentSource;
  readonly #version: () => number;
  readonly #asked = new Map<string, AskedLooks>();
  readonly #allowances = new Allowances();
  /** What was refused without a report to tell it with. */
  readonly #untold = new Map<string, number>();
  #known = { version: -1, since: 0 };

  /** `version`: of the assignments that `source` gives. */
  constructor(source: () => AssignmentSource, version: () => number) {
    this.#source = source;
    this.#version = version;
  }

  /** `now`: epoch milliseconds. */
  vet(report: Report, now: number): Vetted {
    const version = this.#version();
    if (version !== this.#known.version) {
      this.#known = { version, since: now };
      this.#asked.clear();
    }
    const { vantage } = report;
    const asked = this.#askedOf(vantage);
    if (report.sequence > sequenceMax(now)) {
      this.#note(vantage, costOf(report));
      return { kind: "refused" };
    }
    if (!this.#allows(report, asked, now)) return { kind: "later" };
    const { report: kept, refused } = vetted(report, asked, now);
    const isBlamed = report.version >= version && now >= this.#known.since + CHANGING_MS;
    const all = (isBlamed ? refused : 0) + (this.#untold.get(vantage) ?? 0);
    this.#untold.delete(vantage);
    const { refused: _claimed, ...told } = kept;
    return { kind: "taken", report: all === 0 ? told : { ...told, refused: all } };
  }

  #askedOf(vantage: string): AskedLooks {
    const known = this.#asked.get(vantage);
    if (known !== undefined) return known;
    const asked = askedOf(vantage, this.#source());
    this.#asked.set(vantage, asked);
    return asked;
  }

  #note(vantage: string, count: number): void {
    this.#untold.set(vantage, (this.#untold.get(vantage) ?? 0) + count);
  }

  #allows(report: Report, asked: AskedLooks, now: number): boolean {
    // One that holds more than there may ever be is vetted once the allowance is full: what was asked for of it fits.
    const rate = { most: mostOf(asked), perSecond: perSecondOf(asked) };
    return this.#allowances.take(report.vantage, costOf(report), rate, now);
  }
}
