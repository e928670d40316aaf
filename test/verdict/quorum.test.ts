import { describe, expect, it } from "vitest";
import { ALL, KEY, says, SIBLING, verdictsOf } from "./look.ts";
import { REGIONS, settledWorld, World } from "./world.ts";

describe("quorum", () => {
  it("takes no failover from two vantages, and sends nobody away before both have been served nothing for long", () => {
    const world = new World({ regions: ["weur", "wnam"] });
    for (const key of [KEY, SIBLING]) world.place(key, { policy: { outsideProof: true } });
    world.run(20_000);
    world.set(KEY, "refused");
    // Two intervals and a timeout after the first vantage was refused, which looks within an interval.
    const avoidedMs = world.until(() => world.answer(KEY).advice.routing === "avoid", 30_000);
    expect(avoidedMs).toBeGreaterThanOrEqual(12_000);
    expect(avoidedMs).toBeLessThan(18_000);
    world.run(30_000);
    const answer = world.answer(KEY);
    expect(answer).toMatchObject({ verdict: "process_crashed", confirmed: false });
    expect(answer.advice).toMatchObject({ routing: "avoid", failover: false });
    expect(world.changes.filter(({ transition }) => transition.advice.failover)).toEqual([]);
  });

  it("takes no advice at all from one of two, whatever it sees", () => {
    const world = new World({ regions: ["weur", "wnam"] });
    for (const key of [KEY, SIBLING]) world.place(key, { policy: { outsideProof: true } });
    world.run(20_000);
    world.set(KEY, "refused", ["weur"]);
    world.run(60_000);
    expect(world.answer(KEY)).toMatchObject({
      confirmed: false,
      advice: { routing: "serve", failover: false },
    });
  });

  it("lets a target say how many vantages it takes", () => {
    const world = new World({ regions: ["weur", "wnam"] });
    world.place(KEY, { policy: { minVantages: 2, outsideProof: true, restartGraceMs: 0 } });
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
    world.place(KEY, { policy: { outsideProof: true, providers: 2 } });
    world.run(20_000);
    world.set(KEY, "refused");
    world.run(30_000);
    // No vantage is served, and the judge says so without a quorum. But it advises no failover.
    expect(world.answer(KEY)).toMatchObject({
      confirmed: false,
      advice: { routing: "avoid", failover: false },
    });
  });

  it("counts vantages known to stand in one colo once", () => {
    const world = settledWorld();
    world.configure(KEY, { policy: { outsideProof: true } });
    const share = (count: number) =>
      REGIONS.slice(0, count).forEach((region) => world.standIn(region, "FRA"));
    share(5);
    world.run(10_000);
    world.set(KEY, "refused");
    world.run(10_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", confirmed: true });
    expect(world.answer(KEY).evidence).toHaveLength(3);
    // Two places in the world are no quorum, however many vantages look through one of them.
    share(6);
    world.run(30_000);
    expect(world.answer(KEY)).toMatchObject({ confirmed: false, advice: { failover: false } });
  });

  it.each([
    ["silent", "node_dead"],
    ["refused", "process_crashed"],
  ] as const)(
    "confirms of a node that is %s from outside that it is %s only where that risk was taken by name",
    (condition, verdict) => {
      const confirmed = [false, true].map((outsideProof) => {
        const world = new World();
        world.place(KEY, { policy: { outsideProof, restartGraceMs: 0 } });
        world.place(SIBLING);
        world.run(20_000);
        world.set(KEY, condition);
        world.run(20_000);
        expect(world.answer(KEY)).toMatchObject({ verdict, advice: { routing: "avoid" } });
        expect(world.answer(KEY).advice.failover).toBe(world.answer(KEY).confirmed);
        return world.answer(KEY).confirmed;
      });
      expect(confirmed).toEqual([false, true]);
    },
  );

  it("confirms a death from outside only once a sibling has gone on answering for an interval", () => {
    const world = new World({ intervalMs: 10_000 });
    world.place(KEY, { policy: { outsideProof: true } });
    world.place(SIBLING);
    world.run(40_000);
    world.set(KEY, "silent");
    world.until(says(world, "node_dead"), 10_000);
    expect(world.answer(KEY).confirmed).toBe(false);
    const missedAt = world.now;
    expect(world.until(() => world.answer(KEY).confirmed, 20_000)).toBeLessThan(20_000);
    expect(world.now - missedAt).toBeGreaterThan(5_000);
  });

  it("takes a death back when all of its siblings fall silent after it", () => {
    const world = new World();
    world.place(KEY, { policy: { outsideProof: true } });
    world.place(SIBLING);
    world.run(20_000);
    world.set(KEY, "silent");
    world.until(says(world, "node_dead"), 10_000);
    world.set(SIBLING, "silent");
    world.run(20_000);
    for (const key of [KEY, SIBLING])
      expect(world.answer(key)).toMatchObject({ verdict: "unreachable", scope: "site" });
    expect(world.changes.filter(({ transition }) => transition.advice.failover)).toEqual([]);
  });

  it("withdraws failover when its probes grow old, before the evidence does", () => {
    const world = settledWorld();
    world.configure(KEY, { policy: { outsideProof: true, restartGraceMs: 0 } });
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
    world.configure(KEY, { policy: { outsideProof: true } });
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
    for (const region of REGIONS) world.control(region, true);
    world.run(10_000);
    world.control("oc", false);
    world.run(20_000);
    expect(world.state.vantages.get("oc")).toMatchObject({ state: "faulty" });
    expect(world.answer(KEY).notCounted).toEqual([
      { vantage: "oc", reason: "faulty: 1 of 1 controls silent" },
    ]);
  });

  it("goes by what it looks at, where its control has never answered", () => {
    const world = settledWorld();
    for (const region of REGIONS) world.control(region, region !== "oc");
    world.run(20_000);
    expect(world.state.vantages.get("oc")).toMatchObject({ state: "sound" });
    for (const key of ALL) world.set(key, "silent", ["oc"]);
    world.run(60_000);
    expect(world.state.vantages.get("oc")).toMatchObject({ state: "faulty" });
    for (const key of ALL) expect(verdictsOf(world, key, 2)).toEqual([]);
  });

  it("ignores a control that falls silent to everybody", () => {
    const world = settledWorld();
    for (const region of REGIONS) world.control(region, true);
    world.run(10_000);
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
    world.configure(KEY, { policy: { outsideProof: true, restartGraceMs: 0 } });
    for (const region of ["oc", "wnam"]) world.mute(region);
    world.run(30_000);
    world.set(KEY, "refused");
    expect(world.until(says(world, "process_crashed"), 6_000)).toBeLessThan(6_000);
    expect(world.answer(KEY)).toMatchObject({ confirmed: true, advice: { failover: true } });
  });
});
