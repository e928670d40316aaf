import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

let detector: Detector;
beforeAll(async () => {
  detector = await startDetector();
});
afterAll(() => stopDetector(detector));

describe("a node that flaps", () => {
  test("is alive within 60 s of the last of ten falls in a row", () =>
    Scene.play(detector, async (scene) => {
      const { key, node } = await scene.node("db-1");
      await scene.node("db-2");
      await scene.healthy();
      scene.letFailover(key);
      for (let flap = 0; flap < 10; flap++) {
        await node.kill();
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        await node.revive();
        await new Promise((resolve) => setTimeout(resolve, 1_500));
      }
      await scene.reach(key, { verdict: "alive" }, 60_000);
      expect(await scene.checks(key)).toEqual({ up: 200, avoid: 409, failover: 409 });
    }));
});
