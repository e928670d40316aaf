import { added, NO_USAGE, times, type Usage } from "./bill.ts";
import type { Counts, Each, State, Window } from "./counts.ts";

export const DAY_MS = 86_400_000;
const MONTH_MS = 30 * DAY_MS;
const OBJECT_GB = 0.128;
/** How often the schedule runs. */
export const CRON_MS = 60_000;
/** Targets of a shard here, which every interval of the table leaves room for; see docs/operations.md. */
export const SHARD_TARGETS = 100;
/** Rows of the rings that fill up and stay: JOURNAL_ROWS of the aggregator, CAPACITY of a vantage's outbox. */
const JOURNAL_ROWS = 4_096;
const RING_ROWS = 256;
/** A window may begin and end between ticks: so much fewer are no missed ones. */
const TICKS_GRAIN = 0.1;

export interface Case {
  targets: number;
  vantages: number;
  intervalMs: number;
  state: State;
}

/** Ticks that the schedule asks for: all targets of an interval share one. */
const scheduledTicks = ({ vantages, intervalMs }: Case, durationMs: number): number =>
  (vantages * durationMs) / intervalMs;

/** The counts that a shard of this size is taken from. */
const countedFor = (counts: Counts, { targets, intervalMs, state }: Case): Window => {
  const size = targets < SHARD_TARGETS ? targets : SHARD_TARGETS;
  const found = counts.windows.find(
    (one) =>
      one.targets === size && one.vantages === 7 && one.intervalMs === intervalMs && one.state === state,
  );
  if (found === undefined) throw new Error(`nothing was counted for ${size} targets at ${intervalMs} ms`);
  return found;
};

/** One tick of a vantage, with its part of the aggregator's work. */
const tickOf = (window: Window): Usage => ({
  ...NO_USAGE,
  rowsWritten: window.rowsWritten / window.ticks,
  rowsRead: window.rowsRead / window.ticks,
  objectRequests: window.calls / window.ticks,
  gbSeconds: ((window.activeMs / 1_000) * OBJECT_GB) / window.ticks,
  cpuMs: window.cpuMs / window.ticks,
});

/** Where vantages are overloaded fewer ticks run than were asked for. */
export const shareRun = (window: Window): number => {
  const share = window.ticks / scheduledTicks(window, window.windowMs);
  return share < 1 - TICKS_GRAIN ? share : 1;
};

/** By the clock of workerd a call may take no time at all; each is taken to last so long at least. */
const CALL_MS = 1;

const eachOf = ({ count, calls, busyMs }: Each): Usage => ({
  ...NO_USAGE,
  objectRequests: calls / count,
  gbSeconds: ((Math.max(busyMs, calls * CALL_MS) / 1_000) * OBJECT_GB) / count,
});

/** Nothing but the ticks of one detector, the schedule each minute and what is stored. */
export const usageOf = (counts: Counts, wanted: Case, durationMs = MONTH_MS): Usage => {
  const window = countedFor(counts, wanted);
  const shards = Math.ceil(wanted.targets / SHARD_TARGETS);
  const ticks = scheduledTicks(wanted, durationMs) * shareRun(window);
  const rounds = durationMs / CRON_MS;
  const stored =
    (JOURNAL_ROWS * window.journalRow + wanted.vantages * RING_ROWS * window.reportRow) / 1_000_000_000;
  const shard = added(times(tickOf(window), ticks), times(eachOf(counts.lines.scheduled), rounds), {
    ...NO_USAGE,
    storedGb: stored,
  });
  return { ...times(shard, shards), workerRequests: rounds };
};

/** What clients ask of the detector in a month; `everyMs`: how often. A request that is held counts for each second. */
export const lineOf = (each: Each, everyMs: number, requestsEveryMs: number, shards = 1): Usage => ({
  ...times(eachOf(each), (MONTH_MS / everyMs) * shards),
  workerRequests: MONTH_MS / requestsEveryMs,
});
