import type { Violation } from "./history.ts";

/** The outcome of one round. */
export interface Row {
  number: number;
  fault: string;
  /** The member that the fault hit; null if it hit none. */
  victim: string | null;
  lastsMs: number;
  /** The leader at the begin of the round and when the next one might begin, with the epoch. */
  before: string;
  after: string;
  /** The longest time without an acknowledged write. */
  gapMs: number;
  /** From the end of the fault to the first write acknowledged after it; null if none was in time. */
  againMs: number | null;
  ok: number;
  refused: number;
  unknown: number;
}

/** The outcome of a run. */
export interface Outcome {
  rows: Row[];
  violations: Violation[];
  counts: {
    operations: number;
    ok: number;
    refused: number;
    /** Refused operations that the store refused, because their epoch was an older one. */
    fenced: number;
    unknown: number;
    stored: number;
    epochs: number;
    /** The longest time in which two members believed that they lead, and the same without the times in which one stood still. */
    heldMs: number;
    unexcusedMs: number;
  };
  seconds: number;
}
