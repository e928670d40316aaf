import { shareBounds } from "../statistics.ts";
import { DEFAULT_LAYOUT } from "../layout.ts";
import { FORCED_MAX } from "./run-sample.ts";
import { QUORUM } from "./run-of-looks.ts";

interface Looks {
  tried: number;
  lost: number;
}

/** What came of watching. */
export interface Watch {
  worlds: number;
  targetMonths: number;
  /** Spans of danger in which the whole detector ran, and those in which it confirmed what was not so. */
  windows: number;
  fooled: { seed: number; at: number }[];
  /** Runs of five looks at a site, by how many of them bad weather can touch. */
  runs: number[];
  /** Of these, by the same number: where the five looks were lost by force, and where that was believed. */
  forced: number[];
  believed: number[];
  /** Looks drawn in good weather and where bad weather can touch them. */
  good: Looks;
  bad: Looks;
}

const zeros = (): number[] => Array.from({ length: QUORUM + 1 }, () => 0);

export const emptyWatch = (): Watch => ({
  worlds: 0,
  targetMonths: 0,
  windows: 0,
  fooled: [],
  runs: zeros(),
  forced: zeros(),
  believed: zeros(),
  good: { tried: 0, lost: 0 },
  bad: { tried: 0, lost: 0 },
});

/** Several watches as one. */
export const mergeWatches = (watches: readonly Watch[]): Watch => {
  const whole = emptyWatch();
  for (const one of watches) {
    for (const name of ["worlds", "targetMonths", "windows"] as const) whole[name] += one[name];
    for (const name of ["runs", "forced", "believed"] as const)
      one[name].forEach((count, touched) => (whole[name][touched] = (whole[name][touched] ?? 0) + count));
    for (const name of ["good", "bad"] as const) {
      whole[name].tried += one[name].tried;
      whole[name].lost += one[name].lost;
    }
    whole.fooled.push(...one.fooled);
  }
  return whole;
};

/** Runs of five lost looks at one target to be expected outside the spans of danger, by how many bad weather can touch. */
const expectedLosses = ({ runs, good, bad }: Watch): number[] =>
  runs.map((count, touched) =>
    touched > FORCED_MAX
      ? 0
      : count *
        DEFAULT_LAYOUT.targetsPerSite *
        (bad.lost / bad.tried) ** touched *
        (good.lost / good.tried) ** (QUORUM - touched),
  );

/** Wrong confirmations to be expected where the detector did not run, and the upper end of their 95 % bounds. */
export const expectedFooled = (watch: Watch): { losses: number; expected: number; most: number } => {
  const all = { losses: 0, expected: 0, most: 0 };
  for (const [touched, losses] of expectedLosses(watch).entries()) {
    const tried = watch.forced[touched] ?? 0;
    const believed = watch.believed[touched] ?? 0;
    all.losses += losses;
    all.expected += tried === 0 ? losses : (losses * believed) / tried;
    all.most += losses * shareBounds(believed, tried)[1];
  }
  return all;
};
