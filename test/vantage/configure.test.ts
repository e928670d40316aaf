import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Vantage } from "../../src/vantage/vantage-object.ts";
import { assignedTarget, assignmentOf } from "../schedule/assigned.ts";
import { FROZEN } from "../schedule/scripted-network.ts";
import { countRows, openWorld } from "./world.ts";

const two = [assignedTarget("db-1"), assignedTarget("db-2")];

describe("configure", () => {
  it("sets the alarm at once for what was never looked at, and tells that none was set", async () => {
    const { stub, alarmAt, clock } = openWorld();
    expect(await stub().configure(assignmentOf(two))).toEqual({ armed: false });
    expect(await alarmAt()).toBe(clock.now());
    expect(await stub().configure(assignmentOf(two))).toEqual({ armed: true });
  });

  it("never puts off what is due, however often it is called", async () => {
    const { stub, alarmAt, clock, tick, turn } = openWorld();
    await stub().configure(assignmentOf(two));
    await tick();
    const due = await alarmAt();
    for (let version = 2; version < 8; version++) {
      await turn(1_000);
      expect(await stub().configure(assignmentOf(two, { version }))).toEqual({ armed: true });
      expect(await alarmAt()).toBe(due);
    }
    await stub().configure(assignmentOf([...two, assignedTarget("db-3")], { version: 9 }));
    expect(await alarmAt()).toBe(clock.now());
  });

  it("leaves an alarm alone that is set early enough, so that the watchdog's rounds cost no row", async () => {
    const { stub, alarmAt, tick, turn, aggregator } = openWorld();
    await stub().configure(assignmentOf([assignedTarget("db-1", { intervalMs: 60_000 })]));
    aggregator.answer = "throw";
    await tick();
    const retry = await alarmAt();
    const count = await countRows(stub());
    for (let n = 0; n < 3; n++) {
      await turn(2_000);
      await stub().configure(assignmentOf([assignedTarget("db-1", { intervalMs: 60_000 })]));
    }
    expect(await alarmAt()).toBe(retry);
    expect(count).toEqual({ rows: 0, alarms: 0 });
  });

  it("ignores an assignment older than the one stored, and works by the stored one after eviction", async () => {
    const { stub, tick, aggregator } = openWorld();
    await stub().configure(assignmentOf(two, { version: 5 }));
    await stub().configure(assignmentOf([], { version: 4 }));
    await evictDurableObject(stub());
    expect(await stub().configure(assignmentOf([], { version: 3 }))).toEqual({ armed: true });
    await tick();
    expect(aggregator.seen).toEqual(["db-1 ok", "db-2 ok"]);
    expect(aggregator.taken[0]).toMatchObject({ vantage: "weur", version: 5 });
  });

  it("deletes the alarm when there is nothing left to look at", async () => {
    const { stub, alarmAt } = openWorld();
    await stub().configure(assignmentOf(two));
    await stub().configure(assignmentOf([], { version: 2 }));
    expect(await alarmAt()).toBeNull();
    expect(await stub().configure(assignmentOf(two, { version: 3 }))).toEqual({ armed: false });
    expect(await alarmAt()).not.toBeNull();
  });

  it("leaves the alarm to a tick that is running, which then works by the new assignment", async () => {
    const { stub, network, alarmAt, beginTick, turn, clock, aggregator } = openWorld();
    network.setAll(FROZEN);
    await stub().configure(assignmentOf(two.slice(0, 1)));
    await beginTick(100);
    expect(await stub().configure(assignmentOf(two, { version: 2 }))).toEqual({ armed: true });
    expect(await alarmAt()).toBeNull();
    await turn(3_000);
    expect(await alarmAt()).toBeLessThan(clock.now());
    expect(aggregator.taken.every(({ version }) => version === 2)).toBe(true);
  });

  it("sets an alarm again that is long overdue, and tells that it had to", async () => {
    const { stub, alarmAt, turn, clock } = openWorld();
    await stub().configure(assignmentOf(two));
    await turn(120_000);
    expect(await stub().configure(assignmentOf(two))).toEqual({ armed: false });
    expect(await alarmAt()).toBe(clock.now());
  });

  it("is done by the reply to a report as well", async () => {
    const { stub, aggregator, tick, ticks } = openWorld();
    await stub().configure(assignmentOf(two.slice(0, 1)));
    aggregator.assignment = assignmentOf(two, { version: 2 });
    await tick();
    await ticks(2);
    expect(aggregator.taken.map(({ version }) => version)).toEqual([1, 2, 2]);
    expect(aggregator.seen).toEqual(["db-1 ok", "db-2 ok", "db-1 ok", "db-2 ok"]);
  });
});

/** The bytes of the largest row that the object keeps. The deployed platform refuses more than 2 MB. */
const largestRow = (stub: DurableObjectStub<Vantage>): Promise<number> =>
  runInDurableObject(stub, (_, { storage }) =>
    Math.max(
      ...["assignment", "assignment_rest", "outbox"].map(
        (table) =>
          storage.sql
            .exec<{ bytes: number }>(
              `SELECT coalesce(max(length(CAST(body AS BLOB))), 0) AS bytes FROM ${table}`,
            )
            .one().bytes,
      ),
    ),
  );

describe("an assignment larger than a row", () => {
  const headers = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [`x-header-${index}`, "v".repeat(1_000)]),
  );
  const many = Array.from({ length: 130 }, (_, index) => assignedTarget(`db-${index}`, { headers }));

  it("is worked by, also after eviction, and gives way to a smaller one", async () => {
    const { stub, tick, aggregator } = openWorld();
    await stub().configure(assignmentOf(many));
    await evictDurableObject(stub());
    await tick();
    expect(aggregator.seen).toHaveLength(130);
    expect(await largestRow(stub())).toBeLessThan(2_000_000);
    await stub().configure(assignmentOf(two, { version: 2 }));
    await evictDurableObject(stub());
    await tick();
    expect(aggregator.taken.at(-1)).toMatchObject({ version: 2 });
    expect(aggregator.seen.slice(130)).toEqual(["db-1 ok", "db-2 ok"]);
  });
});
