import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { added, billOf, NO_USAGE, times, type Usage } from "./bill.ts";
import { type Counts, STATES, type Window } from "./counts.ts";
import { fullest } from "./free.ts";
import { DAY_MS, usageOf } from "./month.ts";
import { INTERVALS_MS, pageOf } from "./page.ts";
import { METERS, PRICES } from "./prices.ts";

const docs = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const counts = JSON.parse(docs("costs.json")) as Counts;

const usages = fc
  .tuple(...METERS.map(() => fc.nat(1_000_000_000)))
  .map((used) => Object.fromEntries(METERS.map((meter, index) => [meter, used[index]])) as Usage);

describe("a bill", () => {
  it("is the count times the price, and beside the plan only what goes beyond it", () => {
    const usage = { ...NO_USAGE, objectRequests: 1_500_000, gbSeconds: 128_000 };
    expect(billOf(usage).dollars).toBeCloseTo(1.5 * 0.15 + 0.128 * 12.5);
    expect(billOf(usage).monthly).toBeCloseTo(5 + 0.5 * 0.15);
  });

  it("is the sum of its lines, grows with use, and never falls below the plan", () => {
    fc.assert(
      fc.property(usages, usages, fc.nat(50), (one, other, factor) => {
        const [bill, both] = [billOf(one), billOf(added(one, other))];
        const lines = METERS.reduce((sum, meter) => sum + bill.lines[meter], 0);
        expect(bill.dollars).toBeCloseTo(lines);
        expect(both.dollars).toBeCloseTo(bill.dollars + billOf(other).dollars);
        expect(billOf(times(one, factor)).dollars / Math.max(1, bill.dollars * factor)).toBeCloseTo(
          factor === 0 ? 0 : (bill.dollars * factor) / Math.max(1, bill.dollars * factor),
        );
        expect(bill.monthly).toBeGreaterThanOrEqual(5);
        expect(both.monthly).toBeGreaterThanOrEqual(bill.monthly);
        expect(bill.monthly).toBeLessThanOrEqual(5 + bill.dollars + 1e-9);
      }),
    );
  });

  it("owes nothing up to what is included, and each unit beyond it", () => {
    for (const meter of METERS) {
      const { included, dollars, per } = PRICES[meter];
      expect(billOf({ ...NO_USAGE, [meter]: included }).monthly).toBe(5);
      expect(billOf({ ...NO_USAGE, [meter]: included + per }).monthly).toBeCloseTo(5 + dollars);
    }
  });
});

describe("the linear law", () => {
  const perTick = ({ rowsWritten, calls, ticks }: Window) => ({
    rows: rowsWritten / ticks,
    calls: calls / ticks,
  });
  const healthy = counts.windows.filter(({ state }) => state === "healthy");
  const base = healthy.find(
    ({ targets, vantages, intervalMs }) => targets === 100 && vantages === 7 && intervalMs === 10_000,
  ) as Window;
  const within = (window: Window, share: number): void => {
    const [found, wanted] = [perTick(window), perTick(base)];
    expect(Math.abs(found.rows / wanted.rows - 1)).toBeLessThanOrEqual(share);
    expect(Math.abs(found.calls / wanted.calls - 1)).toBeLessThanOrEqual(share);
  };

  it("holds by what was counted: a tick costs the same for 1, 10 and 100 targets, five and seven vantages", () => {
    const found = healthy.filter(({ intervalMs }) => intervalMs === 10_000);
    expect(found.map(({ targets, vantages }) => `${targets}×${vantages}`).toSorted()).toEqual(
      ["100×7", "10×7", "1×7", "100×5"].toSorted(),
    );
    for (const window of found) within(window, 0.05);
  });

  it("holds for a full shard: a tick for 500 targets costs what one for 100 does", () => {
    const [hundred, full] = [100, 500].map((size) =>
      healthy.find(({ targets, intervalMs }) => targets === size && intervalMs === 60_000),
    ) as [Window, Window];
    for (const what of ["rows", "calls"] as const)
      expect(Math.abs(perTick(full)[what] / perTick(hundred)[what] - 1)).toBeLessThanOrEqual(0.05);
  });

  it.each(STATES)("is flat within 5 %% from 100 targets to 10,000: %s", (state) => {
    for (const vantages of [5, 7])
      for (const intervalMs of INTERVALS_MS) {
        const each = (targets: number) =>
          billOf(usageOf(counts, { targets, vantages, intervalMs, state })).dollars / targets;
        for (const targets of [1_000, 10_000])
          expect(Math.abs(each(targets) / each(100) - 1)).toBeLessThanOrEqual(0.05);
      }
  });
});

it("names the limit of the Free plan that is used up first", () => {
  expect(fullest({ ...NO_USAGE, rowsWritten: 150_000, objectRequests: 90_000 })).toEqual({
    meter: "rowsWritten",
    share: 1.5,
  });
  expect(fullest({ ...NO_USAGE, gbSeconds: 26_000 })).toEqual({ meter: "gbSeconds", share: 2 });
  const day = usageOf(counts, { targets: 10, vantages: 7, intervalMs: 60_000, state: "healthy" }, DAY_MS);
  expect(fullest(day).share).toBeLessThan(1);
});

it("docs/costs.md is what comes of docs/costs.json; else: npm run costs -- --page", () => {
  const page = pageOf(counts);
  expect(docs("costs.md")).toBe(page);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});
