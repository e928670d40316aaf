import type { Row } from "./play.ts";

/** The report of the lab's first process when it is done. Scenarios are given by name, because they hold functions. */
export interface Outcome {
  rows: (Omit<Row, "scenario"> & { scenario: string })[];
  /** Number of answers of /failover. */
  polls: number;
  /** Published transitions of the run that the detector still keeps, … */
  published: number;
  /** … and those that came out differently when they were judged again, a sentence each. */
  differences: string[];
  /** All answers of 200 although the process lived, between scenarios too. */
  violations: number;
}
