import { describe, expect, it } from "vitest";
import { ALL, KEY, says, SIBLING, verdictsOf } from "./look.ts";
import { REGIONS, settledWorld, World } from "./world.ts";

describe("quorum", () => {
  it("takes no advice from two vantages, whatever they see", () => {
    const world = new World({ regions: ["weur", "wnam"] });
    for (const key of [KEY, SIBLING]) world.place(key);
    world.run(20_000);
    world.set(KEY, "refused");
    world.run(30_000);
    const answer = world.answer(KEY);
    expect(answer).toMatchObject({ verdict: "process_crashed", confirmed: false });
    expect(answer.advice).toMatchObject({ routing: "serve", failover: false });
  });

  it("lets a target say how many vantages it takes", () => {
    const world = new World({ regions: ["weur", "wnam"] });
    world.place(KEY, { policy: { minVantages: 2 } });
    world.place(SIBLING);
    world.run(20_000);
    world.set(KEY, "refused");
    world.run(10_000);
    expect(world.answer(KEY)).toMatchObject({
      confirmed: true,
      advice: { routing: "avoid", failover: true },
    });
  });

  it("is not reached by one provider where two are asked for", () => {
    const world = new World();
    world.place(KEY, { policy: { providers: 2 } });
    world.run(20_000);
    world.set(KEY, "refused");
    world.run(30_000);
    expect(world.answer(KEY)).toMatchObject({
      confirmed: false,
      advice: { routing: "serve", failover: false },
    });
  });

  it("counts vantages known to stand in one colo once", () => {
    const world = settledWorld();
    const share = (count: number) =>
      REGIONS.slice(0, count).forEach((region) => world.standIn(region, "FRA"));
    share(5);
    world.run(10_000);
    world.set(KEY, "refused");
    world.run(10_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", confirmed: true });
    expect(world.answer(KEY).evidence).toHaveLength(3);
    // Two windows on the world are no quorum, through however many vantages one looks.
    share(6);
    world.run(30_000);
    expect(world.answer(KEY)).toMatchObject({ confirmed: false, advice: { failover: false } });
  });

  it("confirms death from outside only where the risk was taken by name", () => {
    const world = new World();
    world.place(KEY, { policy: { outsideProof: true } });
    world.place(SIBLING);
    world.run(20_000);
    world.set(KEY, "silent");
    world.run(10_000);
    expect(world.answer(KEY)).toMatchObject({
      verdict: "node_dead",
      confirmed: true,
      advice: { failover: true },
    });
  });

  it("withdraws failover when its probes grow old, before the evidence does", () => {
    const world = settledWorld();
    world.set(KEY, "refused");
    world.run(10_000);
    expect(world.answer(KEY).advice.failover).toBe(true);
    for (const region of REGIONS) world.mute(region);
    world.run(8_000);
    expect(world.answer(KEY)).toMatchObject({ stale: false, advice: { routing: "avoid", failover: false } });
  });

  it("never advises failover of a target that was never alive", () => {
    const world = new World();
    world.place(KEY, { condition: "refused" });
    world.run(30_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", advice: { failover: false } });
  });

  it("calls a crash where all siblings had crashed before, while this one still answered", () => {
    const world = settledWorld();
    world.set(SIBLING, "refused");
    world.run(10_000);
    world.set(KEY, "refused");
    expect(world.until(says(world, "process_crashed"), 15_000)).toBeLessThan(10_000);
    expect(world.answer(KEY)).toMatchObject({ confirmed: true, advice: { routing: "avoid" } });
  });

  it.each([500, 1_500, 2_500, 4_000, 6_000, 9_000])(
    "does not leave a second crash %i ms after the first unnoticed",
    (gapMs) => {
      for (const intervalMs of [5_000, 30_000]) {
        const world = settledWorld({ intervalMs });
        world.run(2 * intervalMs);
        world.set(SIBLING, "refused");
        world.run(gapMs);
        world.set(KEY, "refused");
        world.run(intervalMs + 10_000);
        expect(["process_crashed", "unreachable"]).toContain(world.answer(KEY).verdict);
        expect(world.answer(KEY).advice.routing).toBe("avoid");
      }
    },
  );

  it.each([5_000, 30_000])(
    "does not believe refusals that hit a whole site at once, every %i ms",
    (intervalMs) => {
      const world = settledWorld({ intervalMs });
      world.run(2 * intervalMs);
      for (const key of [KEY, SIBLING]) world.set(key, "refused");
      world.run(4 * intervalMs);
      for (const key of [KEY, SIBLING])
        expect(world.answer(key)).toMatchObject({ verdict: "unreachable", advice: { failover: false } });
    },
  );
});

describe("the vantages' own soundness", () => {
  it("does not count a vantage that alone fails in several sites", () => {
    const world = settledWorld();
    for (const key of ALL) world.set(key, "silent", ["weur"]);
    world.run(60_000);
    expect(world.state.vantages.get("weur")?.state).toBe("faulty");
    for (const key of ALL) {
      expect(verdictsOf(world, key, 2)).toEqual([]);
      expect(world.answer(key).notCounted.map(({ vantage }) => vantage)).toEqual(["weur"]);
    }
    for (const key of ALL) world.set(key, "ok");
    world.run(10_000);
    expect(world.state.vantages.get("weur")?.state).toBe("sound");
  });

  it("does not count a vantage whose controls are silent", () => {
    const world = settledWorld();
    for (const region of REGIONS) world.control(region, region !== "oc");
    world.run(20_000);
    expect(world.state.vantages.get("oc")).toMatchObject({ state: "faulty" });
    expect(world.answer(KEY).notCounted).toEqual([
      { vantage: "oc", reason: "faulty: 1 of 1 controls silent" },
    ]);
  });

  it("ignores a control that is silent to everybody", () => {
    const world = settledWorld();
    for (const region of REGIONS) world.control(region, false);
    world.run(20_000);
    expect([...world.state.vantages.values()].map(({ state }) => state)).toEqual(REGIONS.map(() => "sound"));
  });

  it("believes a vantage whose controls answer: what it misses is cut off from it", () => {
    const world = settledWorld();
    for (const region of REGIONS) world.control(region, true);
    world.run(10_000);
    for (const key of ALL) world.set(key, "silent", ["weur"]);
    world.run(20_000);
    for (const key of ALL)
      expect(world.answer(key)).toMatchObject({ verdict: "partitioned", unreachableFrom: ["weur"] });
  });

  it("says unknown and freezes its advice when everything falls silent to everybody", () => {
    const world = settledWorld();
    for (const key of ALL) world.set(key, "silent");
    world.run(60_000);
    for (const key of ALL) {
      expect(verdictsOf(world, key, 2)).toEqual(["unknown"]);
      expect(world.answer(key).advice).toMatchObject({ routing: "serve", failover: false });
    }
    for (const key of ALL) world.set(key, "ok");
    expect(world.until(() => ALL.every((key) => says(world, "alive", key)()), 15_000)).toBeLessThan(15_000);
  });

  it("asks for no probes while it suspects itself, however undecided a target is", () => {
    const world = settledWorld();
    for (const key of ALL) world.set(key, "silent");
    world.set(KEY, "half", ["weur", "oc"]);
    world.run(20_000);
    const { bursts } = world;
    world.run(40_000);
    expect(world.state.frozenSince).not.toBeNull();
    expect(world.bursts - bursts).toBe(0);
  });

  it("goes on with the votes that remain when vantages stop reporting", () => {
    const world = settledWorld();
    for (const region of ["oc", "wnam"]) world.mute(region);
    world.run(30_000);
    world.set(KEY, "refused");
    expect(world.until(says(world, "process_crashed"), 6_000)).toBeLessThan(6_000);
    expect(world.answer(KEY)).toMatchObject({ confirmed: true, advice: { failover: true } });
  });
});
