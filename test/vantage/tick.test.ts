import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { assignedTarget, assignmentOf } from "../schedule/assigned.ts";
import { names } from "../schedule/rounds-scene.ts";
import { DEAD, FROZEN, HEALTHY } from "../schedule/scripted-network.ts";
import { countRows, openWorld } from "./world.ts";

const one = [assignedTarget("db-1")];
const slow = [assignedTarget("db-1", { intervalMs: 60_000 })];

describe("a tick", () => {
  it.each([
    { count: 1, network: "healthy" },
    { count: 1, network: "dead" },
    { count: 100, network: "healthy" },
    { count: 100, network: "dead" },
  ] as const)(
    "of $count $network targets writes two rows, the report and the alarm, and makes one call",
    async (each) => {
      const { stub, network, ticks, aggregator, alarmAt, clock } = openWorld();
      const targets = names(each.count).map((name) => assignedTarget(name, { intervalMs: 60_000 }));
      await stub().configure(assignmentOf(targets, { controls: ["http://control.example/"] }));
      await ticks(5);
      if (each.network === "dead") network.setAll(DEAD);
      await ticks(2);
      const [count, calls] = [await countRows(stub()), aggregator.calls.length];
      await ticks(4);
      expect(count).toEqual({ rows: 4, alarms: 4 });
      expect(aggregator.calls.length - calls).toBe(4);
      expect(await alarmAt()).toBeGreaterThan(clock.now());
    },
  );

  it("writes no more than two rows while the aggregator is down", async () => {
    const { stub, ticks, aggregator } = openWorld();
    await stub().configure(assignmentOf(slow));
    aggregator.answer = "throw";
    await ticks(1);
    const count = await countRows(stub());
    await ticks(9);
    expect(count.rows + count.alarms).toBeLessThanOrEqual(18);
    expect(count.alarms).toBe(9);
  });

  it("writes nothing before its probes have ended", async () => {
    const { stub, network, beginTick, turn } = openWorld();
    await stub().configure(assignmentOf(one));
    network.setAll({ answersAfterMs: 900 });
    const count = await countRows(stub());
    await beginTick(899);
    expect(count).toEqual({ rows: 0, alarms: 0 });
    await turn(1);
    expect(count).toEqual({ rows: 1, alarms: 1 });
  });

  it("that comes too early reports nothing, and sets the alarm again", async () => {
    const { stub, ticks, beginTick, alarmAt, aggregator } = openWorld();
    await stub().configure(assignmentOf(one));
    await ticks(1);
    const due = await alarmAt();
    const count = await countRows(stub());
    await beginTick(0);
    expect(await alarmAt()).toBe(due);
    expect(count).toEqual({ rows: 0, alarms: 1 });
    expect(aggregator.calls).toHaveLength(1);
  });

  it.each([
    { how: "and its end with the next report if that is near", is: DEAD, end: "connect_timeout", calls: 4 },
    { how: "and tells of a hang as soon as it is one", is: FROZEN, end: "response_timeout", calls: 5 },
  ])("reports what is still silent as pending, $how", async ({ is, end, calls }) => {
    const { stub, network, ticks, aggregator } = openWorld();
    await stub().configure(assignmentOf([assignedTarget("db-1", { intervalMs: 5_000, timeoutMs: 2_000 })]));
    await ticks(2);
    network.setAll(is);
    await ticks(1);
    network.setAll(HEALTHY);
    await ticks(1);
    expect(aggregator.seen.slice(2)).toEqual(["db-1 pending", `db-1 ${end}`, "db-1 ok"]);
    expect(aggregator.calls).toHaveLength(calls);
    const [pending, final] = aggregator.taken.slice(2).flatMap((report) => report.observations);
    expect(final?.begin).toBe(pending?.begin);
  });

  it("whose next is far away sends news of what was still silent when the last of it has ended", async () => {
    const { stub, network, ticks, turn, aggregator } = openWorld();
    await stub().configure(assignmentOf(slow));
    network.setAll(DEAD);
    await ticks(1);
    expect(aggregator.calls).toHaveLength(0);
    await turn(4_000);
    expect(aggregator.seen).toEqual(["db-1 connect_timeout"]);
  });

  it("takes at most five targets at once, whatever their number", async () => {
    const { stub, ticks, network, aggregator } = openWorld();
    await stub().configure(assignmentOf(names(60).map((name) => assignedTarget(name))));
    await ticks(2);
    expect(network.busiest).toBe(5);
    expect(aggregator.taken[0]?.observations).toHaveLength(60);
  });

  it("follows a drill that is pushed, at once", async () => {
    const { stub, ticks, network, clock, aggregator } = openWorld();
    await stub().configure(assignmentOf(one));
    await ticks(1);
    const window = { startsAt: clock.now(), endsAt: clock.now() + 60_000, durationMs: 60_000 };
    const drill = { id: "d-1", site: "fra", fault: "refuse", live: false, ...window } as const;
    await stub().configure(assignmentOf(one, { version: 2, drills: [drill] }));
    await ticks(1);
    expect(aggregator.taken[1]?.observations).toEqual([
      expect.objectContaining({ outcome: "refused", totalMs: 8, drill: { id: "d-1", live: false } }),
    ]);
    expect(network.started).toHaveLength(1);
  });

  it("asks for the colo once, keeps it over a restart, and reports it", async () => {
    const { stub, ticks, die, aggregator } = openWorld();
    await stub().configure(assignmentOf(one));
    await ticks(3);
    await die();
    await ticks(1);
    expect(aggregator.taken.map(({ colo }) => colo)).toEqual([undefined, "FRA", "FRA", "FRA"]);
  });

  it("tells which turns came up and went by, and its pace, which outlasts it", async () => {
    const { stub, ticks, die, aggregator, turn } = openWorld();
    await stub().configure(assignmentOf(names(10).map((name) => assignedTarget(name))));
    await ticks(3);
    await turn(30_000);
    await ticks(1);
    await die();
    await turn(60_000);
    await ticks(1);
    expect(aggregator.taken.map(({ turns }) => turns)).toEqual([
      { due: 10, missed: 0, slots: 5 },
      { due: 10, missed: 0, slots: 5, heldMs: 20 },
      { due: 10, missed: 0, slots: 5, heldMs: 20 },
      { due: 30, missed: 20, slots: 5, heldMs: 20 },
      // The vantage was not alive, so it counts no turns for this time.
      { due: 10, missed: 0, slots: 5, heldMs: 20 },
    ]);
  });

  it("hands what the probers have learnt to the object that comes after it", async () => {
    const { stub, ticks, die, memories } = openWorld();
    await stub().configure(assignmentOf(one));
    await ticks(1);
    expect(memories).toEqual([]);
    await die();
    await ticks(1);
    expect(memories).toEqual(["learnt"]);
  });
});

