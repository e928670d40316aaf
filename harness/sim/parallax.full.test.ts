import { describe, expect, it } from "vitest";
import { pointAt } from "../../src/schedule/grid.ts";
import { createReality } from "./create-reality.ts";
import type { Call, Run } from "./detector.ts";
import { assignmentOf, createParallax } from "./parallax/detector.ts";
import { Timeline } from "./parallax/timeline.ts";
import { play } from "./play.ts";
import type { Reality } from "./reality.ts";
import { scenarioNamed } from "./scenarios.ts";
import { addRun } from "./score.ts";
import { emptyTally, mergeTallies } from "./tally.ts";

const parallax = createParallax();

/** A reality that notes which place looked at what and when. */
const watched = (
  reality: Reality,
): { reality: Reality; looks: { place: string; key: string; at: number }[] } => {
  const looks: { place: string; key: string; at: number }[] = [];
  const probe: Reality["probe"] = (place, key, at, timeoutMs) => {
    looks.push({ place, key, at });
    return reality.probe(place, key, at, timeoutMs);
  };
  const proxy = new Proxy(reality, {
    get: (target, name) => {
      if (name === "probe") return probe;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
  return { reality: proxy, looks };
};

const withoutTimes = (run: Run): Run => ({ ...run, cpuMs: 0 });

describe("virtual time", () => {
  it("runs tasks by instant and then by order, and lets promises settle in between", async () => {
    const timeline = new Timeline(0);
    const told: string[] = [];
    timeline.at(20, () => told.push(`c at ${timeline.now}`));
    timeline.at(10, () => void Promise.resolve().then(() => told.push(`a at ${timeline.now}`)));
    timeline.at(10, () => told.push(`b at ${timeline.now}`));
    timeline.at(15, () => told.push("cancelled"))();
    timeline.at(30, () => told.push("too late"));
    await timeline.run(25);
    expect(told).toEqual(["a at 10", "b at 10", "c at 20"]);
    expect(timeline.now).toBe(25);
  });
});

describe("the detector under simulation", () => {
  it("gives the same run for the same seed", async () => {
    const run = (): Run | Promise<Run> => {
      const reality = createReality(scenarioNamed("second-fault-in-episode"), 3);
      return parallax.run(reality, reality.beginsAt, reality.endsAt);
    };
    const one = await run();
    const other = await run();
    expect(withoutTimes(other)).toEqual(withoutTimes(one));
  });

  it("looks at each target from one place after another, evenly across the interval", async () => {
    const { reality, looks } = watched(createReality(scenarioNamed("none"), 2, { layout: { skewMaxMs: 0 } }));
    await parallax.run(reality, reality.beginsAt, reality.beginsAt + 60_000);
    const apartMs = reality.intervalMs / reality.places.length;
    for (const { id } of reality.places) {
      const phase = assignmentOf(reality, id).targets[0]?.phase ?? Number.NaN;
      const cell = { intervalMs: reality.intervalMs, phase };
      const turns = looks.filter(
        ({ place, key, at }) => place === id && key === "fra/n-1" && at > reality.beginsAt + 20_000,
      );
      const late = turns.map(({ at }) => at - pointAt(cell, at));
      // Every round, four in 40 s, begins within its tick; more looks are bursts.
      expect(late.filter((ms) => ms < apartMs).length).toBeGreaterThanOrEqual(4);
    }
    const phases = reality.places.map(({ id }) => assignmentOf(reality, id).targets[0]?.phase ?? 0);
    phases.forEach((phase, rank) => expect(phase * reality.intervalMs).toBeCloseTo(rank * apartMs, 6));
  });

  it("hears nothing from a place whose reports do not arrive, and all of it afterwards", async () => {
    const scenario = scenarioNamed("aggregator-cut");
    const reality = createReality(scenario, 4);
    const whole = await parallax.run(reality, reality.beginsAt, reality.endsAt);
    const until = await parallax.run(reality, reality.beginsAt, reality.faultAt + 59_000);
    const calm = createReality(scenarioNamed("none"), 4);
    const undisturbed = await parallax.run(calm, calm.beginsAt, calm.faultAt + 59_000);
    expect(until.observations).toBeLessThan(0.9 * undisturbed.observations);
    expect(whole.observations).toBeGreaterThan(0.95 * whole.probes);
  });

  it.each([
    ["crash", "process_crashed"],
    ["death", "node_dead"],
    ["hang", "process_hung"],
    ["site-cut", "unreachable"],
    ["paths-half", "partitioned"],
  ])("names %s %s within half a minute, in each of three seeds", async (name, label) => {
    const [tally] = await play(scenarioNamed(name), [parallax], { first: 1, count: 3 });
    expect(tally?.missed).toBe(0);
    expect(tally?.wrongDead).toBe(0);
    expect(Math.max(...(tally?.namedMs ?? [Infinity]))).toBeLessThan(30_000);
    expect(tally?.namedMs).toHaveLength(tally?.cases ?? -1);
    expect(tally?.confusion[label]?.[label]).toBe(tally?.cases);
  });

  it.each(["none", "vantage-broken", "paths-all-but-one", "provider-wide"])(
    "confirms no death in %s",
    async (name) => {
      const bold = createParallax({ policy: { outsideProof: true } });
      const [tally] = await play(scenarioNamed(name), [bold], { first: 1, count: 2 });
      expect(tally?.wrongDead).toBe(0);
    },
  );
});

describe("tallies", () => {
  it("add up to what one run over all seeds gives", async () => {
    const scenario = scenarioNamed("paths-half");
    const [whole] = await play(scenario, [parallax], { first: 1, count: 2 });
    const [one] = await play(scenario, [parallax], { first: 1, count: 1 });
    const [other] = await play(scenario, [parallax], { first: 2, count: 1 });
    if (whole === undefined || one === undefined || other === undefined) throw new Error("nothing played");
    const merged = mergeTallies([one, other]);
    // Sums of fractions depend on their order in the last digit.
    const rounded = (tally: typeof merged) =>
      JSON.parse(
        JSON.stringify({ ...tally, cpuMs: 0 }, (_key, value: unknown) =>
          typeof value === "number" ? Number(value.toFixed(6)) : value,
        ),
      ) as unknown;
    expect(rounded(merged)).toEqual(rounded(whole));
  });
});

describe("the score", () => {
  const scored = (downs: Call[], ups: Call[] = [], name = "death") => {
    const reality = createReality(scenarioNamed(name), 1);
    const tally = emptyTally(name, "scripted");
    addRun(tally, reality, { downs, ups, others: [], beliefs: [], probes: 0, observations: 0, cpuMs: 0 });
    return tally;
  };
  const { cases, faultAt, targets } = createReality(scenarioNamed("death"), 1);
  const key = cases[0]?.key ?? "";
  const to = cases[0]?.to ?? 0;

  it("counts from the fault to the first down, to the right name, and from its end to alive", () => {
    const tally = scored(
      [
        { key, at: faultAt + 2_000, label: "unreachable", confirmed: false },
        { key, at: faultAt + 5_000, label: "node_dead", confirmed: true },
      ],
      [{ key, at: to + 9_000, label: "alive", confirmed: true }],
    );
    expect(tally).toMatchObject({ detectedMs: [2_000], namedMs: [5_000], recoveredMs: [9_000], flips: 1 });
    expect(tally).toMatchObject({ missed: 0, wrongDowns: 0, wrongDead: 0, wrongLabels: 0 });
    expect(tally.confusion["node_dead"]).toEqual({ node_dead: 1 });
    expect(tally.confusion["alive"]).toEqual({ alive: targets.length - 1 });
  });

  it("calls a silence that nobody called missed", () => {
    expect(scored([])).toMatchObject({ missed: 1, detectedMs: [] });
  });

  it("counts downs of healthy targets as wrong, and false names by whether they were confirmed", () => {
    const other = targets.find((one) => one.key !== key)?.key ?? "";
    const at = faultAt + 3_000;
    expect(scored([{ key: other, at, label: "unreachable", confirmed: false }])).toMatchObject({
      wrongDowns: 1,
      wrongDead: 0,
      wrongLabels: 0,
    });
    expect(scored([{ key: other, at, label: "process_crashed", confirmed: true }])).toMatchObject({
      wrongDowns: 1,
      wrongDead: 1,
      wrongLabels: 1,
    });
    expect(scored([{ key, at, label: "process_crashed", confirmed: true }])).toMatchObject({
      wrongDowns: 0,
      wrongDead: 1,
    });
  });

  it("forgives a call of what ended a moment ago, and not of what ended long ago", () => {
    const late = (ms: number) => scored([{ key, at: to + ms, label: "node_dead", confirmed: true }]);
    expect(late(5_000)).toMatchObject({ wrongDowns: 0, wrongDead: 0 });
    expect(late(40_000)).toMatchObject({ wrongDowns: 1, wrongDead: 1 });
  });

  it("scores beliefs by Brier: none for certainty that is right, two for certainty that is wrong", () => {
    const reality = createReality(scenarioNamed("death"), 1);
    const sure = { up: 1, crashed: 0, dead: 0, hung: 0, gray: 0, cut: 0 };
    const beliefs = [
      { key, at: faultAt - 1_000, beliefs: sure },
      { key, at: faultAt + 1_000, beliefs: sure },
    ];
    const tally = emptyTally("death", "scripted");
    addRun(tally, reality, { downs: [], ups: [], others: [], beliefs, probes: 0, observations: 0, cpuMs: 0 });
    expect(tally.brierSum).toBe(2);
    expect(tally.bins[9]).toEqual({ count: 2, confidence: 2, right: 1 });
  });
});
