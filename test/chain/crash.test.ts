import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import { VANTAGES } from "../../harness/world/launch.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

let detector: Detector;
beforeAll(async () => {
  detector = await startDetector();
});
afterAll(() => stopDetector(detector));

describe("a killed process", () => {
  test("is a confirmed crash within 6 s, and every vantage names the refusal", () =>
    Scene.play(detector, async (scene) => {
      const { key, node } = await scene.node("db-1", {
        hasWitness: true,
        body: { policy: { restartGraceMs: 0 } },
      });
      await scene.node("db-2");
      await scene.healthy();
      expect(await scene.checks(key)).toEqual({ up: 200, avoid: 409, failover: 409 });
      scene.letFailover(key);
      await node.kill();
      const verdict = await scene.reach(key, { verdict: "process_crashed", confirmed: true }, 6_000);
      expect(verdict.advice).toMatchObject({ routing: "avoid", failover: true });
      expect(await scene.checks(key)).toEqual({ up: 503, avoid: 200, failover: 200 });
      const refused = await until(
        async () => {
          const { evidence } = await scene.api.verdict(key);
          const names = evidence.filter(({ outcome }) => outcome === "refused").map(({ vantage }) => vantage);
          return names.length === VANTAGES.length && names;
        },
        { withinMs: 8_000, explain: () => "not every vantage was refused" },
      );
      expect(refused.toSorted()).toEqual(VANTAGES.toSorted());
    }));

  test("that comes back loses its failover advice at the first ok and is alive within 20 s", () =>
    Scene.play(detector, async (scene) => {
      const { key, node } = await scene.node("db-1", {
        hasWitness: true,
        body: { policy: { restartGraceMs: 0 } },
      });
      await scene.node("db-2");
      await scene.healthy();
      scene.letFailover(key);
      await node.kill();
      await scene.reach(key, { verdict: "process_crashed", confirmed: true }, 6_000);
      const revivedAt = Date.now();
      await node.revive();
      await scene.reach(key, { verdict: "alive" }, 20_000);
      for (const { evidence, advice } of scene.seen(key)) {
        const answered = evidence.some(({ outcome, at }) => outcome === "ok" && Date.parse(at) >= revivedAt);
        if (answered) expect(advice.failover).toBe(false);
      }
      expect(await scene.checks(key)).toEqual({ up: 200, avoid: 409, failover: 409 });
    }));

  test("revived within its grace was never up for failover", () =>
    Scene.play(detector, async (scene) => {
      const { key, node } = await scene.node("db-1", { hasWitness: true });
      await scene.node("db-2");
      await scene.healthy();
      await node.kill();
      const revival = new Promise((resolve) => setTimeout(resolve, 3_000));
      await revival.then(() => node.revive());
      await scene.reach(key, { verdict: "alive" }, 20_000);
    }));

  test("left dead is up for failover once its grace has passed, and not before", () =>
    Scene.play(detector, async (scene) => {
      const { key, node } = await scene.node("db-1", { hasWitness: true });
      await scene.node("db-2");
      await scene.healthy();
      scene.letFailover(key);
      const killedAt = Date.now();
      await node.kill();
      await scene.reach(key, { verdict: "process_crashed", confirmed: true }, 6_000);
      await until(async () => (await scene.api.check(key, "failover")) === 200, {
        withinMs: 16_000,
        explain: () => "failover was never advised",
      });
      expect(Math.min(...scene.failovers(key)) - killedAt).toBeGreaterThanOrEqual(9_500);
    }));
});

describe("a node that recovers", () => {
  test("is not judged for one lost probe among good ones", () =>
    Scene.play(detector, async (scene) => {
      const { key, node } = await scene.node("db-1");
      await scene.node("db-2");
      await scene.healthy();
      const { sequence } = await scene.api.verdict(key);
      const before = (await node.counts()).connections;
      await node.mode("lose-one");
      await scene.keeps(key, (now) => now.verdict === "alive" && now.sequence === sequence, 12_000);
      expect((await node.counts()).connections).toBeGreaterThan(before);
    }));
});
