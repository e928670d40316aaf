/** What a detector tells of a window, in milliseconds. */
export interface Told {
  /** From the instant a vantage's alarm was set for until its tick began. */
  tickMs: number[];
  /** From a report being made until the aggregator began to take it. */
  reportMs: number[];
}

export const emptyLateness = (): Told => ({ tickMs: [], reportMs: [] });