describe("the alarm is set again after", () => {
  it("a failing disk, and the next tick is whole", async () => {
    const { stub, ticks, tick, alarmAt, clock, aggregator } = openWorld();
    await stub().configure(assignmentOf(one));
    await ticks(1);
    const mend = await runInDurableObject(stub(), (_, { storage }) => {
      const exec = storage.sql.exec.bind(storage.sql);
      storage.sql.exec = () => {
        throw new Error("disk I/O error");
      };
      return () => {
        storage.sql.exec = exec;
      };
    });
    await tick();
    expect(await alarmAt()).toBeGreaterThan(clock.now());
    mend();
    await tick();
    expect(aggregator.taken.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it("an aggregator that throws, hangs or loses its replies", async () => {
    const { stub, tick, alarmAt, clock, aggregator } = openWorld();
    await stub().configure(assignmentOf(one));
    for (const answer of ["throw", "hang", "reply lost"] as const) {
      aggregator.answer = answer;
      await tick();
      expect(await alarmAt()).toBeGreaterThan(clock.now());
    }
  });

  it("an assignment on the reply that cannot be stored", async () => {
    const { stub, tick, alarmAt, clock, aggregator } = openWorld();
    await stub().configure(assignmentOf(one));
    const unstorable = { ...assignmentOf(one, { version: 2 }), toJSON: () => undefined };
    aggregator.assignment = unstorable;
    await tick();
    expect(await alarmAt()).toBeGreaterThan(clock.now());
    await tick();
    expect(aggregator.taken.map(({ version }) => version)).toEqual([1, 1]);
  });
});
