import { describe, expect, it } from "vitest";
import type { Verdict } from "../../src/domain/verdict.ts";
import { REGIONS, settledWorld, World, type Condition } from "./world.ts";

const KEY = "fra/db-1";
const SIBLING = "fra/db-2";
const ALL = ["fra/db-1", "fra/db-2", "ams/web-1", "ams/web-2"];

/** Verdicts a target has had since `from`, in order. */
const verdictsOf = (world: World, key: string, from = 0): Verdict[] =>
  world.changes
    .filter(({ site, target }) => `${site}/${target}` === key)
    .slice(from)
    .map(({ transition }) => transition.to);

const says =
  (world: World, verdict: Verdict, key = KEY) =>
  () =>
    world.answer(key).verdict === verdict;

describe("what a node's condition is called", () => {
  const cases: [string, Condition, Verdict, boolean, "serve" | "avoid", boolean, number][] = [
    ["refusals everywhere are a crashed process", "refused", "process_crashed", true, "avoid", true, 4_000],
    ["accepted and never answered is a hang", "hung", "process_hung", true, "avoid", false, 6_000],
    [
      "silence while a sibling answers is death, unconfirmed from outside",
      "silent",
      "node_dead",
      false,
      "avoid",
      false,
      6_000,
    ],
    ["wrong answers everywhere are gray and to be avoided", "error", "gray", true, "avoid", false, 4_000],
    ["connections broken mid-answer are gray, never a crash", "reset", "gray", true, "avoid", false, 4_000],
    ["bodies that never end in time are gray", "body", "gray", true, "avoid", false, 6_000],
    ["half of the answers wrong is gray and still served", "half", "gray", false, "serve", false, 10_000],
  ];
  it.each(cases)("%s", (_name, condition, verdict, confirmed, routing, failover, withinMs) => {
    const world = settledWorld();
    world.set(KEY, condition);
    expect(world.until(says(world, verdict), withinMs)).toBeLessThan(withinMs);
    world.run(20_000);
    expect(world.answer(KEY)).toMatchObject({ verdict, confirmed, advice: { routing, failover } });
    expect(world.answer(SIBLING).verdict).toBe("alive");
    expect(verdictsOf(world, KEY, 2)).toEqual([verdict]);
  });

  it("a silent port is a hang while the witness on the same host answers", () => {
    const world = new World();
    world.place(KEY, { witness: true });
    world.run(20_000);
    world.set(KEY, "silent");
    expect(world.until(says(world, "process_hung"), 6_000)).toBeLessThan(6_000);
    expect(world.answer(KEY).advice).toMatchObject({ routing: "avoid", failover: false });
  });

  it("a silent port and a silent witness are a silent host", () => {
    const world = new World();
    world.place(KEY, { witness: true });
    world.place(SIBLING);
    world.run(20_000);
    world.set(KEY, "refused");
    world.run(10_000);
    world.set(KEY, "silent");
    world.setWitness(KEY, "silent");
    world.run(20_000);
    expect(world.answer(KEY).verdict).toBe("node_dead");
  });

  it("a hang stays a hang when the backlog is full and connections are no longer accepted", () => {
    const world = settledWorld();
    world.set(KEY, "hung");
    world.run(8_000);
    world.set(KEY, "silent");
    world.run(300_000);
    expect(verdictsOf(world, KEY, 2)).toEqual(["process_hung"]);
    expect(world.answer(KEY).advice.failover).toBe(false);
  });

  it("a silent node without siblings is unreachable, and only the target is known to be silent", () => {
    const world = new World();
    world.place(KEY);
    world.run(20_000);
    world.set(KEY, "silent");
    world.run(10_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "unreachable", scope: "target" });
    expect(world.answer(KEY).advice).toMatchObject({ routing: "avoid", failover: false });
  });

  it("a silent site is unreachable as a site, whatever the order its targets are looked at", () => {
    const world = settledWorld();
    for (const key of [KEY, SIBLING]) world.set(key, "silent");
    world.run(15_000);
    for (const key of [KEY, SIBLING])
      expect(world.answer(key)).toMatchObject({ verdict: "unreachable", scope: "site", confirmed: true });
    expect(verdictsOf(world, KEY)).not.toContain("node_dead");
    expect(world.answer("ams/web-1").verdict).toBe("alive");
  });

  it("a node all outside vantages miss and whose heartbeats arrive is isolated", () => {
    const world = settledWorld();
    world.set(KEY, "silent");
    const beat = { site: "fra", target: "db-1", bootId: "b", everyMs: 2_000 };
    for (let beats = 0; beats < 5; beats++) {
      world.tell({ kind: "heartbeat", heartbeat: beat });
      world.run(2_000);
    }
    expect(world.answer(KEY)).toMatchObject({
      verdict: "isolated",
      advice: { routing: "avoid", failover: false },
    });
  });
});

