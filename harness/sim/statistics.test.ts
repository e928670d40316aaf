import { describe, expect, it } from "vitest";
import { quantile, quantileBounds, shareBounds } from "./statistics.ts";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("statistics", () => {
  it.each([
    [0.5, 50],
    [0.95, 95],
    [0.99, 99],
    [1, 100],
  ])("take the %f-quantile of 1 to 100 as %i", (p, value) => {
    expect(quantile(upTo(100), p)).toBe(value);
  });

  it("say of none in n at most three in n", () => {
    expect(shareBounds(0, 300)).toEqual([0, 0.01]);
    expect(shareBounds(300, 300)).toEqual([0.99, 1]);
  });

  it("bound a share as Wilson does", () => {
    const [low, high] = shareBounds(10, 100);
    expect(low).toBeCloseTo(0.0552, 3);
    expect(high).toBeCloseTo(0.1744, 3);
  });

  it("bound a quantile around itself, and give no upper bound that the sample cannot give", () => {
    const [low, high] = quantileBounds(upTo(1_000), 0.99);
    expect(low).toBeLessThan(990);
    expect(high).toBeGreaterThan(990);
    expect(quantileBounds(upTo(100), 0.99)[1]).toBe(Infinity);
  });
});
