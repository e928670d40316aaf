import { describe, expect, it } from "vitest";
import { Lookout } from "../../src/schedule/lookout.ts";
import { Outbox } from "../../src/schedule/outbox.ts";
import { Watch } from "../../src/schedule/watch.ts";
import { assignedTarget, assignmentOf } from "./assigned.ts";
import { HandClock } from "./hand-clock.ts";
import { names, START } from "./lookout-scene.ts";
import { ScriptedNetwork } from "./scripted-network.ts";
import { MemoryShelf } from "./shelf.ts";

const urlOf = (name: string): string => `http://${name}.fra.example/`;

/** A watch whose reports are kept and not sent: after how long each was made since the last tick began, and what it says. */
const openWatch = (targets: number) => {
  const clock = new HandClock(START);
  const network = new ScriptedNetwork(clock);
  const lookout = new Lookout(clock, network.start);
  const outbox = new Outbox(new MemoryShelf());
  const courier = { run: () => Promise.resolve() };
  const watch = new Watch({
    clock,
    lookout,
    outbox,
    courier,
    memory: () => "",
    colo: () => undefined,
    background: (work) => void work,
  });
  watch.adopt(assignmentOf(names(targets).map((name) => assignedTarget(name))));
  /** One tick, and what follows it within five seconds. */
  const tick = async () => {
    await clock.turn((lookout.nextTickAt() ?? clock.now()) - clock.now());
    const from = clock.now();
    await clock.finish(watch.tick());
    await clock.turn(5_000);
    const reports = outbox.batch();
    outbox.acknowledge(reports.at(-1)?.sequence ?? 0);
    return reports.map(({ madeAt, observations }) => ({
      afterMs: madeAt - from,
      seen: observations.map(({ target, outcome }) => `${target} ${outcome}`),
    }));
  };
  return { network, tick };
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
