import { expect, test } from "vitest";
import { spreadOf } from "./statistics.ts";
import { talliesSince } from "./tally.ts";

test.each([
  { values: [7], median: 7, min: 7, max: 7 },
  { values: [3, 1], median: 2, min: 1, max: 3 },
  { values: [9, 1, 5], median: 5, min: 1, max: 9 },
  { values: [10, 2, 8, 4], median: 6, min: 2, max: 10 },
])("the spread of $values has median $median", ({ values, ...spread }) => {
  expect(spreadOf(values)).toEqual(spread);
});

test("a window counts only what came after it began", () => {
  const vantages = { rows: { outbox: 3 }, calls: {} };
  const before = { vantages, aggregator: { rows: { journal: 2, meta: 1 }, calls: { report: 2 } } };
  const after = { vantages, aggregator: { rows: { journal: 5, meta: 1, alarm: 1 }, calls: { report: 4 } } };
  expect(talliesSince(before, after)).toEqual({
    vantages: { rows: {}, calls: {} },
    aggregator: { rows: { journal: 3, alarm: 1 }, calls: { report: 2 } },
  });
});
