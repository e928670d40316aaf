import { describe, expect, it } from "vitest";
import { KEY, says, SIBLING, verdictsOf } from "./look.ts";
import { settledWorld, type World } from "./world.ts";

const [site, target] = ["fra", "db-1"];

const notice = (
  world: World,
  kind: "crash" | "stop" | "start",
  bootId = "boot-1",
  restarting = false,
): void => world.tell({ kind: "notice", notice: { site, target, kind, bootId, restarting, at: world.now } });

/** The node sends heartbeats for `forMs`, as regularly as it can. */
const beat = (world: World, forMs: number, bootId = "boot-1", everyMs = 5_000): void => {
  for (const end = world.now + forMs; world.now < end; world.run(Math.min(everyMs, end - world.now)))
    world.tell({ kind: "heartbeat", heartbeat: { site, target, bootId, everyMs, at: world.now } });
};

describe("a crash notice", () => {
  it("has the node looked at from everywhere at once, and the crash confirmed within two seconds", () => {
    const world = settledWorld();
    world.set(KEY, "refused");
    notice(world, "crash");
    expect(world.until(says(world, "process_crashed"), 2_000)).toBeLessThan(2_000);
    expect(world.answer(KEY)).toMatchObject({ confirmed: true, advice: { failover: true } });
    expect(world.answer(KEY).because).toContain("its supervisor says that it crashed");
  });

  it("that the process contradicts never becomes a crash, and shows in the history", () => {
    const world = settledWorld();
    notice(world, "crash");
    expect(world.answer(KEY).beliefs.crashed).toBeGreaterThan(0.8);
    world.run(30_000);
    expect(verdictsOf(world, KEY, 2)).toEqual(["alive"]);
    const last = world.changes.at(-1)?.transition;
    expect(last).toMatchObject({ from: "alive", to: "alive", confirmed: true });
    expect(last?.because).toContain("is contradicted");
    expect(last?.advice.reason).toContain("crash notice was contradicted");
    expect(world.answer(KEY).beliefs.crashed).toBeLessThan(0.01);
  });

  it("of a node that a death follows does not make it a crash", () => {
    const world = settledWorld();
    notice(world, "crash");
    world.set(KEY, "silent");
    world.run(30_000);
    expect(world.answer(KEY).verdict).toBe("node_dead");
  });

  it("of a boot that is over changes nothing", () => {
    const world = settledWorld();
    notice(world, "start", "boot-1");
    notice(world, "start", "boot-2");
    const { bursts } = world;
    notice(world, "crash", "boot-1");
    world.run(2_000);
    expect(world.bursts).toBe(bursts);
    expect(world.state.targets.get(KEY)?.notice).toMatchObject({ kind: "start", bootId: "boot-2" });
  });

  it("is not overtaken by the start of the same boot", () => {
    const world = settledWorld();
    notice(world, "crash", "boot-1");
    notice(world, "start", "boot-1");
    expect(world.state.targets.get(KEY)?.notice).toMatchObject({ kind: "crash" });
  });

  it("of a supervisor that starts it again gives it ten seconds before failover", () => {
    const world = settledWorld();
    world.set(KEY, "refused");
    notice(world, "crash", "boot-1", true);
    world.run(5_000);
    expect(world.answer(KEY)).toMatchObject({
      confirmed: true,
      advice: { routing: "avoid", failover: false },
    });
    world.run(10_000);
    expect(world.answer(KEY).advice.failover).toBe(true);
  });

  it("is over when the process is started again, and so is failover that had been waiting for nothing", () => {
    const world = settledWorld();
    world.run(10);
    world.set(KEY, "refused");
    notice(world, "crash", "boot-1");
    world.run(5_000);
    expect(world.answer(KEY).advice.failover).toBe(true);
    world.set(KEY, "ok");
    notice(world, "start", "boot-2");
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", advice: { failover: false } });
    expect(world.until(says(world, "alive"), 15_000)).toBeLessThan(15_000);
    expect(verdictsOf(world, KEY, 2)).toEqual(["process_crashed", "process_crashed", "gray", "alive"]);
  });
});

describe("a stop notice", () => {
  it("sends traffic away and raises no alarm", () => {
    const world = settledWorld();
    world.set(KEY, "refused");
    notice(world, "stop");
    world.run(60_000);
    expect(world.answer(KEY)).toMatchObject({
      verdict: "process_crashed",
      advice: { routing: "avoid", failover: false },
    });
    expect(world.answer(KEY).advice.reason).toContain("stopped in order");
    expect(world.changes.filter(({ transition }) => transition.advice.failover)).toEqual([]);
  });
});

describe("heartbeats", () => {
  it("make a silent node isolated, and never alive", () => {
    const world = settledWorld();
    beat(world, 20_000);
    world.set(KEY, "silent");
    beat(world, 40_000);
    expect(world.answer(KEY)).toMatchObject({
      verdict: "isolated",
      advice: { routing: "avoid", failover: false },
    });
    expect(verdictsOf(world, KEY, 2)).not.toContain("alive");
  });

  it("from before a death do not make it isolated, and hold its name back until they are late", () => {
    const world = settledWorld();
    world.configure(KEY, { policy: { outsideProof: true } });
    beat(world, 20_000, "boot-1", 10_000);
    world.set(KEY, "silent");
    expect(world.until(says(world, "unreachable"), 6_000)).toBeLessThan(6_000);
    expect(world.answer(KEY).because).toContain("its next heartbeat");
    expect(world.until(says(world, "node_dead"), 20_000)).toBeLessThan(20_000);
    expect(world.until(() => world.answer(KEY).confirmed, 12_000)).toBeLessThan(12_000);
    expect([...new Set(verdictsOf(world, KEY, 2))]).toEqual(["unreachable", "node_dead"]);
  });

  it("that stop alone change nothing while the node answers", () => {
    const world = settledWorld();
    beat(world, 20_000);
    world.run(120_000);
    expect(verdictsOf(world, KEY, 2)).toEqual([]);
  });

  it("of a host whose process crashed do not hide the crash", () => {
    const world = settledWorld();
    world.configure(KEY, { policy: { outsideProof: true } });
    beat(world, 20_000);
    world.set(KEY, "refused");
    beat(world, 15_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", confirmed: true });
    expect(world.answer(SIBLING).verdict).toBe("alive");
  });
});

describe("notices without end", () => {
  it("leave enough of the bursts for a real death elsewhere", () => {
    const world = settledWorld();
    for (let boot = 0; boot < 40; boot++) {
      notice(world, "crash", `boot-${boot}`);
      world.run(500);
    }
    world.set(SIBLING, "silent");
    expect(world.until(says(world, "node_dead", SIBLING), 6_000)).toBeLessThan(6_000);
    expect(verdictsOf(world, KEY, 2)).not.toContain("process_crashed");
  });
});
