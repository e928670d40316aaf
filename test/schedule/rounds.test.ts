import type { Finding } from "../../src/domain/observation.ts";
import { describe, expect, it } from "vitest";
import { RoundProber } from "../../src/schedule/rounds.ts";
import type { StartProbe } from "../../src/schedule/starter.ts";
import { assignedTarget, assignmentOf } from "./assigned.ts";
import { HandClock } from "./hand-clock.ts";
import { names, openScene, START } from "./rounds-scene.ts";
import { DEAD, FROZEN, HEALTHY, ScriptedNetwork } from "./scripted-network.ts";

const URL_1 = "http://db-1.fra.example/";

describe("a tick", () => {
  it("reports as soon as every probe has answered", async () => {
    const { tick, clock } = openScene(assignmentOf([assignedTarget("db-1"), assignedTarget("db-2")]));
    const { readyAfterMs, observations } = await tick();
    expect(readyAfterMs).toBe(20);
    expect(observations).toEqual(
      ["db-1", "db-2"].map((target) => ({
        site: "fra",
        target,
        subject: "target",
        begin: START,
        outcome: "ok",
        stage: "done",
        connectMs: 8,
        totalMs: 20,
      })),
    );
    expect(clock.waiting).toBe(0);
  });

  it("lets five probes wait at once, and no more; of what has never answered four", async () => {
    const { tick, nextTick, network } = openScene(
      assignmentOf(names(40).map((name) => assignedTarget(name))),
    );
    expect((await tick()).observations).toHaveLength(40);
    expect(network.busiest).toBe(4);
    expect((await nextTick()).observations).toHaveLength(40);
    expect(network.busiest).toBe(5);
  });

  it("starts a probe's clock when it has its slot", async () => {
    const { tick } = openScene(assignmentOf(names(9).map((name) => assignedTarget(name))));
    const { observations } = await tick();
    expect(observations.map(({ begin }) => begin - START)).toEqual([0, 0, 0, 0, 20, 20, 20, 20, 40]);
    expect(new Set(observations.map(({ totalMs }) => totalMs))).toEqual(new Set([20]));
  });

  it("does not wait for what has no turn because others are silent, and leaves it in the line", async () => {
    const targets = names(12).map((name) => assignedTarget(name, { intervalMs: 5_000, timeoutMs: 4_500 }));
    const { tick, network, prober, clock } = openScene(assignmentOf(targets));
    network.setAll(DEAD);
    expect((await tick()).readyAfterMs).toBe(1_050);
    expect(network.started).toHaveLength(4);
    expect(prober.nextTickAt()).toBe(START + 5_000);
    network.setAll(HEALTHY);
    await clock.turn(4_000);
    expect(network.started.map(({ url }) => url)).toEqual(targets.map(({ url }) => url));
    expect(prober.isLooking).toBe(false);
  });

  it("looks at the witness in the first round and then in one of four", async () => {
    const witness = "tcp://db-1.fra.example:22";
    const { nextTick, network } = openScene(assignmentOf([assignedTarget("db-1", { witness })]));
    const seen: string[][] = [];
    for (let n = 0; n < 9; n++) seen.push((await nextTick()).seen);
    expect(seen[0]).toEqual(["db-1 target ok", "db-1 witness ok"]);
    expect(seen.slice(1).filter((each) => each.includes("db-1 witness ok"))).toHaveLength(2);
    expect(network.started.find(({ url }) => url === witness)).not.toHaveProperty("headers");
  });

  it("looks at the controls first, at most once in ten seconds", async () => {
    const controls = ["http://one.example/", "http://two.example/"];
    const targets = names(8).map((name) => assignedTarget(name, { intervalMs: 5_000, timeoutMs: 2_000 }));
    const { nextTick, network } = openScene(assignmentOf(targets, { controls }));
    const first = await nextTick();
    expect(first.controls.map(({ url, outcome }) => `${url} ${outcome}`)).toEqual(
      controls.map((url) => `${url} ok`),
    );
    expect(network.started.slice(0, 2).map(({ url }) => url)).toEqual(controls);
    expect((await nextTick()).controls).toHaveLength(0);
    expect((await nextTick()).controls).toHaveLength(2);
  });

  it("takes a prober that throws, or rejects against its contract, for no evidence and goes on", async () => {
    const clock = new HandClock(START);
    const network = new ScriptedNetwork(clock);
    const start: StartProbe = (spec) => {
      if (spec.url === URL_1) throw new TypeError("Invalid port");
      const probe = network.start(spec);
      return spec.url.includes("db-2") ? { ...probe, finding: Promise.reject(new Error("broken")) } : probe;
    };
    const prober = new RoundProber(clock, start);
    prober.adopt(assignmentOf(names(3).map((name) => assignedTarget(name))));
    await clock.finish(prober.tick());
    expect(prober.harvest().observations.map(({ outcome, detail }) => [outcome, detail])).toEqual([
      ["blocked", "TypeError: Invalid port"],
      ["blocked", "Error: broken"],
      ["ok", undefined],
    ]);
  });

  it("tells how late it is: by the earliest round not made, and nothing before there was one", async () => {
    const { clock, prober, tick, nextTick } = openScene(
      assignmentOf(names(2).map((name) => assignedTarget(name))),
    );
    expect(prober.lateMs()).toBeUndefined();
    await tick();
    await clock.turn((prober.nextTickAt() ?? 0) - clock.now());
    expect(prober.lateMs()).toBe(0);
    await nextTick();
    await clock.turn((prober.nextTickAt() ?? 0) + 23_000 - clock.now());
    expect(prober.lateMs()).toBe(23_000);
    await tick();
    expect(prober.lateMs()).toBe(0);
  });

  it("gets its slot back from a prober that never settles", async () => {
    const clock = new HandClock(START);
    const never = new Promise<Finding>(() => undefined);
    const prober = new RoundProber(clock, () => ({
      begin: clock.now(),
      stage: () => "connect",
      isResolving: () => false,
      connectMs: () => undefined,
      finding: never,
    }));
    prober.adopt(assignmentOf([assignedTarget("db-1")]));
    await clock.finish(prober.tick());
    expect(prober.isLooking).toBe(true);
    await clock.turn(10_000);
    expect(prober.isLooking).toBe(false);
    expect(prober.harvest().observations[0]?.outcome).toBe("blocked");
  });
});

