import { describe, expect, it } from "vitest";
import type { Verdict } from "../../src/domain/verdict.ts";
import { KEY, says, SIBLING, verdictsOf } from "./look.ts";
import type { Condition } from "./condition.ts";
import { REGIONS, settledWorld, World } from "./world.ts";

/**
 * A node whose full backlog accepts the connections of some vantages and never serves them, while it drops those of others. This is no
 * loss.
 */
const worldWithHang = (caught: string[]): World => {
  const world = new World();
  for (const key of [KEY, SIBLING]) world.place(key);
  world.run(10_000);
  world.set(KEY, "silent");
  world.set(KEY, "hung", caught);
  const newest = (id: string) => world.state.targets.get(KEY)?.edges.get(id)?.recent.at(-1);
  world.until(() => caught.every((id) => newest(id)?.stage === "response"), 10_000);
  return world;
};

describe("what a node's condition is called", () => {
  const cases: [string, Condition, Verdict, boolean, "serve" | "avoid", boolean, number][] = [
    [
      "refusals everywhere are a crashed process, unconfirmed from outside",
      "refused",
      "process_crashed",
      false,
      "avoid",
      false,
      4_000,
    ],
    ["accepted and never answered is a hang", "hung", "process_hung", true, "avoid", false, 8_000],
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
    ["bodies that never end in time are gray", "body", "gray", true, "avoid", false, 8_000],
    ["half of the answers wrong is gray and still served", "half", "gray", false, "serve", false, 10_000],
  ];
  it.each(cases)("%s", (_name, condition, verdict, confirmed, routing, failover, withinMs) => {
    const world = settledWorld();
    world.configure(KEY, { policy: { restartGraceMs: 0 } });
    world.set(KEY, condition);
    expect(world.until(says(world, verdict), withinMs)).toBeLessThan(withinMs);
    world.run(20_000);
    expect(world.answer(KEY)).toMatchObject({ verdict, confirmed, advice: { routing, failover } });
    expect(world.answer(KEY).confidence).toBeGreaterThan(0.7);
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

  it("a service refused with the witness on the same host is no crash: something refuses for both", () => {
    const world = new World();
    world.place(KEY, { witness: true });
    world.place(SIBLING);
    world.run(30_000);
    world.set(KEY, "refused");
    world.setWitness(KEY, "refused");
    world.run(30_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "unreachable", advice: { failover: false } });
    expect(verdictsOf(world, KEY, 2)).not.toContain("process_crashed");
  });

  it.each([0, 4_730, 5_160, 6_020])(
    "a service refused is no confirmed crash before its witness has spoken, with no burst left to ask it (%i ms)",
    (leadMs) => {
      const world = new World();
      world.place(KEY, { witness: true });
      world.place(SIBLING);
      for (const region of [REGIONS[1], REGIONS[3]]) world.mute(region ?? "");
      world.run(60_000 + leadMs);
      world.state = { ...world.state, tokens: { level: -5, at: world.now } };
      world.set(KEY, "refused");
      world.setWitness(KEY, "refused");
      world.run(40_000);
      expect(world.answer(KEY).verdict).toBe("unreachable");
      for (const { transition } of world.changes) expect(transition.advice.failover).toBe(false);
    },
  );

  it("a service refused while its witness answers is a crash, and soon", () => {
    const world = new World();
    world.place(KEY, { witness: true });
    world.place(SIBLING);
    world.run(30_000);
    world.set(KEY, "refused");
    expect(world.until(says(world, "process_crashed"), 4_000)).toBeLessThan(4_000);
    expect(world.answer(KEY).confirmed).toBe(true);
  });

  it("a witness that was never open may refuse as ever", () => {
    const world = new World();
    world.place(KEY, { witness: true });
    world.setWitness(KEY, "refused");
    world.place(SIBLING);
    world.run(30_000);
    world.set(KEY, "refused");
    expect(world.until(says(world, "process_crashed"), 4_000)).toBeLessThan(4_000);
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
    expect(world.answer(KEY).confidence).toBeGreaterThan(0.9);
    expect(world.answer(KEY).advice.failover).toBe(false);
  });

  it("a hang that caught its last connections in flight is a hang, though none is accepted afterwards", () => {
    const world = settledWorld();
    // Two probes begin just before the newest ok and are never answered. Then the backlog is full.
    world.set(KEY, "hung", ["weur", "enam"]);
    const newest = (id: string) => world.state.targets.get(KEY)?.edges.get(id)?.recent.at(-1);
    world.until(() => ["weur", "enam"].every((id) => newest(id)?.stage === "response"), 10_000);
    world.set(KEY, "silent");
    expect(world.until(says(world, "process_hung"), 8_000)).toBeLessThan(8_000);
    world.run(20_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_hung", confirmed: true });
  });

  it.each([2, 3, 4, 5, 6])("of a hang that begins so for %i of seven, nothing else is ever said", (count) => {
    const world = worldWithHang(REGIONS.slice(0, count));
    world.set(KEY, "silent");
    world.run(20_000);
    expect([...new Set(verdictsOf(world, KEY))]).toEqual(["unknown", "alive", "process_hung"]);
    expect(world.answer(KEY).confirmed).toBe(true);
  });

  it.each([2, 3, 4, 5, 6])("nor where it goes on accepting the connections of %i of seven", (count) => {
    const caught = REGIONS.slice(0, count);
    const world = worldWithHang(caught);
    // Each connection that the node accepts proves its host, and the connections dropped beside it are no loss.
    world.set(KEY, "silent");
    world.set(KEY, "hung", caught);
    world.run(20_000);
    expect([...new Set(verdictsOf(world, KEY))]).toEqual(["unknown", "alive", "process_hung"]);
    expect(world.answer(KEY).confirmed).toBe(true);
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
      world.tell({ kind: "heartbeat", heartbeat: { ...beat, at: world.now } });
      world.run(2_000);
    }
    expect(world.answer(KEY)).toMatchObject({
      verdict: "isolated",
      advice: { routing: "avoid", failover: false },
    });
  });
});

describe("loss", () => {
  it.each([
    ["makes a target gray where none is expected", undefined, "gray"],
    ["is nothing new where the target's policy expects it", 0.3, "alive"],
  ])("of a third of the probes %s", (_name, expectedLoss, verdict) => {
    const world = new World();
    world.place(KEY, { policy: expectedLoss === undefined ? {} : { expectedLoss } });
    world.place(SIBLING);
    world.run(20_000);
    world.set(KEY, "lossy");
    world.run(60_000);
    expect(world.answer(KEY)).toMatchObject({ verdict, advice: { routing: "serve", failover: false } });
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
