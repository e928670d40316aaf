import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { freePort } from "../../scripts/port.ts";
import { until } from "../../scripts/until.ts";
import type { HealthAnswer } from "../../src/domain/health.ts";
import { ProgramProcess } from "./program.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

let detector: Detector;
afterEach(() => stopDetector(detector));

const health = async (): Promise<HealthAnswer> =>
  JSON.parse((await detector.api.ask("/healthz")).text) as HealthAnswer;

describe("own health", () => {
  test("a control that never answers blinds nobody, and is named by health, by the vantages and in the log", async () => {
    const wrong = `tcp://127.0.0.1:${await freePort()}`;
    detector = await startDetector({ vars: { CONTROLS: wrong }, cronMs: 2_000 });
    await Scene.play(detector, async (scene) => {
      const { key, node } = await scene.node("db-1", { hasWitness: true });
      await scene.node("db-2");
      await scene.healthy();
      const told = `control ${wrong} answers none of 7 vantages, which are answered elsewhere`;
      await until(async () => (await health()).reasons.some((reason) => reason.startsWith(told)), {
        withinMs: 30_000,
        explain: async () => JSON.stringify(await health()),
      });
      expect((await health()).ok).toBe(false);
      const vantages = await scene.api.vantages();
      expect(vantages.map(({ state }) => state)).toEqual(vantages.map(() => "sound"));
      expect(
        vantages.map(({ controls }) => controls.map(({ url, answered }) => ({ url, answered }))),
      ).toEqual(vantages.map(() => [{ url: wrong, answered: false }]));
      await until(() => detector.log.includes(told), { withinMs: 5_000, explain: () => detector.log });
      scene.letFailover(key);
      await node.kill();
      await scene.reach(key, { verdict: "process_crashed", confirmed: true }, 15_000);
    });
  });

  test("a vantage that was tried once is not waited for", async () => {
    detector = await startDetector();
    await Scene.play(detector, async (scene) => {
      await scene.node("db-1");
      await scene.node("db-2");
      const { token } = await scene.api.registerVantage({
        id: "lab-1",
        region: "hel",
        provider: "own",
        sites: "all",
      });
      const program = new ProgramProcess(["vantage", "--once"], {
        PARALLAX_URL: detector.api.url,
        PARALLAX_TOKEN: token,
      });
      expect([await program.ended(), program.log]).toEqual([0, expect.any(String)]);
      // Waits longer than a running vantage may be silent before the detector reports it as stopped.
      await setTimeout(30_000);
      expect(await health()).toMatchObject({ ok: true, reasons: [] });
      expect((await scene.api.vantages()).find(({ id }) => id === "lab-1")).toMatchObject({
        state: "silent",
      });
    });
  });
});
