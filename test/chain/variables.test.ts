import { readdir } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openWitness, type WitnessPort } from "../../harness/nodes/witness.ts";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import type { HealthAnswer } from "../../src/domain/health.ts";
import { type Deployed, VANTAGES } from "../../harness/world/launch.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

/** One interval of a scene's nodes, and the time that a look and its report take. */
const TICK_MS = 5_000 + 3_000;

let deployed: Deployed;
let detector: Detector;
let control: WitnessPort;
beforeEach(async () => {
  control = await openWitness();
  deployed = { vars: { CONTROLS: control.url } };
  detector = await startDetector(deployed);
});
afterEach(async () => {
  await stopDetector(detector);
  await control.close();
});

/** Deploys anew, with these variables and the same storage. */
const redeploy = async (vars: Record<string, string>): Promise<void> => {
  await detector.kill();
  deployed.vars = { ...deployed.vars, ...vars };
  await detector.restart();
};

const within = (holds: () => Promise<boolean>, withinMs = TICK_MS): Promise<boolean> =>
  until(holds, {
    withinMs,
    everyMs: 100,
    explain: async () => `not within ${withinMs} ms: ${(await detector.api.ask("/healthz")).text}`,
  }) as Promise<boolean>;

const health = async (): Promise<HealthAnswer> =>
  JSON.parse((await detector.api.ask("/healthz")).text) as HealthAnswer;

const areAllSound = async (ids: string[]): Promise<boolean> => {
  const vantages = await detector.api.vantages();
  return (
    JSON.stringify(vantages.map(({ id }) => id)) === JSON.stringify(ids) &&
    vantages.every(({ state, lastReportAt }) => state === "sound" && lastReportAt !== null)
  );
};

const evidenceOf = async (key: { site: string; target: string }): Promise<string[]> =>
  (await detector.api.verdict(key)).evidence.map(({ vantage }) => vantage).toSorted();

