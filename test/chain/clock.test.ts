import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import type { HealthAnswer } from "../../src/domain/health.ts";
import type { NodeProcess } from "../../harness/nodes/process.ts";
import { openWitness } from "../../harness/nodes/witness.ts";
import { VANTAGES } from "../../harness/world/launch.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Three intervals of a scene's nodes, and the time that a look takes. */
const SOON_MS = 3 * 5_000 + 3_000;

let detector: Detector;
beforeEach(async () => {
  detector = await startDetector({ altered: "stepped" });
});
afterEach(() => stopDetector(detector));

/** Sets the detector's clock this far ahead of the machine's. */
const set = async (shiftMs: number): Promise<void> => {
  expect((await detector.api.ask(`/stepped?shiftMs=${shiftMs}`)).status).toBe(204);
};

const health = async (): Promise<HealthAnswer> =>
  JSON.parse((await detector.api.ask("/healthz")).text) as HealthAnswer;

/** Two nodes that answer. The first has a witness, so that the detector can recognise its crash. */
const world = async (scene: Scene): Promise<{ key: { site: string; target: string }; node: NodeProcess }> => {
  const dying = await scene.node("db-1", { hasWitness: true });
  await scene.node("db-2");
  await scene.healthy();
  return dying;
};

describe("a clock that is set", () => {
  test.each([
    { name: "back by a second", steps: [-SECOND_MS] },
    { name: "back by ten seconds", steps: [-10 * SECOND_MS] },
    { name: "back by an hour", steps: [-HOUR_MS] },
    { name: "back by a day", steps: [-DAY_MS] },
    { name: "forward by a second", steps: [SECOND_MS] },
    { name: "forward by an hour", steps: [HOUR_MS] },
    { name: "forward by a day", steps: [DAY_MS] },
    { name: "forward by a day and back", steps: [DAY_MS, 0] },
  ])("$name stops no probe: a crash after it is called, and nothing is dated ahead", ({ steps }) =>
    Scene.play(detector, async (scene) => {
      const { key, node } = await world(scene);
      scene.letFailover(key);
      for (const shiftMs of steps) {
        await set(shiftMs);
        // Waits for a look that is dated by the new clock.
        await until(
          async () =>
            Math.abs(Date.parse((await scene.api.verdict(key)).asOf ?? "") - shiftMs - Date.now()) < 6_000,
          { withinMs: SOON_MS, explain: async () => JSON.stringify(await scene.api.verdict(key)) },
        );
        await scene.reach(key, { verdict: "alive" }, SOON_MS);
      }
      await node.kill();
      await scene.reach(key, { verdict: "process_crashed", confirmed: true }, SOON_MS);
    }),
  );

  test("back by an hour is said, and what was known before is unknown until it is seen again", () =>
    Scene.play(detector, async (scene) => {
      const { key } = await world(scene);
      const seenBefore = Date.now() - HOUR_MS;
      await set(-HOUR_MS);
      const { verdict, asOf } = await scene.api.verdict(key);
      // Where the machine was slow to ask, a vantage has seen it again by the clock as it is now.
      if (verdict === "unknown") expect(asOf).toBeNull();
      else expect(Date.parse(asOf ?? "")).toBeGreaterThanOrEqual(seenBefore);
      expect(await scene.checks(key)).toEqual({ up: 200, avoid: 409, failover: 409 });
      expect(await health()).toMatchObject({ ok: false });
      const fallen = (await scene.api.history(key)).find(
        ({ from, to }) => from === "alive" && to === "unknown",
      );
      expect(fallen).toMatchObject({ rule: "nothing-fresh", advice: { routing: "serve", failover: false } });
      expect((await health()).reasons.join()).toMatch(/the clock was set back by 60 min/);
      await scene.reach(key, { verdict: "alive" }, SOON_MS);
    }));

  test("back while nobody asks, and no alarm rings: the schedule starts all again", async () => {
    const control = await openWitness();
    const alone = await startDetector({ altered: "stepped", cronMs: 2_000, vars: { CONTROLS: control.url } });
    try {
      await alone.api.putTarget({ site: "fra", target: "db-1" }, { url: control.url, intervalMs: 60_000 });
      await until(() => control.connections() >= VANTAGES.length, {
        withinMs: SOON_MS,
        explain: () => alone.log,
      });
      await alone.api.ask(`/stepped?shiftMs=${-HOUR_MS}`);
      const before = control.connections();
      await until(() => control.connections() - before >= VANTAGES.length, {
        withinMs: 90_000,
        explain: () => `${control.connections() - before} looks`,
      });
    } finally {
      await alone.stop();
      await control.close();
    }
  });
});
