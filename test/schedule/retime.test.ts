import { describe, expect, it } from "vitest";
import { RoundProber } from "../../src/schedule/rounds.ts";
import { assignedTarget, assignmentOf } from "./assigned.ts";
import { HandClock } from "./hand-clock.ts";
import { names, START } from "./rounds-scene.ts";
import { DEAD, ScriptedNetwork } from "./scripted-network.ts";

const HOUR = 3_600_000;

/** A prober under a clock that can be set. */
const openScene = (targets = [assignedTarget("db-1")], slots?: number) => {
  const hand = new HandClock(START);
  let offsetMs = 0;
  const now = (): number => hand.now() + offsetMs;
  const network = new ScriptedNetwork(hand);
  const prober = new RoundProber(
    { now, after: hand.after },
    (spec) => ({ ...network.start(spec), begin: now() }),
    slots,
  );
  prober.adopt(assignmentOf(targets));
  const set = (shiftMs: number): void => {
    offsetMs += shiftMs;
    prober.retime(shiftMs);
  };
  return { hand, now, network, prober, set };
};

describe("a prober whose clock is set", () => {
  it.each([HOUR, -HOUR, HOUR + 3_300, -HOUR - 3_300])(
    "by %i ms ticks again within an interval",
    async (shiftMs) => {
      const { hand, now, prober, set } = openScene();
      await hand.finish(prober.tick());
      set(shiftMs);
      const waitMs = (prober.nextTickAt() ?? Infinity) - now();
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(10_000);
    },
  );

  it.each([HOUR, -HOUR])(
    "by %i ms takes nothing under way for older or younger than it is",
    async (shiftMs) => {
      const { hand, now, network, prober, set } = openScene();
      await hand.finish(prober.tick());
      prober.harvest();
      network.setAll(DEAD);
      await hand.turn((prober.nextTickAt() ?? 0) - now());
      const begin = now();
      const tick = prober.tick();
      await hand.turn(500);
      set(shiftMs);
      expect(prober.harvest().observations).toEqual([]);
      await hand.finish(tick);
      expect(prober.harvest().observations).toEqual([
        expect.objectContaining({ outcome: "pending", begin: begin + shiftMs, totalMs: 1_050 }),
      ]);
      await hand.finish(prober.landed());
      expect(prober.harvest().observations).toEqual([
        expect.objectContaining({ outcome: "connect_timeout", begin: begin + shiftMs }),
      ]);
    },
  );
});

describe("a prober with more slots", () => {
  it("lets as many probes wait at once", async () => {
    const { hand, network, prober } = openScene(
      names(40).map((name) => assignedTarget(name)),
      32,
    );
    await hand.finish(prober.tick());
    await hand.turn((prober.nextTickAt() ?? 0) - hand.now());
    await hand.finish(prober.tick());
    expect(network.busiest).toBe(32);
  });
});

describe("a probe whose name is being looked up", () => {
  it("is not reported as pending, however long that takes", async () => {
    const hand = new HandClock(START);
    const network = new ScriptedNetwork(hand);
    let isResolving = false;
    const prober = new RoundProber(hand, (spec) => ({
      ...network.start(spec),
      isResolving: () => isResolving,
    }));
    prober.adopt(assignmentOf([assignedTarget("db-1")]));
    await hand.finish(prober.tick());
    prober.harvest();
    network.setAll(DEAD);
    isResolving = true;
    await hand.turn((prober.nextTickAt() ?? 0) - hand.now());
    await hand.finish(prober.tick());
    expect(prober.harvest().observations).toEqual([]);
    isResolving = false;
    expect(prober.harvest().observations).toEqual([expect.objectContaining({ outcome: "pending" })]);
  });
});
