import { type Effort, EFFORTS } from "../claims/effort.ts";

/** How many seeds each part of the report takes. */
export interface ReportEffort {
  claims: Effort;
  /** Of every scenario, for every detector. */
  scenarios: number;
  /** Of each of the picture's scenarios: the death that is timed, and those that deceive. */
  timed: number;
  deceptive: number;
  /** Of each of the twelve kinds. */
  kinds: number;
}

/** Enough to be read, what is published, and what stands behind a release. */
export type Mode = "short" | "usual" | "full";

export const REPORT_EFFORTS: Record<Mode, ReportEffort> = {
  short: { claims: EFFORTS.short, scenarios: 4, timed: 8, deceptive: 1, kinds: 10 },
  usual: {
    claims: { timed: 40, classes: 12, gray: 20, deceptive: 6, worlds: 12, calm: 24, months: 45 },
    scenarios: 12,
    timed: 16,
    deceptive: 3,
    kinds: 100,
  },
  full: { claims: EFFORTS.full, scenarios: 1_000, timed: 1_000, deceptive: 200, kinds: 1_000 },
};
