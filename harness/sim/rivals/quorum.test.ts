import { describe, expect, it } from "vitest";
import { quorum, type Quorum } from "./quorum.ts";
import { delayS, runRule, SEEDS } from "./run.ts";
import { breaksAt, ok, refused, silent, type See } from "./stub-reality.ts";

const FAULT = 120_000;
// Nine places, each every 10 s.
const BUDGET = 3_240;

describe("k of n places, m failures in a row", () => {
  it.each<[string, Quorum, See, number, number]>([
    // One place looks every 1.111 s.
    ["1 of n, once, refused", { k: 1, m: 1 }, () => refused(), 0, 1.2],
    ["3 of n, once, refused", { k: 3, m: 1 }, () => refused(), 2.2, 3.4],
    ["a majority, once, silent for 3 s", { k: "majority", m: 1 }, (_i, _at, ms) => silent(ms), 7.4, 8.7],
    ["a majority, twice, refused", { k: "majority", m: 2 }, () => refused(), 14.4, 15.7],
    ["all, once, refused", { k: "all", m: 1 }, () => refused(), 8.8, 10.1],
  ])("takes its turns evenly: %s", async (_name, rule, see, from, to) => {
    for (const seed of SEEDS) {
      const run = await runRule(quorum(rule, BUDGET), { seed, see: breaksAt(FAULT, see) });
      expect(delayS(run, FAULT)).toBeGreaterThanOrEqual(from);
      expect(delayS(run, FAULT)).toBeLessThanOrEqual(to);
    }
  });

  it.each<[Quorum, number, string]>([
    [{ k: 3, m: 1 }, 2, "up"],
    [{ k: 3, m: 1 }, 3, "down"],
    [{ k: "majority", m: 1 }, 4, "up"],
    [{ k: "majority", m: 1 }, 5, "down"],
    [{ k: "all", m: 1 }, 8, "up"],
    [{ k: 20, m: 1 }, 9, "down"],
  ])("%j with %i of nine places failing says %s", async (rule, failing, verdict) => {
    const see: See = (index) => (index < failing ? refused() : ok());
    const run = await runRule(quorum(rule, BUDGET), { see: breaksAt(FAULT, see) });
    expect(run.downs.length > 0 ? "down" : "up").toBe(verdict);
  });
});
