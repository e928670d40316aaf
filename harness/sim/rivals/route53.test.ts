import { describe, expect, it } from "vitest";
import type { Seen } from "../reality.ts";
import { route53 } from "./route53.ts";
import { delayS, runRule, SEEDS } from "./run.ts";
import { breaksAt, hung, ok, refused, silent, type See } from "./stub-reality.ts";

const FAULT = 120_000;

describe("Route 53's rule", () => {
  it.each<[string, 10_000 | 30_000, See, number, number]>([
    ["refused everywhere, 10 s", 10_000, () => refused(), 20, 30.1],
    ["silent everywhere, 10 s", 10_000, (_i, _at, timeoutMs) => silent(timeoutMs), 24, 34.1],
    ["hung everywhere, 10 s", 10_000, (_i, _at, timeoutMs) => hung(timeoutMs), 22, 32.1],
    ["refused everywhere, 30 s", 30_000, () => refused(), 60, 90.1],
  ])(
    "says down of a target %s no sooner and no later than its thresholds allow",
    async (_name, intervalMs, see, from, to) => {
      for (const seed of SEEDS) {
        const run = await runRule(route53({ intervalMs }), { seed, see: breaksAt(FAULT, see) });
        const delay = delayS(run, FAULT);
        expect(delay).toBeGreaterThanOrEqual(from);
        expect(delay).toBeLessThanOrEqual(to);
        expect(run.downs).toHaveLength(1);
      }
    },
  );

  it.each([
    [9, 1, "down"],
    [9, 2, "up"],
    [16, 2, "down"],
    [16, 3, "up"],
  ])(
    "with %i checkers of which %i still get answers says %s: 18 %% or fewer is unhealthy",
    async (places, healthy, verdict) => {
      const see: See = (index) => (index < healthy ? ok() : refused());
      const run = await runRule(route53({ intervalMs: 10_000 }), { places, see: breaksAt(FAULT, see) });
      expect(run.downs.length > 0 ? "down" : "up").toBe(verdict);
    },
  );

  it.each<[string, Seen, boolean]>([
    ["a connection after 3.9 s and an answer 1.9 s later", { ...ok(5_800), connectMs: 3_900 }, true],
    ["a connection after 4.1 s", { ...ok(4_200), connectMs: 4_100 }, false],
    ["an answer 2.1 s after the connection", { ...ok(2_200), connectMs: 100 }, false],
  ])("judges %s by its own deadlines", async (_name, seen, healthy) => {
    const run = await runRule(route53({ intervalMs: 10_000 }), { see: breaksAt(FAULT, () => seen) });
    expect(run.downs.length === 0).toBe(healthy);
  });

  it("needs as many successes in a row to say up again, and one between failures starts the count anew", async () => {
    const back = FAULT + 60_000;
    const recovers = await runRule(route53({ intervalMs: 10_000 }), {
      see: (_index, atMs) => (atMs >= FAULT && atMs < back ? refused() : ok()),
    });
    expect(recovers.ups).toHaveLength(1);
    // The second of nine checkers to be healthy lifts the share above 18 %.
    expect(recovers.ups[0]!.at - back).toBeGreaterThanOrEqual(20_000);
    expect(recovers.ups[0]!.at - back).toBeLessThanOrEqual(30_100);
    const twoOfThree = await runRule(route53({ intervalMs: 10_000 }), {
      see: (_index, atMs) => (atMs < FAULT || Math.floor(atMs / 10_000) % 3 === 0 ? ok() : refused()),
    });
    expect(twoOfThree.downs).toEqual([]);
  });
});
