/** The counts, as docs/costs.json keeps them. */

export const STATES = ["healthy", "few dead", "all dead"] as const;
/** `few dead`: 5 % of the targets, and one of ten. Dead is a host that is gone: it drops every packet, the dearest kind. */
export type State = (typeof STATES)[number];

/** One detector over one window, in one state. Counts are those of the whole window, of all its objects together. */
export interface Window {
  targets: number;
  vantages: number;
  intervalMs: number;
  state: State;
  windowMs: number;
  /** Ticks of vantages that ran. */
  ticks: number;
  rowsWritten: number;
  rowsRead: number;
  /** Calls of objects, alarms among them. */
  calls: number;
  alarms: number;
  /** Wall time at work, of all objects added up. */
  activeMs: number;
  /** CPU time of the whole process, which is more than what a Worker is billed for. */
  cpuMs: number;
  /** Invocations in which a vantage probes. */
  probers: number;
  /** Mean characters of a row of the aggregator's journal, and of a vantage's ring of reports. */
  journalRow: number;
  reportRow: number;
}

/** What so many of these cost: calls of objects, and wall time from call to answer. None writes a row. */
export interface Each {
  count: number;
  calls: number;
  busyMs: number;
}

/** Lines of their own: none of them is a tick's. Those that end in `Second` were held for `count` seconds. */
export interface Lines {
  verdictPoll: Each;
  upPoll: Each;
  heartbeat: Each;
  scheduled: Each;
  streamSecond: Each;
  heldVantageSecond: Each;
}

export interface Counts {
  countedOn: string;
  windows: Window[];
  lines: Lines;
}
