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
    claims: { timed: 60, classes: 20, deceptive: 8, worlds: 20, calm: 40, months: 45 },
    scenarios: 20,
    timed: 30,
    deceptive: 4,
  },
  full: { claims: EFFORTS.full, scenarios: 1_000, timed: 1_000, deceptive: 200 },
};
