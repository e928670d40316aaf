import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Acknowledged,
  bothWritableMs,
  longestGapMs,
  lostRows,
  resumedMs,
  staleRows,
  switchesIn,
  type Word,
} from "./judge.ts";

const row = (n: number, node: string, epoch: number, sentAt: number): Acknowledged => ({
  n,
  node,
  epoch,
  sentAt,
  ackedAt: sentAt + 1,
});

/** The answers of a node every 100 ms from one instant to another. */
const words = (node: string, from: number, to: number, isWritable = true): Word[] =>
  Array.from({ length: (to - from) / 100 + 1 }, (_, index) => ({
    node,
    askedAt: from + index * 100,
    answeredAt: from + index * 100 + 5,
    isWritable,
  }));

describe("a history that is known to be bad", () => {
  it("is seen to lose what was acknowledged", () => {
    const rows = [row(1, "a", 1, 0), row(2, "a", 1, 50), row(3, "b", 2, 900)];
    expect(lostRows(rows, new Set([1, 3])).map(({ n }) => n)).toEqual([2]);
  });

  it("is seen to take an older epoch after a newer", () => {
    const rows = [row(1, "a", 1, 0), row(2, "b", 2, 100), row(3, "a", 1, 200), row(4, "b", 2, 300)];
    expect(staleRows(rows).map(({ n }) => n)).toEqual([3]);
  });

  it("is not blamed for a row that was under way when the newer epoch began", () => {
    const rows = [row(2, "b", 2, 100), { ...row(1, "a", 1, 90), ackedAt: 200 }];
    expect(staleRows(rows)).toEqual([]);
  });

  it("is seen to have two nodes writable, for as long as both surely were", () => {
    expect(bothWritableMs([...words("a", 0, 2_000), ...words("b", 1_000, 3_000)])).toBe(995);
  });
});

describe("a history that is well", () => {
  it("has nodes that follow each other", () => {
    expect(bothWritableMs([...words("a", 0, 1_000), ...words("b", 1_100, 3_000)])).toBe(0);
  });

  it("takes no frozen node for a writable one: its answer came late", () => {
    const late: Word = { node: "a", askedAt: 1_100, answeredAt: 9_000, isWritable: true };
    expect(bothWritableMs([...words("a", 0, 1_000), late, ...words("b", 2_000, 8_000)])).toBe(0);
  });

  it("counts the changes of hands, and the time that they took", () => {
    const rows = [row(1, "a", 1, 0), row(2, "a", 1, 100), row(3, "b", 2, 5_000), row(4, "b", 2, 5_100)];
    expect(switchesIn(rows)).toBe(1);
    expect(resumedMs(rows, 150)).toBe(4_851);
    expect(longestGapMs(rows, 0, 5_101)).toBe(4_900);
  });
});

it("finds a gap at least as long as any two neighbours are apart, and none longer than the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 10_000 })), (instants) => {
      const rows = instants.map((at, n) => row(n, "a", 1, at));
      const gap = longestGapMs(rows, 0, 10_001);
      const sorted = instants.toSorted((a, b) => a - b);
      expect(gap).toBeLessThanOrEqual(10_001);
      for (const [index, at] of sorted.entries())
        expect(gap).toBeGreaterThanOrEqual(at - (sorted[index - 1] ?? at));
    }),
  );
});
