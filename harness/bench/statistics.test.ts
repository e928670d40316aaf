import { expect, test } from "vitest";
import { spreadOf, tailOf } from "./statistics.ts";
import { emptyTally, talliesSince, type Tally } from "./tally.ts";

test.each([
  { values: [7], median: 7, min: 7, max: 7 },
  { values: [3, 1], median: 2, min: 1, max: 3 },
  { values: [9, 1, 5], median: 5, min: 1, max: 9 },
  { values: [10, 2, 8, 4], median: 6, min: 2, max: 10 },
])("the spread of $values has median $median", ({ values, ...spread }) => {
  expect(spreadOf(values)).toEqual(spread);
});

test("the tail of some durations is by nearest rank", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(tailOf(hundred)).toEqual({ count: 100, p50: 50, p99: 99, max: 100 });
  expect(tailOf([...hundred, 1_000])).toEqual({ count: 101, p50: 51, p99: 100, max: 1_000 });
  expect(tailOf([7])).toEqual({ count: 1, p50: 7, p99: 7, max: 7 });
  expect(tailOf([]).p99).toBeNaN();
});

test("a window counts only what came after it began", () => {
  const tally = (counted: Partial<Tally>): Tally => ({ ...emptyTally(), ...counted });
  const before = {
    vantages: tally({ rows: { outbox: 3 }, activeMs: 100, written: { outbox: 40 } }),
    probers: tally({ calls: { crew: 1 } }),
    aggregator: tally({
      rows: { journal: 2, meta: 1 },
      calls: { report: 2 },
      activeMs: 5,
      rowsRead: 4,
      busyMs: { report: 3 },
    }),
  };
  const after = {
    vantages: tally({ rows: { outbox: 3 }, activeMs: 250, written: { outbox: 40 } }),
    probers: tally({ calls: { crew: 4 } }),
    aggregator: tally({
      rows: { journal: 5, meta: 1, alarm: 1 },
      calls: { report: 4 },
      activeMs: 9,
      rowsRead: 6,
      busyMs: { report: 8 },
    }),
  };
  expect(talliesSince(before, after)).toEqual({
    vantages: tally({ activeMs: 150 }),
    probers: tally({ calls: { crew: 3 } }),
    aggregator: tally({
      rows: { journal: 3, alarm: 1 },
      calls: { report: 2 },
      activeMs: 4,
      rowsRead: 2,
      busyMs: { report: 5 },
    }),
  });
});
