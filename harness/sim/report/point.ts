import { timesWithLate } from "../claims/claim.ts";
import type { Tally } from "../tally.ts";

/** One detector at one threshold: how fast, and how often wrong. */
export interface Point {
  family: string;
  detector: string;
  /** Until a silent death is called, seconds; null where fewer than that share of deaths ever were. */
  p50: number | null;
  p99: number | null;
  missed: number;
  cases: number;
  /** Healthy targets called down where the network or the observers were in trouble, and for how long they were watched. */
  wrongDowns: number;
  targetHours: number;
  seeds: number;
}

export const pointOf = (family: string, timed: Tally, deceived: readonly Tally[]): Point => {
  const { p50, p99 } = timesWithLate(timed.detectedMs, timed.cases);
  const sum = (of: (tally: Tally) => number): number =>
    deceived.reduce((total, tally) => total + of(tally), 0);
  return {
    family,
    detector: timed.detector,
    p50,
    p99,
    missed: timed.missed,
    cases: timed.cases,
    wrongDowns: sum(({ wrongDowns }) => wrongDowns),
    targetHours: sum(({ targetHours }) => targetHours),
    seeds: sum(({ seeds }) => seeds),
  };
};

/** Wrong downs in an hour of one target's trouble; where there was none, what the rule of three still allows. */
export const rateOf = ({ wrongDowns, targetHours }: Point): number =>
  (wrongDowns === 0 ? 3 : wrongDowns) / targetHours;
