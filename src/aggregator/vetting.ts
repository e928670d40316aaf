/**
 * Which parts of a vantage's reports are kept: only what the vantage was asked for, and no more than it can have seen. Vantages run on
 * other people's machines, and a thief of a vantage's token may send anything. What is refused here costs no row and never reaches the
 * judge.
 */
import { weightOf } from "../domain/capacity.ts";
import { keyOf } from "../domain/name.ts";
import type { Report } from "../domain/report.ts";
import { Allowances } from "./allowances.ts";
import { assignmentFor, type AssignmentSource } from "./assignment.ts";

/** No report is older than this: 2020, epoch milliseconds. */
const FIRST_AT = Date.UTC(2020);
/** No vantage makes reports faster than this, now or ever: it reports once a tick, and once for each burst. */
const REPORT_EVERY_MS = 100;
/** An outbox holds so many reports: as many as a vantage may send at once after an outage. */
const OUTBOX_REPORTS = 256;
/** Looks a second beside the scheduled ones: bursts for as many targets as one burst may name, as often as bursts may follow each other. */
const BURST_LOOKS = 20;
/** A vantage that catches up reports this many times as fast as it looks. */
const CATCHING_UP = 2;
/** Looks older than this say nothing any more, and the clocks of vantages are set by ours. */
const OLDEST_MS = 86_400_000;
const AHEAD_MS = 60_000;
/** After a change, a vantage may work by an older assignment for this long. */
const CHANGING_MS = 60_000;

/** The highest sequence that a vantage can have reached by `now`, epoch milliseconds. */
export const sequenceMax = (now: number): number => Math.floor((now - FIRST_AT) / REPORT_EVERY_MS);

/** The looks that one vantage is asked for. */
export interface AskedLooks {
  /** By target key: whether the target has a witness. */
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

/** The report with only what was asked for, and how many of its observations and controls were not. */
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

/** What a vantage may send now: all that its outbox holds at once, and after that as much as it looks. */
const mostOf = ({ controls, targets }: AskedLooks): number =>
  OUTBOX_REPORTS * (1 + 2 * targets.size + controls.size);
const perSecondOf = ({ controls, looksPerSecond }: AskedLooks): number =>
  BURST_LOOKS + CATCHING_UP * (looksPerSecond + controls.size);
const costOf = ({ controls, observations }: Report): number => 1 + controls.length + observations.length;

/** `taken`: keep this report. `refused`: keep nothing of it. `later`: the vantage sends too much at once and may send it again. */
export type Vetted = { kind: "taken"; report: Report } | { kind: "refused" } | { kind: "later" };

/** Vets the reports of all vantages of one shard. Its counts are lost with the object's memory. */
export class Vetting {
  readonly #source: () => AssignmentSource;
  readonly #version: () => number;
  readonly #asked = new Map<string, AskedLooks>();
  readonly #allowances = new Allowances();
  /** Refused entries that no report has carried to the judge yet, by vantage. */
  readonly #untold = new Map<string, number>();
  #known = { version: -1, since: 0 };

  /** `version`: the version of the assignments that `source` gives. */
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
    // A report that exceeds the full allowance is vetted once the allowance is full: the part that was asked for fits.
    const rate = { most: mostOf(asked), perSecond: perSecondOf(asked) };
    return this.#allowances.take(report.vantage, costOf(report), rate, now);
  }
}
