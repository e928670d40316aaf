import fc from "fast-check";
import { expect, it } from "vitest";
import { Backoff } from "../../../../src/cli/shared/time/backoff.ts";

const RANGE = { firstMs: 250, longestMs: 5_000 };
const pauses = (random: number, count: number): number[] => {
  const backoff = new Backoff(() => random, RANGE);
  return Array.from({ length: count }, () => backoff.fail());
};

it("pauses for anything up to a most that doubles, and never for nothing", () => {
  const most = pauses(1, 2_000);
  expect(most.slice(0, 7)).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  expect(most.at(-1)).toBe(5_000);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (random) => {
      for (const [n, ms] of pauses(random, 8).entries())
        expect(ms).toBe(Math.max(100, random * (most[n] ?? 0)));
    }),
  );
});

it("begins anew after a success, and tells of the first failure and of each twentieth after it", () => {
  const backoff = new Backoff(() => 1, RANGE);
  const told = Array.from({ length: 45 }, (_, n) => (backoff.fail(), backoff.isTelling ? n + 1 : 0));
  expect(told.filter(Boolean)).toEqual([1, 21, 41]);
  expect(backoff.failures).toBe(45);
  backoff.reset();
  expect(backoff.isTelling).toBe(false);
  expect(backoff.fail()).toBe(250);
});
