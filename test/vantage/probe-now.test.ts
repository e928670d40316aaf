import { describe, expect, it } from "vitest";
import type { ProbeRequest } from "../../src/domain/report.ts";
import { assignedTarget, assignmentOf } from "../schedule/assigned.ts";
import { names } from "../schedule/rounds-scene.ts";
import { DEAD, FROZEN } from "../schedule/scripted-network.ts";
import { countRows, openWorld } from "./world.ts";

const request = (target: string, subject: ProbeRequest["subject"] = "target"): ProbeRequest => ({
  site: "fra",
  target,
  subject,
});
const three = names(3).map((name) =>
  assignedTarget(name, { intervalMs: 60_000, witness: `tcp://${name}.example:22` }),
);

const openLearnt = async () => {
  const world = openWorld();
  await world.stub().configure(assignmentOf(three));
  await world.ticks(3);
  await world.turn(5_000);
  const from = world.aggregator.taken.length;
  const seen = (): string[][] =>
    world.aggregator.taken
      .slice(from)
      .map(({ observations }) =>
        observations.map(({ target, subject, outcome }) => `${target} ${subject} ${outcome}`),
      );
  /** Calls `probeNow` from inside of the object, so that time can pass there. Settles when the object has answered. */
  const ask = (requests: ProbeRequest[]): Promise<void> =>
    world.inside((vantage) => vantage.probeNow(requests));
  return { ...world, seen, ask };
};

describe("probeNow", () => {
  it("answers at once, and the outcomes come as an ordinary report: one row, one call, no alarm moved", async () => {
    const { stub, ask, seen, turn, alarmAt, network, aggregator } = await openLearnt();
    network.setAll({ answersAfterMs: 700 });
    const [due, calls] = [await alarmAt(), aggregator.calls.length];
    const count = await countRows(stub());
    await ask([request("db-1"), request("db-1", "witness"), request("db-2")]);
    expect(seen()).toEqual([]);
    await turn(700);
    expect(seen()).toEqual([["db-1 target ok", "db-1 witness ok", "db-2 target ok"]]);
    expect(count).toEqual({ rows: 1, alarms: 0 });
    expect(aggregator.calls.length - calls).toBe(1);
    expect(await alarmAt()).toBe(due);
  });

  it("reports what stays silent as pending after one second", async () => {
    const { ask, seen, turn, network } = await openLearnt();
    network.setAll(FROZEN);
    await ask([request("db-1")]);
    await turn(1_049);
    expect(seen()).toEqual([]);
    await turn(1);
    expect(seen()).toEqual([["db-1 target pending"]]);
  });

  it("says nothing of targets it does not know", async () => {
    const { stub, ask, turn, aggregator } = await openLearnt();
    const calls = aggregator.calls.length;
    const count = await countRows(stub());
    await ask([request("no-such"), { site: "ams", target: "db-1", subject: "target" }]);
    await turn(5_000);
    expect(count).toEqual({ rows: 0, alarms: 0 });
    expect(aggregator.calls).toHaveLength(calls);
  });

  it("works off one call and keeps two waiting; it drops more", async () => {
    const { ask, turn, network } = await openLearnt();
    const before = network.started.length;
    network.setAll({ answersAfterMs: 400 });
    for (let n = 0; n < 5; n++) await ask([request("db-1")]);
    await turn(10_000);
    expect(network.started).toHaveLength(before + 3);
    await ask([request("db-1")]);
    await turn(1_000);
    expect(network.started).toHaveLength(before + 4);
  });

  it("does nothing in an object that was never configured", async () => {
    const { inside, turn, aggregator } = openWorld();
    await inside((vantage) => vantage.probeNow([request("db-1")]));
    await turn(2_000);
    expect(aggregator.calls).toEqual([]);
  });

  it("shares five slots with a tick that runs, and neither is lost", async () => {
    const { ask, beginTick, turn, network, seen, alarmAt } = await openLearnt();
    network.setAll(DEAD);
    await turn(60_000);
    await beginTick(10);
    await ask([request("db-3"), request("db-3", "witness")]);
    await turn(20_000);
    expect(network.busiest).toBeLessThanOrEqual(5);
    const outcomes = seen().flat();
    expect(outcomes.filter((each) => each.startsWith("db-3 witness"))).not.toEqual([]);
    for (const name of names(3))
      expect(outcomes.some((each) => each.startsWith(`${name} target`))).toBe(true);
    expect(await alarmAt()).not.toBeNull();
  });
});
