import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { assignedTarget, assignmentOf } from "../schedule/assigned.ts";
import { FROZEN, HEALTHY } from "../schedule/scripted-network.ts";
import { openWorld } from "./world.ts";

const one = [assignedTarget("db-1")];
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("reports", () => {
  it("are kept while the aggregator is down, and delivered in order once it is back", async () => {
    const { stub, ticks, aggregator } = openWorld();
    await stub().configure(assignmentOf(one));
    aggregator.answer = "throw";
    await ticks(25);
    expect(aggregator.taken).toEqual([]);
    aggregator.answer = "reply";
    await ticks(1);
    expect(aggregator.calls.slice(-2).map((call) => call.length)).toEqual([20, 6]);
    expect(aggregator.taken.map(({ sequence }) => sequence)).toEqual(upTo(26));
    const begins = aggregator.taken.flatMap(({ observations }) => observations.map(({ begin }) => begin));
    expect(begins).toEqual(upTo(26).map((n) => (begins[0] ?? 0) + (n - 1) * 10_000));
    await ticks(1);
    expect(aggregator.calls.at(-1)).toEqual([27]);
  });

  it("are dropped oldest first when there are too many, and the observations lost are counted", async () => {
    const { stub, ticks, aggregator } = openWorld();
    await stub().configure(assignmentOf([...one, assignedTarget("db-2"), assignedTarget("db-3")]));
    aggregator.answer = "throw";
    await ticks(265);
    aggregator.answer = "reply";
    await ticks(1);
    expect(aggregator.taken.map(({ sequence }) => sequence)).toEqual(upTo(266).slice(10));
    expect(aggregator.taken.at(-1)?.dropped).toBe(30);
  });

  it("are taken once although the reply was lost and they were sent again", async () => {
    const { stub, ticks, aggregator } = openWorld();
    await stub().configure(assignmentOf(one));
    aggregator.answer = "reply lost";
    await ticks(3);
    aggregator.answer = "reply";
    await ticks(1);
    expect(aggregator.calls).toEqual([[1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]);
    expect(aggregator.taken.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
  });

  it("wait for a call that hangs, while the ticks go on", async () => {
    const { stub, ticks, turn, aggregator } = openWorld();
    await stub().configure(assignmentOf([assignedTarget("db-1", { intervalMs: 5_000 })]));
    aggregator.answer = "hang";
    await ticks(2);
    expect(aggregator.calls).toEqual([[1]]);
    aggregator.answer = "reply";
    await turn(10_000);
    await ticks(1);
    expect(aggregator.calls).toEqual([[1], [1, 2, 3]]);
  });

  it("that failed are tried again in 15 s where the next tick is further away", async () => {
    const { stub, ticks, alarmAt, clock, network, aggregator } = openWorld();
    await stub().configure(assignmentOf([assignedTarget("db-1", { intervalMs: 600_000 })]));
    aggregator.answer = "throw";
    await ticks(1);
    expect(await alarmAt()).toBe(clock.now() + 15_000);
    aggregator.answer = "reply";
    await ticks(1);
    expect(aggregator.taken).toHaveLength(1);
    expect(network.started).toHaveLength(1);
    expect((await alarmAt()) ?? 0).toBeGreaterThan(clock.now() + 500_000);
  });

  it("written and not acknowledged outlive an eviction", async () => {
    const { stub, ticks, clock, aggregator } = openWorld();
    await stub().configure(assignmentOf(one));
    aggregator.answer = "throw";
    await ticks(2);
    await evictDurableObject(stub());
    clock.forget();
    aggregator.answer = "reply";
    await ticks(1);
    expect(aggregator.taken.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(aggregator.seen).toEqual(["db-1 ok", "db-1 ok", "db-1 ok"]);
  });

  it("are not all sent again after a restart: each row knows what was acknowledged before it", async () => {
    const { stub, ticks, die, aggregator } = openWorld();
    await stub().configure(assignmentOf(one));
    await ticks(30);
    await die();
    await ticks(1);
    expect(aggregator.calls.at(-1)).toEqual([30, 31]);
    expect(aggregator.taken).toHaveLength(31);
  });

  it("number on after what the aggregator knows, if this object has lost its storage", async () => {
    const { stub, ticks, aggregator } = openWorld();
    aggregator.taken.push({
      vantage: "weur",
      sequence: 900,
      madeAt: 1,
      version: 1,
      dropped: 0,
      observations: [],
      controls: [],
    });
    await stub().configure(assignmentOf(one));
    await ticks(2);
    expect(aggregator.calls).toEqual([[1], [901]]);
  });

  // The moments lie in different parts of a tick: while probing, after the row, in the call, after the reply.
  const moments = [0, 5, 19, 20, 21, 500, 1_049, 1_050, 1_051, 3_000];
  it("keep their numbers through 20 deaths at any moment, none used twice, none taken twice, none lost", async () => {
    const { stub, ticks, beginTick, die, network, aggregator } = openWorld();
    await stub().configure(assignmentOf(one));
    await ticks(2);
    for (let death = 0; death < 20; death++) {
      aggregator.answer = (["reply", "reply lost", "hang", "throw"] as const)[death % 4] ?? "reply";
      network.setAll(death % 3 === 0 ? FROZEN : HEALTHY);
      await beginTick(moments[death % moments.length] ?? 0);
      await die();
      const { armed } = await stub().configure(assignmentOf(one));
      if (death % 2 === 0 && armed) await ticks(1);
    }
    aggregator.answer = "reply";
    network.setAll(HEALTHY);
    await ticks(2);
    const sequences = aggregator.taken.map(({ sequence }) => sequence);
    expect(sequences).toEqual(upTo(sequences.length));
    expect(sequences.length).toBeGreaterThan(10);
    for (const instants of aggregator.madeAt.values()) expect(instants.size).toBe(1);
  });
});