describe("partitions", () => {
  it("names the vantages that are cut off, and nobody else", () => {
    const world = settledWorld();
    world.set(KEY, "silent", ["oc", "weur"]);
    world.run(15_000);
    const answer = world.answer(KEY);
    expect(answer).toMatchObject({ verdict: "partitioned", unreachableFrom: ["oc", "weur"] });
    expect(answer.advice).toMatchObject({ routing: "serve", failover: false });
    expect(Object.entries(answer.advice.regions).filter(([, routing]) => routing === "avoid")).toEqual([
      ["oc", "avoid"],
      ["weur", "avoid"],
    ]);
  });

  it.each(REGIONS)("never calls a node dead while %s alone still reaches it", (only) => {
    const world = settledWorld();
    world.set(
      KEY,
      "silent",
      REGIONS.filter((region) => region !== only),
    );
    world.run(120_000);
    expect(new Set(verdictsOf(world, KEY, 2))).toEqual(new Set(["partitioned"]));
    expect(world.answer(KEY).reachableFrom).toEqual([only]);
  });

  it("settles as alive once all reach it again", () => {
    const world = settledWorld();
    world.set(KEY, "silent", REGIONS.slice(0, 6));
    world.run(30_000);
    world.set(KEY, "ok");
    expect(world.until(says(world, "alive"), 30_000)).toBeLessThan(20_000);
    world.run(30_000);
    expect(world.answer(KEY).verdict).toBe("alive");
  });
});

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
    world.place(KEY);
    world.set(KEY, "refused");
    world.run(30_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", advice: { failover: false } });
  });

  it("does not believe refusals that hit all hosts of a site at once", () => {
    const world = settledWorld();
    for (const key of [KEY, SIBLING]) world.set(key, "refused");
    world.run(20_000);
    for (const key of [KEY, SIBLING])
      expect(world.answer(key)).toMatchObject({ verdict: "unreachable", advice: { failover: false } });
  });
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

  it("goes on with the votes that remain when vantages stop reporting", () => {
    const world = settledWorld();
    for (const region of ["oc", "wnam"]) world.mute(region);
    world.run(30_000);
    world.set(KEY, "refused");
    expect(world.until(says(world, "process_crashed"), 6_000)).toBeLessThan(6_000);
    expect(world.answer(KEY)).toMatchObject({ confirmed: true, advice: { failover: true } });
  });
});

describe("freshness", () => {
  it("runs out into unknown, which keeps the settled routing and never advises failover", () => {
    const world = settledWorld();
    world.set(KEY, "refused");
    world.run(30_000);
    for (const region of REGIONS) world.mute(region);
    world.run(60_000);
    expect(world.answer(KEY)).toMatchObject({
      verdict: "unknown",
      stale: true,
      lastVerdict: "process_crashed",
      advice: { routing: "avoid", failover: false },
    });
    expect(verdictsOf(world, KEY).at(-1)).toBe("unknown");
  });

  it("says unknown on a read in the moment it runs out, before the alarm has rung", () => {
    const world = settledWorld();
    world.now += 120_000;
    expect(world.answer(KEY)).toMatchObject({
      verdict: "unknown",
      stale: true,
      advice: { routing: "serve" },
    });
  });
});

