/** What the platform bills of a Durable Object: rows written, invocations, and the time it is at work. */
export interface Tally {
  /** Rows written, by table; `alarm` for setting or deleting one, which bills as a row. */
  rows: Record<string, number>;
  /** Invocations from outside, by method; `alarm` is one. */
  calls: Record<string, number>;
  /** Wall time during which a call of an object, or background work that the call started, was under way, all objects added up. */
  activeMs: number;
  /** Rows that SQLite read. */
  rowsRead: number;
  /** Characters of text handed to statements that write, by table. */
  written: Record<string, number>;
  /** Wall time from call to answer by method, all calls added up. */
  busyMs: Record<string, number>;
}

/** Counts of a detector's objects, all vantages together. */
export interface Tallies {
  aggregator: Tally;
  vantages: Tally;
  /** Invocations in which vantages probe, by method: they are not calls of an object, and the platform does not bill them as requests. */
  probers: Tally;
}

export const emptyTally = (): Tally => ({
  rows: {},
  calls: {},
  activeMs: 0,
  rowsRead: 0,
  written: {},
  busyMs: {},
});

/** What has been counted since `before`. */
export const talliesSince = (before: Tallies, after: Tallies): Tallies => ({
  aggregator: since(before.aggregator, after.aggregator),
  vantages: since(before.vantages, after.vantages),
  probers: since(before.probers, after.probers),
});

const since = (before: Tally, after: Tally): Tally => ({
  rows: less(after.rows, before.rows),
  calls: less(after.calls, before.calls),
  activeMs: after.activeMs - before.activeMs,
  rowsRead: after.rowsRead - before.rowsRead,
  written: less(after.written, before.written),
  busyMs: less(after.busyMs, before.busyMs),
});

const less = (after: Record<string, number>, before: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(after)
      .map(([name, count]): [string, number] => [name, count - (before[name] ?? 0)])
      .filter(([, count]) => count > 0),
  );

export const sum = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