describe("a target silent for longer", () => {
  it("is given its whole timeout to open in every other round, so that a path grown slow is found out", async () => {
    const { teach, nextTick, network } = openScene(assignmentOf([assignedTarget("db-1")]));
    await teach(6);
    network.setAll(DEAD);
    await teach(6);
    const waits = network.started.slice(-6).map(({ connectWithinMs }) => connectWithinMs);
    expect(waits).toEqual([1_000, 4_000, 1_000, 4_000, 500, 4_000]);
    network.setAll({ answersAfterMs: 1_800, connectMs: 1_780 });
    await teach(4);
    expect((await nextTick()).seen).toContain("db-1 target ok");
  });

  it("waits for its turn where its whole site is silent: one at a time, each in turn", async () => {
    const { teach, network } = openScene(assignmentOf(names(6).map((name) => assignedTarget(name))));
    await teach(6);
    network.setAll(DEAD);
    await teach(2);
    const before = network.started.length;
    await teach(14);
    const patient = network.started.slice(before).filter(({ connectWithinMs }) => connectWithinMs === 4_000);
    const starts = patient.map(({ at }) => at);
    expect(starts.slice(1).every((at, n) => at - (starts[n] ?? 0) >= 4_000)).toBe(true);
    expect(new Set(patient.map(({ url }) => url)).size).toBe(6);
  });
});

