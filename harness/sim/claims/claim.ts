import { timesOf } from "../summary.ts";
import type { Tally } from "../tally.ts";

/** A promise, and what became of it. These five fields are what `--json` prints, no more. */
export interface Claim {
  claim: string;
  bound: string;
  measured: string;
  seeds: number;
  reached: boolean;
}

export const sum = (tallies: readonly Tally[], of: (tally: Tally) => number): number =>
  tallies.reduce((total, tally) => total + of(tally), 0);

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** A share and of how many; of nothing there is none. */
export const ratio = (part: number, of: number): string =>
  of === 0 ? "none of 0" : `${(part / of).toFixed(3)} of ${of}`;

export const shown = (seconds: number | null): string =>
  seconds === null || !Number.isFinite(seconds) ? "none" : `${seconds.toFixed(1)} s`;

/** Times with what never came as later than any bound; `ms` holds what did, of `cases`. */
export const withLate = (ms: readonly number[], cases: number): number[] => [
  ...ms,
  ...Array.from({ length: cases - ms.length }, () => Infinity),
];

/** Their quantiles. */
export const timesWithLate = (ms: readonly number[], cases: number): ReturnType<typeof timesOf> =>
  timesOf(withLate(ms, cases));

/** Times until the right name stood. */
export const namingTimesOf = ({ namedMs, cases }: Tally): ReturnType<typeof timesOf> =>
  timesWithLate(namedMs, cases);
