import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import type { HealthAnswer } from "../../src/domain/health.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

/** Longer than a tick of 5 s can be late by chance, and shorter than a vantage's reports may be late. */
const FROZEN_MS = 8_000;

let detector: Detector;
beforeAll(async () => {
  detector = await startDetector();
});
afterAll(() => stopDetector(detector));

const health = async (): Promise<HealthAnswer> =>
  JSON.parse((await detector.api.ask("/healthz")).text) as HealthAnswer;

const metric = async (name: string): Promise<number> => {
  const { text } = await detector.api.ask("/v1/metrics");
  return Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, "m").exec(text)?.[1]);
};

describe("a detector that was held up", () => {
  test("says so itself, and moves no verdict for it", () =>
    Scene.play(detector, async (scene) => {
      const living = await scene.node("web-1");
      const dying = await scene.node("web-2", { hasWitness: true });
      await scene.healthy();
      expect(await health()).toMatchObject({ ok: true, reasons: [], shards: [{ overloaded: false }] });
      expect(await metric("parallax_overloaded")).toBe(0);
      const { sequence } = await scene.api.verdict(living.key);

      scene.letFailover(dying.key);
      detector.freeze();
      await dying.node.kill();
      await setTimeout(FROZEN_MS);
      detector.thaw();

      // Four or more vantages had late ticks. Their reports come in one after the other.
      const late = /overloaded, or interrupted: ticks began late within two minutes \(.*by \d+\.\d s/;
      const { shards } = await until(
        async () => {
          const now = await health();
          return late.test(now.reasons.join("\n")) && !now.ok && now;
        },
        { withinMs: 20_000, explain: async () => JSON.stringify(await health()) },
      );
      expect(shards[0]?.overloaded).toBe(true);
      expect(await metric("parallax_overloaded")).toBe(1);
      expect(await metric("parallax_tick_lateness_seconds")).toBeGreaterThan(2);
      await scene.reach(dying.key, { verdict: "process_crashed", confirmed: true }, 20_000);
      expect(await scene.api.verdict(living.key)).toMatchObject({ verdict: "alive", sequence });
    }));

  test("for half a minute is well again within three intervals of the first looks after it", () =>
    Scene.play(detector, async (scene) => {
      const { key } = await scene.node("web-3");
      await scene.node("web-4");
      await scene.healthy();
      await until(async () => (await health()).ok, {
        withinMs: 20_000,
        explain: async () => JSON.stringify(await health()),
      });
      detector.freeze();
      await setTimeout(30_000);
      detector.thaw();
      await scene.reach(key, { verdict: "alive" }, 10_000);
      await until(async () => (await health()).ok, {
        withinMs: 3 * 5_000,
        explain: async () => JSON.stringify(await health()),
      });
    }));
});
