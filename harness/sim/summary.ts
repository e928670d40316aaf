import { ORACLE } from "./rivals/oracle.ts";
import type { Tally } from "./tally.ts";
import { quantile, quantileBounds, shareBounds } from "./statistics.ts";

/** A tally as numbers for readers; times in seconds, null if there is no value. */
export interface Summary {
  scenario: string;
  detector: string;
  /** What to add to the command line to have the same world again. */
  flags: string;
  seeds: number;
  cases: number;
  detectedSeconds: Times;
  /** Null where there was no oracle in the same worlds, or this is the oracle. */
  oracle: BesideOracle | null;
  namedSeconds: Times;
  recoveredSeconds: Times;
  missed: Share;
  /** Of target-hours watched, not a share of anything. */
  wrongDowns: number;
  wrongDead: number;
  runsWrongDead: Share;
  wrongLabels: number;
  flipsPerCase: number | null;
  confusion: Tally["confusion"];
  /** Share of cases and bystanders that an expected label stood for at the end. */
  accuracy: Share;
  brier: number | null;
  reliability: { count: number; confidence: number; right: number }[];
  probesPerTargetHour: number;
  targetHours: number;
  cpuMicrosPerObservation: number | null;
}

/** When the earliest possible packet that differs for the fault had arrived, and how many times longer the detector took. */
export interface BesideOracle {
  p50: number | null;
  p99: number | null;
  ratioP50: number | null;
  ratioP99: number | null;
}

interface Times {
  count: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** 95 % bounds; null above: the sample is too small for one. */
  p99Bounds: [number | null, number | null];
  max: number | null;
}

interface Share {
  hits: number;
  of: number;
  /** 95 % bounds; of none at most 3 in N. */
  bounds: [number, number];
}

const seconds = (ms: number): number | null => (Number.isFinite(ms) ? Math.round(ms) / 1_000 : null);

export const timesOf = (ms: readonly number[]): Times => {
  const [low, high] = quantileBounds(ms, 0.99);
  return {
    count: ms.length,
    p50: seconds(quantile(ms, 0.5)),
    p95: seconds(quantile(ms, 0.95)),
    p99: seconds(quantile(ms, 0.99)),
    p99Bounds: [seconds(low), seconds(high)],
    max: seconds(quantile(ms, 1)),
  };
};

export const shareOf = (hits: number, of: number): Share => ({ hits, of, bounds: shareBounds(hits, of) });

/** How often what stood was right, by the rows of a confusion matrix. */
export const accuracyOf = (confusion: Tally["confusion"], classes = Object.keys(confusion)): Share => {
  let right = 0;
  let all = 0;
  for (const truth of classes)
    for (const [said, count] of Object.entries(confusion[truth] ?? {})) {
      all += count;
      if (said === truth) right += count;
    }
  return shareOf(right, all);
};

/** Calls are timed to the millisecond: a bound of nothing makes no ratio. */
const timesLonger = (own: number | null, bound: number | null): number | null =>
  own === null || bound === null || bound === 0 ? null : own / bound;

/** The bound's times, and what a detector's come to as multiples of them. */
export const besideOracle = (
  own: { p50: number | null; p99: number | null },
  bound: { p50: number | null; p99: number | null },
): BesideOracle => ({
  p50: bound.p50,
  p99: bound.p99,
  ratioP50: timesLonger(own.p50, bound.p50),
  ratioP99: timesLonger(own.p99, bound.p99),
});

/** The oracle's tally of the same worlds; undefined where it did not look, and for the oracle itself. */
export const oracleBeside = (
  tallies: readonly Tally[],
  { scenario, detector, flags }: Tally,
): Tally | undefined =>
  detector === ORACLE
    ? undefined
    : tallies.find(
        (one) => one.detector === ORACLE && one.scenario === scenario && one.flags === flags && one.cases > 0,
      );

const ratio = (sum: number, count: number): number | null => (count === 0 ? null : sum / count);

export const summaryOf = (tally: Tally, oracle?: Tally): Summary => ({
  scenario: tally.scenario,
  detector: tally.detector,
  flags: tally.flags,
  seeds: tally.seeds,
  cases: tally.cases,
  detectedSeconds: timesOf(tally.detectedMs),
  oracle: oracle === undefined ? null : besideOracle(timesOf(tally.detectedMs), timesOf(oracle.detectedMs)),
  namedSeconds: timesOf(tally.namedMs),
  recoveredSeconds: timesOf(tally.recoveredMs),
  missed: shareOf(tally.missed, tally.cases),
  wrongDowns: tally.wrongDowns,
  wrongDead: tally.wrongDead,
  runsWrongDead: shareOf(tally.runsWrongDead, tally.seeds),
  wrongLabels: tally.wrongLabels,
  flipsPerCase: ratio(tally.flips, tally.cases),
  confusion: tally.confusion,
  accuracy: accuracyOf(tally.confusion),
  brier: ratio(tally.brierSum, tally.beliefs),
  reliability: tally.bins.map(({ count, confidence, right }) => ({
    count,
    confidence: ratio(confidence, count) ?? 0,
    right: ratio(right, count) ?? 0,
  })),
  probesPerTargetHour: tally.probes / tally.targetHours,
  targetHours: tally.targetHours,
  cpuMicrosPerObservation: ratio(1_000 * tally.cpuMs, tally.observations),
});

/** Each tally, with the oracle beside it where that looked at the same worlds. */
export const summariesOf = (tallies: readonly Tally[]): Summary[] =>
  tallies.map((tally) => summaryOf(tally, oracleBeside(tallies, tally)));
