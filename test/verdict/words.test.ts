import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beaten, booted, isBeating, isOver, lateAt, periodMs } from "../../src/verdict/memory/node.ts";
import type { HeartbeatRecord, TargetState } from "../../src/verdict/memory/state.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { KEY, says, SIBLING, verdictsOf } from "./look.ts";
import { settledWorld, type World } from "./world.ts";

const [site, target] = ["fra", "db-1"];

const notice = (
  world: World,
  kind: "crash" | "stop" | "start",
  bootId = "boot-1",
  restarting = false,
): void => world.tell({ kind: "notice", notice: { site, target, kind, bootId, restarting, at: world.now } });

/** The node sends heartbeats for so long, as regularly as it can. */
const beat = (world: World, forMs: number, bootId = "boot-1", everyMs = 5_000): void => {
  for (const end = world.now + forMs; world.now < end; world.run(Math.min(everyMs, end - world.now)))
    world.tell({ kind: "heartbeat", heartbeat: { site, target, bootId, everyMs, at: world.now } });
};

const arrivals = (gaps: number[], everyMs: number | null = null): HeartbeatRecord => {
  let at = 1_000_000;
  let record = beaten(null, { at, everyMs, isFirst: true }, TUNING);
  for (const gap of gaps) record = beaten(record, { at: (at += gap), everyMs, isFirst: false }, TUNING);
  return record;
};

describe("lateness", () => {
  it.each([
    ["what their sender says, before two have come", [], 3_000, 3_000],
    ["ten seconds, where nobody has said", [], null, 10_000],
    ["what the gaps are, once there are some", [2_000, 2_000, 2_000], null, 2_000],
    [
      "the short window, where they have become slow",
      [...Array(20).fill(1_000), 4_000, 4_000, 4_000, 3_900],
      null,
      3_975,
    ],
    ["the long window, where some came in a bunch", [...Array(20).fill(2_000), 10, 10, 10, 10], null, 1_668],
  ])("expects the next after %s", (_name, gaps, everyMs, expected) => {
    expect(Math.round(periodMs(arrivals(gaps as number[], everyMs), TUNING))).toBe(expected);
  });

  it("forgives one that is missed, and no more", () => {
    const record = arrivals(Array<number>(10).fill(2_000));
    expect(isBeating(record, record.at + 3_900, TUNING)).toBe(true);
    expect(isBeating(record, record.at + 4_100, TUNING)).toBe(false);
  });

  it("is never before the larger of both windows, and an outage does not stretch it", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 200, max: 5_000 }), { minLength: 1, maxLength: 60 }), (gaps) => {
        const record = arrivals(gaps);
        expect(lateAt(record, TUNING)).toBeGreaterThanOrEqual(record.at + periodMs(record, TUNING));
        const after = beaten(record, { at: record.at + 3_600_000, everyMs: null, isFirst: false }, TUNING);
        expect(periodMs(after, TUNING)).toBe(periodMs(record, TUNING));
      }),
    );
  });
});

describe("boots", () => {
  it("are over once another has followed, and only the newest are remembered", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 30 }),
        (ids) => {
          const empty = { bootId: null, pastBoots: [] as string[] } as unknown as TargetState;
          const state = ids.reduce((one, id) => booted(one, id, TUNING), empty);
          expect(state.bootId).toBe(ids.at(-1));
          expect(isOver(state, ids.at(-1) ?? "")).toBe(false);
          for (const id of ids.slice(-17, -1)) expect(isOver(state, id)).toBe(true);
        },
      ),
    );
  });
});

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

  it("is over when the process is started again", () => {
    const world = settledWorld();
    world.run(10);
    world.set(KEY, "refused");
    notice(world, "crash", "boot-1");
    world.run(10_000);
    world.set(KEY, "ok");
    notice(world, "start", "boot-2");
    expect(world.until(says(world, "alive"), 15_000)).toBeLessThan(15_000);
    expect(verdictsOf(world, KEY, 2)).toEqual(["process_crashed", "gray", "alive"]);
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

  it("from before a death do not make it isolated, and hold its confirmation back until they are late", () => {
    const world = settledWorld();
    world.configure(KEY, { policy: { outsideProof: true } });
    beat(world, 20_000);
    world.set(KEY, "silent");
    const dead = world.until(says(world, "node_dead"), 8_000);
    expect(dead).toBeLessThan(8_000);
    expect(world.answer(KEY).confirmed).toBe(false);
    expect(world.until(() => world.answer(KEY).confirmed, 12_000)).toBeLessThan(12_000);
    expect(verdictsOf(world, KEY, 2)).not.toContain("isolated");
  });

  it("that stop alone change nothing while the node answers", () => {
    const world = settledWorld();
    beat(world, 20_000);
    world.run(120_000);
    expect(verdictsOf(world, KEY, 2)).toEqual([]);
  });

  it("of a host whose process crashed do not hide the crash", () => {
    const world = settledWorld();
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
