import { describe, expect, it } from "vitest";
import type { Policy } from "../../src/domain/target.ts";
import { KEY, says, verdictsOf } from "./look.ts";
import { REGIONS, settledWorld, World } from "./world.ts";

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
  it("says once that most are answered wrongly, while one goes on being served", () => {
    const world = settledWorld();
    world.set(KEY, "reset", REGIONS.slice(1));
    world.run(10_000);
    const said = world.answer(KEY);
    expect(said).toMatchObject({ verdict: "gray", confirmed: false, advice: { routing: "serve" } });
    world.run(120_000);
    expect(world.answer(KEY).sequence).toBe(said.sequence);
  });

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
    world.configure(KEY, { policy: { outsideProof: true } });
    world.set(KEY, "refused");
    world.run(20_000);
    expect(world.answer(KEY).advice.failover).toBe(true);
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

  it.each<[string, Policy, number]>([
    ["of ten seconds", {}, 9_000],
    ["that its operator set", { restartGraceMs: 16_000 }, 15_000],
  ])("waits out the restart grace %s before it advises failover", (_name, policy, afterMs) => {
    const world = new World();
    world.place(KEY, { policy: { outsideProof: true, ...policy } });
    world.run(20_000);
    world.set(KEY, "refused");
    world.until(() => world.answer(KEY).confirmed && says(world, "process_crashed")(), 6_000);
    const tookMs = world.until(() => world.answer(KEY).advice.failover, 40_000);
    expect(tookMs).toBeGreaterThan(afterMs);
    expect(tookMs).toBeLessThan(afterMs + 2_000);
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
    world.configure(KEY, { policy: { outsideProof: true } });
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

  it.each([
    [false, "serve"],
    [true, "avoid"],
  ])("of live %s leave routing at %s when all evidence runs out on top of them", (live, routing) => {
    const world = settledWorld();
    world.markDrill({ id: "drill-0-1", live });
    world.set(KEY, "refused");
    world.run(30_000);
    for (const region of REGIONS) world.mute(region);
    world.run(60_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "unknown", advice: { routing } });
  });

  it("count as real when they are live", () => {
    const world = settledWorld();
    world.configure(KEY, { policy: { outsideProof: true } });
    world.markDrill({ id: "drill-0-1", live: true });
    world.set(KEY, "refused");
    world.run(20_000);
    expect(world.answer(KEY)).toMatchObject({ drill: "drill-0-1", advice: { failover: true } });
  });
});
