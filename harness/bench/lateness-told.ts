/** What a detector reports for a window, in milliseconds. */
export interface Told {
  /** From the instant for which a vantage's alarm was set until its tick began. */
  tickMs: number[];
  /** From the moment a report was made until the aggregator began to take it. */
  reportMs: number[];
}

export const emptyLateness = (): Told => ({ tickMs: [], reportMs: [] });
