/** Never used while tuning: everyday runs begin at seed 1. */
export const PUBLISHED_FIRST_SEED = 1_000_001;

/** How many seeds each part of the claims takes. */
export interface Effort {
  /** Of each fault whose p99 is claimed. */
  timed: number;
  /** For each class that is to be distinguished. */
  classes: number;
  /** Of each share of gray: when the first answer amiss comes is mostly luck, so a median takes many. */
  gray: number;
  /** Of each scenario in which nothing is dead or crashed. */
  deceptive: number;
  /** Of crash and death in each world that is not what the judge takes it for. */
  worlds: number;
  calm: number;
  /** Worlds of ten days watched in which nothing is wrong: 6.7 target-months each. */
  months: number;
}

export type EffortName = "short" | "claims" | "full";

export const EFFORTS: Record<EffortName, Effort> = {
  short: { timed: 10, classes: 3, gray: 3, deceptive: 3, worlds: 3, calm: 5, months: 1 },
  claims: { timed: 200, classes: 40, gray: 100, deceptive: 15, worlds: 50, calm: 80, months: 45 },
  full: {
    timed: 1_000,
    classes: 1_000,
    gray: 1_000,
    deceptive: 1_000,
    worlds: 300,
    calm: 1_000,
    months: 90,
  },
};