describe("settling", () => {
  it("changes nothing for one lost probe among good ones, and asks for more", () => {
    const world = settledWorld();
    const bursts = world.bursts;
    world.set(KEY, "silent", ["weur"]);
    world.until(() => world.bursts > bursts, 7_000);
    world.set(KEY, "ok");
    world.run(60_000);
    expect(world.bursts).toBeGreaterThan(bursts);
    expect(verdictsOf(world, KEY, 2)).toEqual([]);
  });

  it("withdraws failover at the first ok and is alive a dwell later", () => {
    const world = settledWorld();
    world.set(KEY, "refused");
    world.run(20_000);
    world.set(KEY, "ok");
    expect(world.until(() => !world.answer(KEY).advice.failover, 2_000)).toBeLessThan(2_000);
    expect(world.answer(KEY).reachableFrom).toHaveLength(1);
    const dwell = world.until(says(world, "alive"), 20_000);
    expect(dwell).toBeGreaterThan(4_000);
    expect(dwell).toBeLessThan(10_000);
  });

  it("dwells longer the more often it fell, and at most thirty seconds", () => {
    const world = settledWorld();
    for (let falls = 0; falls < 10; falls++) {
      world.set(KEY, "refused");
      world.run(6_000);
      world.set(KEY, "ok");
      world.run(6_000);
    }
    const dwell = world.until(says(world, "alive"), 60_000);
    expect(dwell).toBeGreaterThan(15_000);
    expect(dwell).toBeLessThan(40_000);
  });

  it("waits out the restart grace before it advises failover", () => {
    const world = new World();
    world.place(KEY, { policy: { restartGraceMs: 10_000 } });
    world.run(20_000);
    world.set(KEY, "refused");
    world.until(() => world.answer(KEY).confirmed && says(world, "process_crashed")(), 6_000);
    expect(world.until(() => world.answer(KEY).advice.failover, 20_000)).toBeGreaterThan(9_000);
  });

  it("advises failover for a verdict an operator added, after the time given", () => {
    const world = new World();
    world.place(KEY, { policy: { failoverOn: [{ verdict: "process_hung", afterMs: 20_000 }] } });
    world.run(20_000);
    world.set(KEY, "hung");
    world.until(says(world, "process_hung"), 6_000);
    expect(world.until(() => world.answer(KEY).advice.failover, 40_000)).toBeGreaterThan(19_000);
  });
});

describe("an operator's word", () => {
  const until = (world: World, ttlMs: number) => world.now + ttlMs;

  it("outranks the evidence until it runs out", () => {
    const world = settledWorld();
    const override = { verdict: "node_dead" as const, reason: "fenced", until: until(world, 20_000) };
    world.tell({ kind: "override", site: "fra", target: "db-1", override });
    expect(world.answer(KEY)).toMatchObject({
      verdict: "node_dead",
      confirmed: true,
      advice: { routing: "avoid", failover: true },
      override: { reason: "fenced" },
    });
    world.run(25_000);
    expect(world.answer(KEY)).toMatchObject({
      verdict: "alive",
      override: null,
      advice: { failover: false },
    });
  });

  it("can steer the advice alone", () => {
    const world = settledWorld();
    const override = {
      advice: { routing: "avoid" as const },
      reason: "draining",
      until: until(world, 60_000),
    };
    world.tell({ kind: "override", site: "fra", target: "db-1", override });
    expect(world.answer(KEY)).toMatchObject({
      verdict: "alive",
      advice: { routing: "avoid", failover: false },
    });
    world.tell({ kind: "override", site: "fra", target: "db-1", override: null });
    expect(world.answer(KEY).advice.routing).toBe("serve");
  });

  it("a pause keeps the settled routing and never advises failover", () => {
    const world = settledWorld();
    world.set(KEY, "refused");
    world.run(20_000);
    world.configure(KEY, { paused: true });
    world.run(60_000);
    expect(world.answer(KEY)).toMatchObject({
      verdict: "unknown",
      paused: true,
      advice: { routing: "avoid", failover: false },
    });
  });
});

describe("drills", () => {
  it("are told from real faults by the mark on their observations", () => {
    const world = settledWorld();
    world.markDrill({ id: "drill-0-1", live: false });
    world.set(KEY, "refused");
    world.run(20_000);
    expect(world.answer(KEY)).toMatchObject({
      verdict: "process_crashed",
      confirmed: true,
      drill: "drill-0-1",
      advice: { routing: "avoid", failover: false },
    });
    world.set(KEY, "ok");
    world.run(20_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "alive", drill: null });
  });

  it("count as real when they are live", () => {
    const world = settledWorld();
    world.markDrill({ id: "drill-0-1", live: true });
    world.set(KEY, "refused");
    world.run(20_000);
    expect(world.answer(KEY)).toMatchObject({ drill: "drill-0-1", advice: { failover: true } });
  });
});
