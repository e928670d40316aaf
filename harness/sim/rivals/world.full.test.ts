import { describe, expect, it } from "vitest";
import { play } from "../play.ts";
import { scenarioNamed, SCENARIOS } from "../scenarios.ts";
import { quantile } from "../statistics.ts";
import { oracle } from "./oracle.ts";
import { rivals } from "./rivals.ts";

const BUDGET = 3_240;

describe("in the simulated world", () => {
  it.each(SCENARIOS.map(({ name }) => name))(
    "the oracle finds every case of %s and makes no mistake",
    async (name) => {
      const [tally] = await play(scenarioNamed(name), [oracle(BUDGET)], { first: 1, count: 2 });
      expect(tally?.mistakes).toEqual([]);
      for (const [expected, said] of Object.entries(tally?.confusion ?? {}))
        expect(Object.keys(said), expected).toEqual([expected]);
    },
  );

  it.each(["crash", "death", "hang"])(
    "no comparator that errs nowhere beats it at the median of a %s",
    async (name) => {
      const long = { ...scenarioNamed(name), lastsMs: 240_000 };
      const tallies = await play(long, rivals(BUDGET), { first: 1, count: 5 });
      const bound = tallies.find(({ detector }) => detector === "oracle")!;
      const honest = tallies.filter((tally) => tally.wrongDowns === 0 && tally.missed === 0);
      expect(honest.length).toBeGreaterThan(8);
      for (const { detector, detectedMs } of honest)
        expect(quantile(detectedMs, 0.5), detector).toBeGreaterThanOrEqual(quantile(bound.detectedMs, 0.5));
    },
  );
});
