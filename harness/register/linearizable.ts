/**
 * Whether one order of a register's operations explains the answers that its clients got. Since no two writes write the same value, each
 * read names the write it saw, and the question is decided exactly in O(n log n) by the zones of Gibbons and Korach, "Testing Shared
 * Memories", SIAM Journal on Computing 26(4), 1997, section 4. A write of unknown outcome whose value was never read may never have
 * happened. If its value was read, the write happened, at any time after it began.
 */
import { type Operation, operationLine, type Violation } from "./history.ts";

/**
 * An operation whose begin and end are places in one order of all begins and ends; `end` is Infinity if it may happen at any later time.
 */
interface Placed {
  operation: Operation | null;
  begin: number;
  end: number;
}

/** A write and the reads that saw it: all of them lie around one time. */
interface Zone {
  value: string | null;
  /** The earliest end, and the latest begin. */
  first: Placed;
  last: Placed;
  low: number;
  high: number;
  /** True: the register surely held the value from `low` to `high`. False: it held the value at some instant between them. */
  isForward: boolean;
}

const broken = (reason: string, ...placed: readonly Placed[]): Violation => ({
  law: "linearizable",
  reason,
  excerpt: [...new Set(placed)]
    .flatMap(({ operation }) => (operation === null ? [] : [operation]))
    .toSorted((a, b) => a.invokedAt - b.invokedAt)
    .map(operationLine),
});

/** The value before the first write. */
const INITIAL: Placed = { operation: null, begin: -2, end: -1 };

/** Every begin and end gets its own place. At one instant begins come first: operations that touch are not ordered. */
const place = (operations: readonly Operation[]): Placed[] => {
  const placed = operations.map((operation) => ({ operation, begin: 0, end: Infinity }));
  const ends = placed.flatMap((one) => [
    { at: one.operation.invokedAt, isEnd: false, one },
    ...(one.operation.completedAt === null || one.operation.outcome === "unknown"
      ? []
      : [{ at: one.operation.completedAt, isEnd: true, one }]),
  ]);
  ends.sort((a, b) => a.at - b.at || Number(a.isEnd) - Number(b.isEnd));
  for (const [index, { isEnd, one }] of ends.entries()) one[isEnd ? "end" : "begin"] = index;
  return placed;
};

const zoneOf = (value: string | null, all: readonly Placed[]): Zone => {
  const first = all.reduce((least, one) => (one.end < least.end ? one : least));
  const last = all.reduce((most, one) => (one.begin > most.begin ? one : most));
  const isForward = first.end < last.begin;
  const [low, high] = isForward ? [first.end, last.begin] : [last.begin, first.end];
  return { value, first, last, low, high, isForward };
};

const shown = (value: string | null): string => value ?? "nothing";

/** The zones, or the first read that no write explains. */
const zonesOf = (placed: readonly Placed[]): Zone[] | Violation => {
  const writes = new Map<string | null, Placed>([[null, INITIAL]]);
  const clusters = new Map<string | null, Placed[]>([[null, [INITIAL]]]);
  for (const one of placed)
    if (one.operation?.kind === "write") {
      writes.set(one.operation.value, one);
      clusters.set(one.operation.value, [one]);
    }
  const reads = placed.filter(({ operation }) => operation?.kind === "read");
  for (const read of reads) {
    const value = read.operation?.value ?? null;
    const write = writes.get(value);
    if (write === undefined)
      return broken(`${shown(value)} was read, and no write that may have taken effect wrote it`, read);
    if (read.end < write.begin) return broken(`${shown(value)} was read before its write began`, read, write);
    clusters.get(value)?.push(read);
  }
  return [...clusters]
    .filter(([, all]) => all.length > 1 || all[0]?.end !== Infinity)
    .map(([value, all]) => zoneOf(value, all));
};

/** Null if it is linearizable. A read must not have seen a refused write. */
export const findUnlinearizable = (operations: readonly Operation[]): Violation | null => {
  const counted = operations.filter(
    ({ kind, outcome }) => outcome === "ok" || (kind === "write" && outcome === "unknown"),
  );
  const zones = zonesOf(place(counted));
  if (!Array.isArray(zones)) return zones;
  const forward = zones.filter(({ isForward }) => isForward).toSorted((a, b) => a.low - b.low);
  for (const [index, zone] of forward.entries()) {
    const next = forward[index + 1];
    if (next !== undefined && next.low < zone.high)
      return broken(
        `${shown(zone.value)} and ${shown(next.value)} were both there, each before and after the other`,
        zone.first,
        zone.last,
        next.first,
        next.last,
      );
  }
  // The zones are disjoint by now, so only the last one that begins before this one can contain it.
  for (const zone of zones) {
    if (zone.isForward) continue;
    const around = lastBefore(forward, zone.low);
    if (around !== undefined && zone.high < around.high)
      return broken(
        `${shown(zone.value)} was there while ${shown(around.value)} was there throughout`,
        zone.first,
        zone.last,
        around.first,
        around.last,
      );
  }
  return null;
};

const lastBefore = (forward: readonly Zone[], at: number): Zone | undefined => {
  let [low, high] = [0, forward.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((forward[middle]?.low ?? Infinity) < at) low = middle + 1;
    else high = middle;
  }
  return forward[low - 1];
};
