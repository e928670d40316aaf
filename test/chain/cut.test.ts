import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import type { Verdict } from "../../src/domain/verdict.ts";
import { HttpReceiver } from "./receiver.ts";
import { VANTAGES } from "../../harness/world/launch.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

const CUT_WITHIN_MS = 15_000;
const DRILL_MS = 300_000;

let detector: Detector;
let bystanders: Scene | undefined;
let leave: (() => void) | undefined;
let play: Promise<void> | undefined;

// Healthy nodes in two more sites, so that a cut in one is not the larger part of the world.
beforeAll(async () => {
  detector = await startDetector();
  const ready = Promise.withResolvers<void>();
  play = Scene.play(detector, async (scene) => {
    bystanders = scene;
    for (const site of ["calm-1", "calm-2"]) {
      await scene.node("web-1", { site });
      await scene.node("web-2", { site });
    }
    await scene.healthy();
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    ready.resolve();
    await left;
  });
  await Promise.race([ready.promise, play]);
});
afterAll(async () => {
  leave?.();
  await play;
  await stopDetector(detector);
});

const pair = async (scene: Scene, body = {}) => {
  const first = await scene.node("db-1", { body });
  const second = await scene.node("db-2", { body });
  await scene.healthy();
  return [first.key, second.key] as const;
};

const FATAL: Verdict[] = ["process_crashed", "process_hung", "node_dead", "isolated", "unreachable"];

describe("a cut between some vantages and a node", () => {
  test("two of seven: partitioned, both named, and only their regions told to avoid it", () =>
    Scene.play(detector, async (scene) => {
      const [key] = await pair(scene);
      const cut = ["enam", "wnam"];
      await scene.api.startDrill({ ...key, fault: "silence", vantages: cut, durationMs: DRILL_MS });
      await scene.reach(key, { verdict: "partitioned", unreachableFrom: cut }, CUT_WITHIN_MS);
      expect(await scene.checks(key)).toEqual({ up: 200, avoid: 409, failover: 409 });
      for (const from of cut)
        await until(async () => (await scene.up(key, `?from=${from}`)).status === 503, {
          withinMs: CUT_WITHIN_MS,
          explain: () => `/up?from=${from} is not 503`,
        });
      for (const from of VANTAGES.filter((vantage) => !cut.includes(vantage)))
        expect((await scene.up(key, `?from=${from}`)).status).toBe(200);
      expect((await scene.up(key, "?partition=down")).status).toBe(503);
    }));

  test("six of seven: still never dead", () =>
    Scene.play(detector, async (scene) => {
      const [key] = await pair(scene);
      const cut = VANTAGES.filter((vantage) => vantage !== "eeur");
      await scene.api.startDrill({ ...key, fault: "silence", vantages: cut, durationMs: DRILL_MS });
      await scene.reach(key, { verdict: "partitioned", unreachableFrom: cut.toSorted() }, 2 * CUT_WITHIN_MS);
      await scene.keeps(key, ({ advice }) => advice.routing === "serve" && !advice.failover, 20_000);
      expect(scene.seen(key).filter(({ verdict }) => FATAL.includes(verdict))).toEqual([]);
      expect(await scene.checks(key)).toEqual({ up: 200, avoid: 409, failover: 409 });
    }));
});

describe("a cut between all vantages and a node", () => {
  test("whose sibling answers: node_dead, not confirmed from outside", () =>
    Scene.play(detector, async (scene) => {
      const [key, sibling] = await pair(scene);
      const drill = await scene.api.startDrill({ ...key, fault: "silence", durationMs: DRILL_MS });
      const dead = await scene.reach(key, { verdict: "node_dead", scope: "target" }, CUT_WITHIN_MS);
      expect(dead).toMatchObject({ confirmed: false, drill: drill.id });
      expect(await scene.checks(key)).toEqual({ up: 503, avoid: 409, failover: 409 });
      expect((await scene.api.verdict(sibling)).verdict).toBe("alive");
      await scene.api.stopDrill(drill.id);
      await scene.reach(key, { verdict: "alive" }, 20_000);
    }));

  test("with outside proof accepted and a live drill advises failover", () =>
    Scene.play(detector, async (scene) => {
      const [key] = await pair(scene, { policy: { outsideProof: true } });
      scene.letFailover(key);
      await scene.api.startDrill({ ...key, fault: "silence", durationMs: DRILL_MS, live: true });
      await scene.reach(key, { verdict: "node_dead", confirmed: true }, CUT_WITHIN_MS);
      expect(await scene.checks(key)).toEqual({ up: 503, avoid: 200, failover: 200 });
    }));

  test("with outside proof accepted and a drill that is not live advises nothing", () =>
    Scene.play(detector, async (scene) => {
      const [key] = await pair(scene, { policy: { outsideProof: true } });
      await scene.api.startDrill({ ...key, fault: "silence", durationMs: DRILL_MS });
      await scene.reach(key, { verdict: "node_dead", confirmed: true }, CUT_WITHIN_MS);
      expect(await scene.checks(key)).toEqual({ up: 503, avoid: 409, failover: 409 });
    }));

  test("alone in its site: unreachable, since nothing tells death from a cut", () =>
    Scene.play(detector, async (scene) => {
      const { key } = await scene.node("db-1");
      await scene.healthy();
      await scene.api.startDrill({ ...key, fault: "silence", durationMs: DRILL_MS });
      await scene.reach(key, { verdict: "unreachable", scope: "target" }, CUT_WITHIN_MS);
      expect(await scene.checks(key)).toEqual({ up: 503, avoid: 409, failover: 409 });
    }));

  test("together with its whole site: unreachable, scope site, of which people are told in one message", () =>
    Scene.play(detector, async (scene) => {
      const keys = await pair(scene);
      const people = await HttpReceiver.start();
      const body = { url: people.url, sites: [scene.site], events: "verdict" };
      await scene.api.ask("/v1/webhooks/people", { method: "PUT", body });
      await scene.api.startDrill({ site: scene.site, fault: "silence", durationMs: DRILL_MS });
      for (const key of keys) {
        await scene.reach(key, { verdict: "unreachable", scope: "site" }, CUT_WITHIN_MS);
        expect(await scene.checks(key)).toEqual({ up: 503, avoid: 409, failover: 409 });
      }
      await until(() => people.taken.length > 0, {
        withinMs: CUT_WITHIN_MS,
        explain: () => "people are told of nothing",
      });
      await scene.api.ask("/v1/webhooks/people", { method: "DELETE" });
      await people.down();
      expect(people.taken.map(({ message }) => message)).toMatchObject([
        {
          type: "site",
          data: { site: scene.site, targets: keys.map(({ target }) => ({ target, to: "unreachable" })) },
        },
      ]);
      const dead = keys.flatMap((key) => scene.seen(key)).filter(({ verdict }) => verdict === "node_dead");
      expect(dead.map(({ target, because }) => `${target}: ${because}`)).toEqual([]);
    }));
});

test("nothing of it moved the nodes elsewhere", () => {
  const moved = ["calm-1", "calm-2"]
    .flatMap((site) => ["web-1", "web-2"].flatMap((target) => bystanders?.seen({ site, target }) ?? []))
    .filter(({ verdict }) => verdict !== "alive" && verdict !== "unknown");
  expect(moved.map(({ site, verdict, because }) => `${site} ${verdict}: ${because}`)).toEqual([]);
});
