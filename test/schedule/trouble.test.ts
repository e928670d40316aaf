import { describe, expect, it } from "vitest";
import { RoundProber } from "../../src/schedule/rounds.ts";
import { Outbox } from "../../src/schedule/outbox.ts";
import { Watch } from "../../src/schedule/watch.ts";
import { assignedTarget, assignmentOf } from "./assigned.ts";
import { HandClock } from "./hand-clock.ts";
import { names, START } from "./rounds-scene.ts";
import { DEAD, ScriptedNetwork } from "./scripted-network.ts";
import { MemoryShelf } from "./shelf.ts";

const urlOf = (name: string): string => `http://${name}.fra.example/`;

/** A watch whose reports are kept and not sent. For each report: how long after the last tick began it was made, and what it says. */
const openWatch = (targets: number) => {
  const clock = new HandClock(START);
  const network = new ScriptedNetwork(clock);
  const prober = new RoundProber(clock, network.start);
  const outbox = new Outbox(new MemoryShelf());
  const sender = { run: () => Promise.resolve() };
  const watch = new Watch({
    clock,
    prober,
    outbox,
    sender,
    memory: () => "",
    colo: () => undefined,
    background: (work) => void work,
  });
  watch.adopt(assignmentOf(names(targets).map((name) => assignedTarget(name))));
  /** For each report, how late its tick began as the report itself says. */
  const late: (number | undefined)[] = [];
  const toldSince = (from: number) => {
    const reports = outbox.batch();
    late.push(...reports.map(({ lateMs }) => lateMs));
    outbox.acknowledge(reports.at(-1)?.sequence ?? 0);
    return reports.map(({ madeAt, observations }) => ({
      afterMs: madeAt - from,
      seen: observations.map(({ target, outcome }) => `${target} ${outcome}`),
    }));
  };
  /** One tick, and the reports of the five seconds after it. */
  const tick = async () => {
    await clock.turn((prober.nextTickAt() ?? clock.now()) - clock.now());
    const from = clock.now();
    await clock.finish(watch.tick());
    await clock.turn(5_000);
    return toldSince(from);
  };
  /** Looks that were requested, and the reports of the five seconds after. */
  const burst = async (targetNames: string[]) => {
    const from = clock.now();
    watch.probe(targetNames.map((target) => ({ site: "fra", target, subject: "target" as const })));
    await clock.turn(5_000);
    return toldSince(from);
  };
  return { network, tick, burst, late };
};

describe("trouble that a look has found", () => {
  it("is told at once, and the others of its round when all of that is over", async () => {
    const { network, tick } = openWatch(3);
    network.set(urlOf("db-3"), { answersAfterMs: 900 });
    expect(await tick()).toEqual([{ afterMs: 900, seen: ["db-1 ok", "db-2 ok", "db-3 ok"] }]);
    network.set(urlOf("db-1"), { answersAfterMs: 30, outcome: "refused" });
    expect(await tick()).toEqual([
      { afterMs: 30, seen: ["db-1 refused", "db-2 ok"] },
      { afterMs: 900, seen: ["db-3 ok"] },
    ]);
  });

  it("tells once how late its tick began, whatever else is told before the next", async () => {
    const { network, tick, burst, late } = openWatch(3);
    await tick();
    late.length = 0;
    network.set(urlOf("db-1"), { answersAfterMs: 30, outcome: "refused" });
    network.set(urlOf("db-3"), { answersAfterMs: 900 });
    expect(await tick()).toHaveLength(2);
    expect(await burst(["db-1"])).not.toEqual([]);
    expect(late).toEqual([0, ...late.slice(1).map(() => undefined)]);
  });

  it("is told at once no more where the last look found the same", async () => {
    const { network, tick } = openWatch(2);
    network.set(urlOf("db-2"), { answersAfterMs: 900 });
    await tick();
    network.set(urlOf("db-1"), { answersAfterMs: 30, outcome: "refused" });
    expect(await tick()).toHaveLength(2);
    expect(await tick()).toEqual([{ afterMs: 900, seen: ["db-1 refused", "db-2 ok"] }]);
  });

  it("is told together where it befalls several within a second of the first", async () => {
    const { network, tick } = openWatch(4);
    network.set(urlOf("db-4"), { answersAfterMs: 900 });
    await tick();
    for (const [index, name] of ["db-1", "db-2", "db-3"].entries())
      network.set(urlOf(name), { answersAfterMs: 30 + 60 * index, outcome: "refused" });
    expect(await tick()).toEqual([
      { afterMs: 30, seen: ["db-1 refused"] },
      { afterMs: 900, seen: ["db-2 refused", "db-3 refused", "db-4 ok"] },
    ]);
  });
});

describe("a connection that is late on a measured path", () => {
  const learnt = async () => {
    const scene = openWatch(3);
    for (let n = 0; n < 4; n++) await scene.tick(); // oxlint-disable-line no-await-in-loop
    return scene;
  };

  it("is told of while it is waited for, with others of its round, and its end when that is over", async () => {
    const { network, tick } = await learnt();
    network.set(urlOf("db-1"), DEAD);
    network.set(urlOf("db-2"), DEAD);
    expect(await tick()).toEqual([
      { afterMs: 600, seen: ["db-1 pending", "db-2 pending", "db-3 ok"] },
      { afterMs: 1_000, seen: ["db-1 connect_timeout", "db-2 connect_timeout"] },
    ]);
    expect(await tick()).toEqual([{ afterMs: 1_050, seen: ["db-1 pending", "db-2 pending", "db-3 ok"] }]);
  });

  it("is corrected where it opens after all", async () => {
    const { network, tick } = await learnt();
    network.set(urlOf("db-1"), { answersAfterMs: 900, connectMs: 850 });
    network.set(urlOf("db-2"), { answersAfterMs: 2_000, connectMs: 8 });
    const reports = await tick();
    expect(reports.slice(0, 2)).toEqual([
      { afterMs: 600, seen: ["db-1 pending", "db-3 ok"] },
      { afterMs: 1_050, seen: ["db-1 ok", "db-2 pending"] },
    ]);
  });

  it("lets the report of a burst leave, and its end follows", async () => {
    const { network, burst } = await learnt();
    network.set(urlOf("db-1"), DEAD);
    expect(await burst(["db-1", "db-2"])).toEqual([
      { afterMs: 500, seen: ["db-1 pending", "db-2 ok"] },
      { afterMs: 1_000, seen: ["db-1 connect_timeout"] },
    ]);
  });
});
