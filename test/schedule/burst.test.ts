import type { Drill } from "../../src/domain/drill.ts";
import { describe, expect, it } from "vitest";
import { assignedTarget, assignmentOf } from "./assigned.ts";
import { names, openScene, START } from "./rounds-scene.ts";

const URL_1 = "http://db-1.fra.example/";

describe("a burst", () => {
  const request = (target: string, subject: "target" | "witness" = "target") => ({
    site: "fra",
    target,
    subject,
  });

  it("looks at what is asked for, once, and passes over what it does not know", async () => {
    const witness = "tcp://db-1.fra.example:22";
    const { teach, tick, prober, clock } = openScene(
      assignmentOf([assignedTarget("db-1", { witness }), assignedTarget("db-2")]),
    );
    await teach(1);
    await clock.turn(400);
    const asked = [
      request("db-1"),
      request("db-1", "witness"),
      request("db-2", "witness"),
      request("no-such"),
      request("db-1"),
    ];
    const { seen, readyAfterMs } = await tick(prober.burst(asked));
    expect(seen).toEqual(["db-1 target ok", "db-1 witness ok"]);
    expect(readyAfterMs).toBe(20);
  });

  it("does not look again at what was looked at less than 300 ms ago", async () => {
    const { teach, tick, prober, clock, network } = openScene(assignmentOf([assignedTarget("db-1")]));
    await teach(1);
    const last = network.startsOf(URL_1).at(-1) ?? 0;
    await clock.turn(last + 299 - clock.now());
    expect((await tick(prober.burst([request("db-1")]))).seen).toEqual([]);
    await clock.turn(last + 300 - clock.now());
    expect((await tick(prober.burst([request("db-1")]))).seen).toEqual(["db-1 target ok"]);
  });

  it("looks no more than six times at one public host and port, whatever is asked for of it, and at others all the same", async () => {
    const shared = names(10).map((name) => assignedTarget(name, { url: `https://api.example/${name}` }));
    const { teach, tick, prober, clock } = openScene(assignmentOf([...shared, assignedTarget("other")]));
    await teach(1);
    await clock.turn(1_000);
    const asked = [...names(10), "other"].map((name) => request(name));
    const { seen } = await tick(prober.burst(asked));
    expect(seen).toEqual([...names(10).slice(0, 6), "other"].map((name) => `${name} target ok`));
  });

  it("looks at the controls too, unless it has just done so: the vantage's own trouble may be the cause", async () => {
    const controls = ["http://control.example/"];
    const { teach, tick, prober, clock } = openScene(assignmentOf([assignedTarget("db-1")], { controls }));
    await teach(1);
    await clock.turn(900);
    expect((await tick(prober.burst([request("db-1")]))).controls).toHaveLength(0);
    await clock.turn(500);
    expect((await tick(prober.burst([request("db-1")]))).controls).toHaveLength(1);
  });

  it("does not move the grid", async () => {
    const { teach, tick, prober, clock } = openScene(assignmentOf([assignedTarget("db-1")]));
    await teach(1);
    const next = prober.nextTickAt();
    await clock.turn(5_000);
    await tick(prober.burst([request("db-1")]));
    expect(prober.nextTickAt()).toBe(next);
  });

  it("looks at no more than 64, in the slots it shares with the ticks, ahead of what waits there", async () => {
    const { network, prober, clock } = openScene(
      assignmentOf(names(100).map((name) => assignedTarget(name))),
    );
    network.setAll({ answersAfterMs: 200 });
    const tick = prober.tick();
    await clock.turn(100);
    const burst = prober.burst(
      names(100)
        .toReversed()
        .map((name) => request(name)),
    );
    await clock.turn(120);
    expect(network.started.slice(4, 8).map(({ url }) => url)).toEqual(
      [100, 99, 98, 97].map((n) => `http://db-${n}.fra.example/`),
    );
    await clock.turn(20_000);
    await Promise.all([tick, burst]);
    expect(network.busiest).toBe(5);
    expect(network.started).toHaveLength(164);
  });
});

describe("a drill at the vantage", () => {
  const drill: Drill = {
    fault: "silence",
    id: "d-1",
    site: "fra",
    durationMs: 60_000,
    live: true,
    startsAt: START,
    endsAt: START + 60_000,
  };
  const witness = "tcp://db-1.fra.example:22";

  it("sends no packet, marks the observation, and teaches the path's pace nothing", async () => {
    const targets = [assignedTarget("db-1", { intervalMs: 5_000, timeoutMs: 2_000 })];
    const { teach, nextTick, network, prober, clock } = openScene(assignmentOf(targets));
    await teach(6);
    const before = network.started.length;
    const now = clock.now();
    const during = { ...drill, startsAt: now, endsAt: now + 20_000 };
    prober.adopt(assignmentOf(targets, { version: 2, drills: [during] }));
    const { observations } = await nextTick();
    expect(observations).toEqual([
      expect.objectContaining({
        outcome: "connect_timeout",
        totalMs: 1_000,
        drill: { id: "d-1", live: true },
      }),
    ]);
    expect(network.started).toHaveLength(before);
    expect((await nextTick()).observations.map(({ totalMs }) => totalMs)).toEqual([1_000]);
    await clock.turn(20_000);
    expect((await nextTick()).observations.at(-1)).not.toHaveProperty("drill");
    expect(network.started.at(-1)?.connectWithinMs).toBe(1_000);
  });

  it("that befalls the process leaves the witness untouched", async () => {
    const targets = [assignedTarget("db-1", { witness })];
    const { tick, network } = openScene(assignmentOf(targets, { drills: [{ ...drill, fault: "refuse" }] }));
    expect((await tick()).seen).toEqual(["db-1 target refused", "db-1 witness ok"].toSorted());
    expect(network.started.map(({ url }) => url)).toEqual([witness]);
  });

  it("that cuts this vantage from every target silences its controls as well", async () => {
    const targets = [assignedTarget("db-1"), assignedTarget("web", { site: "ams" })];
    const controls = ["http://one.example/"];
    const cut = { ...drill, vantages: ["weur"] };
    const { tick, network, prober, clock } = openScene(
      assignmentOf(targets, { controls, drills: [cut, { ...cut, id: "d-2", site: "ams" }] }),
    );
    await tick();
    await clock.turn(6_000);
    const { observations, controls: silent } = prober.harvest();
    expect(observations.map(({ outcome }) => outcome)).toEqual(["connect_timeout", "connect_timeout"]);
    expect(silent.map(({ outcome }) => outcome)).toEqual(["connect_timeout"]);
    expect(network.started).toEqual([]);
  });
});
