import { describe, expect, it } from "vitest";
import { intervalFor } from "./budget.ts";
import { rivals, sweeps } from "./rivals.ts";
import { quorum } from "./quorum.ts";
import { runRule } from "./run.ts";
import { breaksAt, ok, refused, silent, stubReality } from "./stub-reality.ts";

const BUDGET = 3_400;
const HOURS = 3;
const UNTIL = HOURS * 3_600_000;
const healthy = stubReality({ see: () => ok() });

/** Their documentation fixes what they spend. */
const FIXED = /\d+s( x\d+)?$/;

describe("the comparators together", () => {
  it("have names of their own", () => {
    const names = rivals(BUDGET).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const family of Object.values(sweeps(BUDGET)))
      expect(new Set(family.map(({ name }) => name)).size).toBe(family.length);
  });

  it("spend the budget, within 15 %, wherever the rule leaves the interval free", async () => {
    const free = rivals(BUDGET).filter(({ name }) => !FIXED.test(name));
    expect(free.map(({ name }) => name)).toContain("openstatus-rule");
    for (const detector of free) {
      const { probes } = await detector.run(healthy, 0, UNTIL);
      expect(probes / HOURS / BUDGET, detector.name).toBeGreaterThan(0.85);
      expect(probes / HOURS / BUDGET, detector.name).toBeLessThan(1.15);
    }
  });

  it.each([
    ["route53 10s", 3_240],
    ["route53 30s", 1_080],
    ["cloudflare 60s", 540],
    ["openstatus 30s", 1_080],
    ["gatus 60s", 60],
  ])("%s spends what nine places at its interval cost, whatever the budget", async (name, expected) => {
    const detector = rivals(BUDGET).find((rival) => rival.name === name)!;
    const { probes } = await detector.run(healthy, 0, UNTIL);
    expect(probes / HOURS / expected).toBeCloseTo(1, 2);
  });

  it("say nothing of a healthy target, and the same of the same world every time", async () => {
    const sick = stubReality({ see: breaksAt(600_000, (_i, _at, ms) => silent(ms)) });
    for (const detector of rivals(BUDGET)) {
      const calm = await detector.run(healthy, 0, UNTIL);
      expect([...calm.downs, ...calm.ups, ...calm.others], detector.name).toEqual([]);
      const [first, second] = [await detector.run(sick, 0, UNTIL), await detector.run(sick, 0, UNTIL)];
      expect({ ...first, cpuMs: 0 }, detector.name).toEqual({ ...second, cpuMs: 0 });
      // The oracle goes by the truth, which this stub keeps at "up".
      expect(first.downs, detector.name).toHaveLength(detector.name === "oracle" ? 0 : 1);
    }
  });
});

describe("a rule's checkers", () => {
  const rule = quorum({ k: "majority", m: 1 }, 3_240);

  it("lose what they cannot report, and send nothing while they do not run", async () => {
    const cut = await runRule(rule, { see: () => refused(), canReport: (index) => index > 4 });
    expect(cut.downs).toEqual([]);
    const stopped = await runRule(rule, { see: () => ok(), isRunning: (index) => index > 2 });
    const all = await runRule(rule, { see: () => ok() });
    expect(stopped.probes / all.probes).toBeCloseTo(6 / 9, 2);
  });

  it("are heard only when the message has arrived, across the hour at which probing pauses for breath", async () => {
    const fault = 3_600_000 - 4_000;
    const at = async (transportMs: number) =>
      (await runRule(rule, { see: breaksAt(fault, () => refused()), transportMs }, 7_200_000)).downs[0]!.at;
    expect(await at(2_000)).toBe((await at(0)) + 2_000);
  });

  it("look as often as the budget pays for", () => {
    expect(intervalFor(3_240, 9)).toBe(10_000);
    expect(intervalFor(3_240, 3)).toBe(3_333);
  });
});
