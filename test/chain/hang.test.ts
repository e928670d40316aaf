import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { type Key, pathOf } from "../../scripts/detector-api.ts";
import { until } from "../../scripts/until.ts";
import type { NodeProcess } from "../../harness/nodes/process.ts";
import { LONG } from "../runs.ts";
import { VANTAGES } from "../../harness/world/launch.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

/** With seven vantages and a backlog of 5 the queue is full after one interval. The rest of the time shows that the verdict holds. */
const FROZEN_MS = LONG ? 300_000 : 30_000;

/** Seven vantages look every 5 s, 0.7 s apart. Half a second after a look, no look is under way. */
const BETWEEN_MS = 500;

interface Seen {
  at: string;
  stage: string;
}

/**
 * Freezes a node between two looks and waits for the verdict. Returns false where no look got a connection after that: the queue was full
 * of looks that were still under way, and then nothing distinguishes a hang from a death.
 */
const isHungOnceSomebodyIsLetIn = async (scene: Scene, key: Key, node: NodeProcess): Promise<boolean> => {
  await until(async () => Date.now() - Date.parse((await scene.api.verdict(key)).asOf ?? "") > BETWEEN_MS, {
    withinMs: 20_000,
    explain: () => "somebody is always looking at it",
  });
  const frozenAt = Date.now();
  node.freeze();
  try {
    await scene.reach(key, { verdict: "process_hung" }, 8_000);
    return true;
  } catch (error) {
    const { text } = await scene.api.ask(`${pathOf(key)}/evidence?only=observed&since=-30s`);
    const { observations } = JSON.parse(text) as { observations: Seen[] };
    const since = observations.filter(({ at }) => Date.parse(at) >= frozenAt);
    if (since.some(({ stage }) => stage === "response")) throw error;
    return false;
  }
};

let detector: Detector;
beforeAll(async () => {
  detector = await startDetector();
});
afterAll(() => stopDetector(detector));

describe("a frozen process", () => {
  test("is hung within 8 s, to be avoided and not to be replaced", () =>
    Scene.play(detector, async (scene) => {
      const { key, node } = await scene.node("db-1");
      await scene.node("db-2");
      await scene.healthy();
      node.freeze();
      const verdict = await scene.reach(key, { verdict: "process_hung" }, 8_000);
      expect(verdict.advice).toMatchObject({ routing: "avoid", failover: false });
      expect(await scene.checks(key)).toEqual({ up: 503, avoid: 200, failover: 409 });
      node.thaw();
      await scene.reach(key, { verdict: "alive" }, 30_000);
    }));

  test(
    "is still hung when its backlog of 5 is full and connections time out",
    () =>
      Scene.play(detector, async (scene) => {
        const { key, node } = await scene.node("db-1", { backlog: 5 });
        await scene.node("db-2");
        await scene.healthy();
        await scene.reach(key, { reachableFrom: VANTAGES.toSorted() }, 20_000);
        while (!(await isHungOnceSomebodyIsLetIn(scene, key, node))) {
          node.thaw();
          await scene.reach(key, { verdict: "alive" }, 40_000);
        }
        await scene.keeps(key, ({ verdict }) => verdict === "process_hung", FROZEN_MS);
        const { evidence } = await scene.api.verdict(key);
        // The node accepts no more connections, so the silence is before the connection opens.
        expect(new Set(evidence.map(({ stage }) => stage))).toContain("connect");
        expect(await scene.checks(key)).toEqual({ up: 503, avoid: 200, failover: 409 });
        node.thaw();
        await scene.reach(key, { verdict: "alive" }, 40_000);
      }),
    FROZEN_MS + 150_000,
  );

  test("is hung, too, when its witness answers", () =>
    Scene.play(detector, async (scene) => {
      const witness = await scene.node("ssh", { protocol: "tcp" });
      const { key, node } = await scene.node("db-1", { body: { witness: witness.node.url } });
      await scene.healthy();
      node.freeze();
      await scene.reach(key, { verdict: "process_hung" }, 8_000);
      expect(await scene.checks(key)).toEqual({ up: 503, avoid: 200, failover: 409 });
    }));
});
