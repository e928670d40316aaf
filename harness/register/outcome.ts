import type { Violation } from "./history.ts";

/** One round, as it came out. */
export interface Row {
  number: number;
  fault: string;
  /** The member it hit; null where it hit none. */
  victim: string | null;
  lastsMs: number;
  /** Who led when it began and when the next one might begin, with the epoch. */
  before: string;
  after: string;
  /** The longest time without a write that was acknowledged. */
  gapMs: number;
  /** From the fault's end to the first write that was acknowledged then; null where none was in time. */
  againMs: number | null;
  ok: number;
  refused: number;
  unknown: number;
}

/** What a run sends out. */
export interface Outcome {
  rows: Row[];
  violations: Violation[];
  counts: {
    operations: number;
    ok: number;
    refused: number;
    /** Of the refused: by the store, their epoch being an older one. */
    fenced: number;
    unknown: number;
    stored: number;
    epochs: number;
    /** The longest time in which two members held themselves to be the leader, and without the times in which one stood still. */
    heldMs: number;
    unexcusedMs: number;
  };
  seconds: number;
}