describe("what is still silent", () => {
  it("is reported pending once, one second after the last probe began, and its final outcome later, under the same begin", async () => {
    const { teach, nextTick, network, prober, clock } = openScene(
      assignmentOf(names(2).map((name) => assignedTarget(name, { intervalMs: 20_000 }))),
    );
    await teach(2);
    network.set(URL_1, FROZEN);
    const { readyAfterMs, observations, seen } = await nextTick();
    expect(readyAfterMs).toBe(1_050);
    expect(seen.toSorted()).toEqual(["db-1 target pending", "db-2 target ok"]);
    const pending = observations.find(({ outcome }) => outcome === "pending");
    expect(pending).toMatchObject({ stage: "response", connectMs: 8, totalMs: 1_050 });
    await clock.turn(1_000);
    expect(prober.harvest().observations).toEqual([]);
    await clock.turn(3_000);
    expect(prober.harvest().observations).toEqual([
      expect.objectContaining({ outcome: "response_timeout", begin: pending?.begin, totalMs: 4_000 }),
    ]);
  });

  it("comes in finished where its path is known to open quickly: one packet is waited for", async () => {
    const { teach, nextTick, network, prober } = openScene(assignmentOf([assignedTarget("db-1")]));
    await teach(6);
    network.setAll(DEAD);
    const { readyAfterMs, seen } = await nextTick();
    expect(readyAfterMs).toBe(1_000);
    expect(seen).toEqual(["db-1 target connect_timeout"]);
    expect(prober.isLooking).toBe(false);
  });

  it("is not called pending by a vantage that has never seen it answer: the final outcome is its first word", async () => {
    const { tick, nextTick, network, prober, clock } = openScene(
      assignmentOf([assignedTarget("db-1", { intervalMs: 20_000 })]),
    );
    network.setAll(DEAD);
    expect((await tick()).seen).toEqual([]);
    const landed = prober.landed();
    await clock.turn(3_000);
    await landed;
    expect(prober.news).toBe("plain");
    expect(prober.harvest().observations.map(({ outcome }) => outcome)).toEqual(["connect_timeout"]);
    expect((await nextTick()).seen).toEqual(["db-1 target connect_timeout"]);
  });

  it("is not called pending while a slow target is within what is usual for it", async () => {
    const { tick, nextTick, network, prober, clock } = openScene(
      assignmentOf([assignedTarget("db-1", { intervalMs: 20_000 })]),
    );
    network.setAll({ answersAfterMs: 1_500 });
    for (let n = 0; n < 4; n++) {
      expect((await (n === 0 ? tick() : nextTick())).seen).toEqual([]);
      await clock.turn(500);
      expect(prober.harvest().observations.map(({ outcome }) => outcome)).toEqual(["ok"]);
    }
  });

  it.each([
    { ends: "in the silence that `pending` has told already", behaviour: DEAD, news: "none" },
    { ends: "in an answer", behaviour: { answersAfterMs: 2_000 }, news: "telling" },
    { ends: "in a hang", behaviour: FROZEN, news: "telling" },
  ])("is news, when it ends $ends: $news", async ({ behaviour, news }) => {
    const { teach, nextTick, network, prober, clock } = openScene(
      assignmentOf([assignedTarget("db-1", { intervalMs: 20_000 })]),
    );
    await teach(2);
    network.setAll(behaviour);
    expect((await nextTick()).seen).toEqual(["db-1 target pending"]);
    await clock.finish(prober.landed());
    expect(prober.news).toBe(news);
    expect(prober.harvest().observations).toHaveLength(1);
  });

  it("is not reported once its target is no longer assigned", async () => {
    const { tick, network, prober, clock } = openScene(assignmentOf([assignedTarget("db-1")]));
    network.setAll(DEAD);
    await tick();
    prober.adopt(
      assignmentOf([assignedTarget("db-1", { url: "http://elsewhere.example/" })], { version: 2 }),
    );
    await clock.turn(5_000);
    expect(prober.harvest().observations).toEqual([]);
    expect(prober.isLooking).toBe(false);
  });
});
