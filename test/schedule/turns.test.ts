import { describe, expect, it } from "vitest";
import { capacityOf } from "../../src/domain/capacity.ts";
import { RoundProber } from "../../src/schedule/rounds.ts";
import { assignedTarget, assignmentOf } from "./assigned.ts";
import { names, openScene, START } from "./rounds-scene.ts";
import { HandClock } from "./hand-clock.ts";
import { DEAD, HEALTHY, ScriptedNetwork } from "./scripted-network.ts";

const INTERVAL_MS = 10_000;
const MINUTE_MS = 60_000;

const targetsOf = (count: number) => names(count).map((name) => assignedTarget(name));

/** Plays rounds for `ms` and returns the turns counted. */
const playFor = async (scene: ReturnType<typeof openScene>, ms: number) => {
  const until = scene.clock.now() + ms;
  while (scene.clock.now() < until) await scene.nextTick();
  return scene.prober.takeTurns();
};

describe("turns", () => {
  it("are counted as they come up, and told once", async () => {
    const scene = openScene(assignmentOf(targetsOf(3)));
    expect(await playFor(scene, MINUTE_MS - 1)).toEqual({ due: 18 + 3, missed: 0, slots: 5, heldMs: 20 });
    expect(scene.prober.takeTurns()).toEqual({ due: 0, missed: 0, slots: 5, heldMs: 20 });
  });

  // One, two and three round trips of 0.28 s: the times of a connection, plain HTTP and HTTPS from Oceania to Europe.
  it.each([280, 560, 840])(
    "of %i ms each are missed by none that has what its capacity allows, and by one that has half as much again",
    async (heldMs) => {
      const perRound = (capacityOf({ slots: 5, heldMs }) * INTERVAL_MS) / 1_000;
      const missedAt = async (share: number): Promise<number> => {
        const controls = ["http://control-1.example/", "http://control-2.example/"];
        const scene = openScene(assignmentOf(targetsOf(Math.floor(share * perRound)), { controls }));
        scene.network.setAll({ answersAfterMs: heldMs });
        await playFor(scene, 2 * MINUTE_MS);
        const begun = scene.network.started.filter(({ url }) => !controls.includes(url)).length;
        const turns = await playFor(scene, 10 * MINUTE_MS);
        expect(turns.heldMs).toBe(heldMs);
        const made = scene.network.started.filter(({ url }) => !controls.includes(url)).length - begun;
        // Looks still in line at the end count as neither made nor missed.
        expect(Math.abs(turns.due - turns.missed - made)).toBeLessThanOrEqual(2 * perRound);
        return turns.missed / turns.due;
      };
      expect(await missedAt(1)).toBe(0);
      expect(await missedAt(1.1)).toBe(0);
      const tooMany = await missedAt(1.5);
      expect([tooMany > 0.15, tooMany < 0.25]).toEqual([true, true]);
    },
  );

  it("of a dead site are missed, and none of a living one beside it; capacity falls slowly and comes back", async () => {
    const at = (site: string, count: number) =>
      names(count).map((name) => assignedTarget(name, { site, url: `tcp://${name}.${site}.example:5432` }));
    const [dead, living] = [at("dead", 120), at("living", 40)];
    const scene = openScene(assignmentOf([...dead, ...living]));
    const capacityAfter = async (minutes: number) => {
      const { slots, heldMs, missed } = await playFor(scene, minutes * MINUTE_MS);
      return { perSecond: capacityOf({ slots, heldMs: heldMs ?? null }), missed };
    };
    expect(await capacityAfter(3)).toEqual({ perSecond: 25, missed: 0 });
    for (const { url } of dead) scene.network.set(url, DEAD);
    const from = scene.clock.now();
    expect((await capacityAfter(1)).perSecond).toBeCloseTo(20, 0);
    const lasting = await capacityAfter(9);
    expect(lasting.perSecond).toBeCloseTo(11.2, 0);
    expect(lasting.missed).toBeGreaterThan(0);
    for (const { url } of living) {
      const starts = scene.network.startsOf(url).filter((begun) => begun >= from);
      expect(starts.length).toBeGreaterThanOrEqual(60);
    }
    for (const { url } of dead) scene.network.set(url, HEALTHY);
    expect(await capacityAfter(5)).toEqual({ perSecond: 25, missed: 0 });
  });

  it("are missed where a tick came a whole interval late", async () => {
    const scene = openScene(assignmentOf(targetsOf(2)));
    await playFor(scene, MINUTE_MS);
    await scene.clock.turn(3 * INTERVAL_MS);
    await scene.tick();
    expect(scene.prober.takeTurns()).toMatchObject({ due: 6, missed: 4 });
  });

  it("that came up while nobody was here to look are nobody's", async () => {
    const clock = new HandClock(START);
    const prober = new RoundProber(clock, new ScriptedNetwork(clock).start);
    prober.adopt(assignmentOf(targetsOf(2)), START - 3_600_000);
    await clock.finish(prober.tick());
    expect(prober.takeTurns()).toEqual({ due: 2, missed: 0, slots: 5 });
  });

  it("are others where the interval is another or the clock is set", async () => {
    const scene = openScene(assignmentOf([assignedTarget("db-1", { intervalMs: 3_600_000 })]));
    await scene.nextTick();
    await scene.clock.turn(MINUTE_MS);
    scene.prober.adopt(assignmentOf([assignedTarget("db-1", { intervalMs: 5_000 })], { version: 2 }));
    await scene.nextTick();
    await scene.nextTick();
    expect(scene.prober.takeTurns()).toMatchObject({ due: 3, missed: 0 });
  });
});
