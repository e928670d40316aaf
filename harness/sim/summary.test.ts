import { describe, expect, it } from "vitest";
import { besideOracle, summariesOf } from "./summary.ts";
import { summaryLines } from "./table.ts";
import { emptyTally, type Tally } from "./tally.ts";

const tally = (scenario: string, detector: string, detectedMs: number[], flags = ""): Tally => ({
  ...emptyTally(scenario, detector, flags),
  seeds: detectedMs.length,
  cases: detectedMs.length,
  detectedMs,
  targetHours: 1,
});

describe("the oracle beside a detector", () => {
  it("is that of the same scenario in the same world, with how many times longer the detector took", () => {
    const summaries = summariesOf([
      tally("death", "parallax", [3_000, 3_000, 6_000]),
      tally("death", "oracle", [500, 1_000, 1_500], " --world pareto"),
      tally("crash", "oracle", [100]),
      tally("death", "oracle", [500, 1_000, 1_500]),
    ]);
    expect(summaries.map(({ oracle }) => oracle)).toEqual([
      { p50: 1, p99: 1.5, ratioP50: 3, ratioP99: 4 },
      null,
      null,
      null,
    ]);
  });

  it("is left out where it did not look, or where nothing was to be called", () => {
    const alone = summariesOf([tally("death", "parallax", [3_000])]);
    expect(alone[0]?.oracle).toBeNull();
    const calm = summariesOf([tally("none", "parallax", []), tally("none", "oracle", [])]);
    expect(calm[0]?.oracle).toBeNull();
  });

  it("makes no ratio of what was never called, nor by a bound of nothing", () => {
    expect(besideOracle({ p50: null, p99: 2 }, { p50: 1, p99: 0 })).toEqual({
      p50: 1,
      p99: 0,
      ratioP50: null,
      ratioP99: null,
    });
  });

  it("is printed in each row", () => {
    const lines = summaryLines(
      summariesOf([tally("death", "parallax", [3_000]), tally("death", "oracle", [500])]),
    );
    expect(lines[0]).toMatch(/max +oracle p50 +p99 +ratio p50 +p99/);
    expect(lines[1]).toMatch(/3\.0 +0\.5 +0\.5 +6\.0 +6\.0/);
    expect(lines[2]).toMatch(/0\.5 +- +- +- +-/);
  });
});
