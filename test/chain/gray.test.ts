import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import type { Verdict } from "../../src/domain/verdict.ts";
import { HEALTHY_BODY, type Mode } from "../../harness/nodes/mode.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

const GRAY_WITHIN_MS = 15_000;
const HOLDS_MS = 12_000;
/** The memory that an answer cut off at the body's limit may cost, however much the node sends. */
const MOST_BYTES = 16 * 1_048_576;

let detector: Detector;
beforeAll(async () => {
  detector = await startDetector();
});
afterAll(() => stopDetector(detector));

/** The ways in which a node answers wrongly, and the verdicts that are right for each. */
const WRONG_ANSWERS: { mode: Mode; right: Verdict[] }[] = [
  { mode: "error", right: ["gray"] },
  { mode: "wrong-body", right: ["gray"] },
  { mode: "close", right: ["gray"] },
  { mode: "reset", right: ["gray"] },
  { mode: "truncated", right: ["gray"] },
  { mode: "drip", right: ["gray", "process_hung"] },
  { mode: "endless", right: ["gray"] },
  { mode: "silent", right: ["process_hung"] },
];

// The cases run at the same time, since they mostly wait. Each node is in a site of its own.
describe.concurrent("a node that answers wrongly", () => {
  test.for(WRONG_ANSWERS)("is never alive for long and never dead: $mode", ({ mode, right }) =>
    Scene.play(detector, async (scene) => {
      const { key, node } = await scene.node("web-1", { body: { expect: { bodyIncludes: HEALTHY_BODY } } });
      await scene.node("web-2");
      await scene.healthy();
      await node.mode(mode);
      // A hang may look gray at first, and a gray node may look hung.
      await Promise.any(right.map((verdict) => scene.reach(key, { verdict }, GRAY_WITHIN_MS)));
      await scene.keeps(key, ({ verdict }) => right.includes(verdict), HOLDS_MS);
      expect(await scene.checks(key)).toEqual({ up: 503, avoid: 200, failover: 409 });
      const wrong = scene
        .seen(key)
        .filter(({ verdict }) => !["alive", "unknown", ...right].includes(verdict));
      expect(wrong.map(({ verdict, because }) => `${verdict}: ${because}`)).toEqual([]);
      await node.mode("ok");
      await scene.reach(key, { verdict: "alive" }, 30_000);
      expect((await node.counts()).mostBytes).toBeLessThan(MOST_BYTES);
    }),
  );

  test("half of the time is gray and still to be served", () =>
    Scene.play(detector, async (scene) => {
      const { key, node } = await scene.node("web-1");
      await scene.node("web-2");
      await scene.healthy();
      await node.mode("half-error");
      await scene.reach(key, { verdict: "gray" }, GRAY_WITHIN_MS);
      await scene.keeps(
        key,
        ({ verdict, advice }) => verdict === "gray" && advice.routing === "serve",
        2 * HOLDS_MS,
      );
      expect(await scene.checks(key)).toEqual({ up: 200, avoid: 409, failover: 409 });
    }));

  test("over TCP is gray where its greeting is not the expected one", () =>
    Scene.play(detector, async (scene) => {
      const { key, node } = await scene.node("db-1", {
        protocol: "tcp",
        body: { expect: { sends: "ping\n", bodyIncludes: "ready" } },
      });
      await scene.node("db-2");
      await scene.healthy();
      await node.mode("wrong-body");
      await scene.reach(key, { verdict: "gray" }, GRAY_WITHIN_MS);
      expect(await scene.checks(key)).toEqual({ up: 503, avoid: 200, failover: 409 });
    }));
});
