import type { Row } from "./play.ts";

/** What the lab's first process hands out when it is done. Scenarios by name: they hold functions. */
export interface Outcome {
  rows: (Omit<Row, "scenario"> & { scenario: string })[];
  /** Answers of /failover that were got. */
  polls: number;
  /** Transitions that were published, of what the detector keeps of the run, … */
  published: number;
  /** … and those of them that came out otherwise when they were judged again, a sentence each. */
  differences: string[];
  /** All of 200 although the process lived, between scenarios too. */
  violations: number;
}
