import { afterAll, describe, expect, it } from "vitest";
import { Crew } from "./crew.ts";
import { DETECTORS, detectorNamed } from "./detectors.ts";
import { play } from "./play.ts";
import { scenarioNamed } from "./scenarios.ts";
import { worldNamed } from "./worlds.ts";

const crew = new Crew(2);
afterAll(() => crew.dismiss());

const SEEDS = { first: 1, count: 25 };
const world = worldNamed("loss-x3");

describe("seeds shared out over threads", () => {
  it("give what one thread gives, in the same order", async () => {
    const names = ["gatus 10s", "3-of-n x1"];
    const shared = await crew.play({ scenario: "death", detectors: names, world, ...SEEDS });
    const alone = await play(
      scenarioNamed("death"),
      names.map((name) => detectorNamed(name)),
      SEEDS,
      world,
    );
    const bare = (tallies: typeof alone) =>
      tallies.map(({ detectedMs, recoveredMs, mistakes, confusion, probes, seeds, flags }) => ({
        detectedMs,
        recoveredMs,
        mistakes,
        confusion,
        probes,
        seeds,
        flags,
      }));
    expect(shared[0]?.detectedMs.length).toBeGreaterThan(0);
    expect(bare(shared)).toEqual(bare(alone));
  });

  it("reject when a thread fails", async () => {
    const task = { scenario: "no such scenario", detectors: ["oracle"], world, ...SEEDS };
    const lost = new Crew(1);
    await expect(lost.play(task)).rejects.toThrow("no scenario");
    await lost.dismiss();
  });
});

describe("detectors", () => {
  it("spend alike, Parallax at most a quarter beyond those that choose their interval", async () => {
    const chosen = ["parallax", "3-of-n x1", "single", "openstatus-rule", "phi 8"].map((name) =>
      detectorNamed(name),
    );
    const tallies = await play(scenarioNamed("none"), chosen, { first: 1, count: 2 });
    const spent = tallies.map(({ probes, targetHours }) => probes / targetHours);
    const least = Math.min(...spent.slice(1));
    expect(spent[0]).toBeGreaterThan(0.85 * least);
    expect(spent[0]).toBeLessThan(1.25 * least);
    expect(new Set(DETECTORS.map(({ name }) => name)).size).toBe(DETECTORS.length);
  });
});
