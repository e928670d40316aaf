import { type Effort, EFFORTS } from "../claims/effort.ts";

/** How many seeds each part of the report takes. */
export interface ReportEffort {
  claims: Effort;
  /** Of every scenario, for every detector. */
  scenarios: number;
  /** Of each of the picture's scenarios: the death that is timed, and those that deceive. */
  timed: number;
  deceptive: number;
}

export const REPORT_EFFORTS: Record<"usual" | "full", ReportEffort> = {
  usual: {
    claims: { timed: 40, classes: 12, gray: 20, deceptive: 6, worlds: 12, calm: 24, months: 45 },
    scenarios: 12,
    timed: 16,
    deceptive: 3,
  },
  full: { claims: EFFORTS.full, scenarios: 1_000, timed: 1_000, deceptive: 200 },
};