describe("a variable changed by a deployment", () => {
  test("CONTROLS: every vantage looks at the new ones within one tick, and no verdict moves", () =>
    Scene.play(detector, async (scene) => {
      const { key } = await scene.node("db-1");
      await scene.node("db-2");
      await scene.healthy();
      const { sequence } = await scene.api.verdict(key);
      await control.close();
      control = await openWitness();
      const before = control.connections();
      await redeploy({ CONTROLS: control.url });
      await within(async () => control.connections() - before >= VANTAGES.length);
      await scene.keeps(key, ({ verdict }) => verdict === "alive", 15_000);
      expect(await areAllSound(VANTAGES)).toBe(true);
      expect((await scene.api.verdict(key)).sequence).toBe(sequence);
      expect(await health()).toMatchObject({ ok: true, reasons: [] });
    }));

  test("VANTAGES: one that is new looks within one tick, one that is gone neither looks nor counts", () =>
    Scene.play(detector, async (scene) => {
      const { key } = await scene.node("db-1");
      await scene.node("db-2");
      await scene.healthy();
      const [gone = "", ...rest] = VANTAGES;
      const vantages = [...rest, "sam"];
      await redeploy({ VANTAGES: vantages.join(",") });
      const unwell: string[] = [];
      await within(async () => {
        unwell.push(...(await health()).reasons);
        return JSON.stringify(await evidenceOf(key)) === JSON.stringify(vantages.toSorted());
      });
      await within(() => areAllSound(vantages));
      expect(await evidenceOf(key)).not.toContain(gone);
      // The detector does not report a vantage as stopped that it added a moment ago.
      expect(unwell.filter((reason) => /stopped|overloaded|too few/.test(reason))).toEqual([]);
    }));

  test("SHARDS: a changed one is refused and named, and set back all is as before", () =>
    Scene.play(detector, async (scene) => {
      const { key } = await scene.node("db-1");
      await scene.node("db-2");
      await scene.healthy();
      const { sequence } = await scene.api.verdict(key);
      await redeploy({ SHARDS: "3" });
      // This is the only reason: the surplus shards do answer.
      expect((await health()).reasons).toEqual([
        "SHARDS was 1 at first start and is 3 now: set it back, resharding is not supported",
      ]);
      expect((await scene.api.ask(`/v1/sites/${key.site}/targets/${key.target}/failover`)).status).toBe(409);
      await redeploy({ SHARDS: "1" });
      await within(async () => (await health()).ok);
      expect((await scene.api.verdict(key)).sequence).toBe(sequence);
    }));

  test("AGGREGATOR_HINT: without one nothing is made, and with another the aggregator stays as it is", async () => {
    await detector.stop();
    deployed.vars = { ...deployed.vars, ALLOW_PRIVATE: "false" };
    detector = await startDetector({ ...deployed, cronMs: 200 });
    const kept = async () => (await readdir(detector.stateDir, { recursive: true })).join("\n");
    expect((await health()).reasons).toEqual([expect.stringContaining("AGGREGATOR_HINT is not set")]);
    await within(async () => detector.log.includes("misconfigured"));
    expect(await kept()).not.toMatch(/Aggregator.[0-9a-f]{20,}\.sqlite$/m);
    await detector.stop();
    detector = await startDetector(deployed);
    const url = "https://node.example/";
    for (const hint of ["weur", "enam"]) {
      await redeploy({ AGGREGATOR_HINT: hint });
      expect(await kept()).toMatch(/Aggregator.[0-9a-f]{20,}\.sqlite$/m);
      await detector.api.putTarget(
        { site: "fra", target: hint },
        { url, intervalMs: 3_600_000, paused: true },
      );
    }
    expect((await detector.api.target({ site: "fra", target: "weur" })).url).toBe(url);
  });

  test("one that makes no sense is named, answers are the safe ones, and the last that did stands for the objects", () =>
    Scene.play(detector, async (scene) => {
      const { key } = await scene.node("db-1");
      await scene.node("db-2");
      await scene.healthy();
      const { sequence } = await scene.api.verdict(key);
      const before = control.connections();
      await redeploy({ VANTAGES: "wnam,atlantis" });
      await within(async () => (await health()).reasons.join().includes('"atlantis" is no location hint'));
      // Every vantage has woken under these variables, and looked at the control.
      await within(async () => control.connections() - before >= VANTAGES.length);
      expect((await scene.api.ask(`/v1/sites/${key.site}/targets/${key.target}/failover`)).status).toBe(409);
      await redeploy({ VANTAGES: VANTAGES.join(",") });
      expect(await scene.api.verdict(key)).toMatchObject({ verdict: "alive", sequence });
      expect(await evidenceOf(key)).toEqual(VANTAGES.toSorted());
    }));

  test("ALLOW_PRIVATE: what is stored of private places is not looked at once more, which is said, and is as before when set back", () =>
    Scene.play(detector, async (scene) => {
      const { key, node } = await scene.node("db-1");
      await scene.node("db-2");
      await scene.healthy();
      await detector.kill();
      const before = (await node.counts()).connections;
      deployed.vars = { ...deployed.vars, ALLOW_PRIVATE: "false", AGGREGATOR_HINT: "weur" };
      await detector.restart();
      await within(async () => /not looked at, as ALLOW_PRIVATE/.test((await health()).reasons.join()));
      const { verdict, because } = await scene.api.verdict(key);
      expect([verdict, because]).toEqual(["unknown", expect.stringContaining("ALLOW_PRIVATE is not true")]);
      expect(await scene.checks(key)).toEqual({ up: 200, avoid: 409, failover: 409 });
      expect((await scene.api.target(key)).warnings.join()).toContain("ALLOW_PRIVATE is not true");
      // Waits for two intervals, in which every vantage would have looked.
      await setTimeout(2 * TICK_MS);
      expect((await node.counts()).connections).toBe(before);
      await redeploy({ ALLOW_PRIVATE: "true" });
      await scene.reach(key, { verdict: "alive" }, 2 * TICK_MS);
      await within(async () => (await health()).ok);
    }));

  test("ADMIN_TOKEN, READ_TOKEN, ALLOW_PRIVATE, UP_MAX_AGE_MS: hold from the first answer on", async () => {
    const status = async (path: string, token: string, body?: object): Promise<number> =>
      (await detector.api.ask(path, { token, ...(body === undefined ? {} : { method: "PUT", body }) }))
        .status;
    const target = { url: control.url, intervalMs: 5_000 };
    const path = "/v1/sites/fra/targets/db-1";
    expect(await status(path, "local-admin", target)).toBe(201);
    await redeploy({ ALLOW_PRIVATE: "false", AGGREGATOR_HINT: "weur" });
    expect(await status("/v1/sites/fra/targets/db-2", "local-admin", target)).toBe(400);
    await redeploy({ ALLOW_PRIVATE: "true", ADMIN_TOKEN: "new-admin", READ_TOKEN: "new-read" });
    expect(await status("/v1/vantages", "local-admin")).toBe(401);
    expect(await status("/v1/vantages", "local-read")).toBe(401);
    expect(await status("/v1/vantages", "new-read")).toBe(200);
    expect(await status("/v1/sites/fra/targets/db-2", "new-admin", target)).toBe(201);
    await redeploy({ UP_MAX_AGE_MS: "1001" });
    expect((await health()).reasons.join()).toContain("UP_MAX_AGE_MS must be a whole number of 0 to 1000");
    await redeploy({ UP_MAX_AGE_MS: "1000" });
    expect(await status(`${path}/up`, "new-read")).toBe(200);
  });
});
