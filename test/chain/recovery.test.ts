import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import { type Transition, VERDICTS, VerdictSchema, type Verdict } from "../../src/domain/verdict.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

const KILLS = 20;
const MOST_MS_BETWEEN_KILLS = 2_500;
const WRITE_EVERY_MS = 30;
const seed = Number(process.env["PARALLAX_SEED"] ?? Date.now() % 1_000_000);

/** Uniform numbers from 0 to 1, the same for the same seed (mulberry32). */
const drawFrom = (from: number) => {
  let state = from;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const AVOIDED = new Set<Verdict>(VerdictSchema.options.filter((verdict) => VERDICTS[verdict].isDown));

let detector: Detector;
beforeEach(async () => {
  detector = await startDetector();
});
afterEach(() => stopDetector(detector));

/** Adds the transitions of a history to those seen before, and fails where the two disagree. */
const agree = (known: Map<number, Transition>, history: Transition[]): void => {
  const newest = Math.max(0, ...known.keys());
  expect(history[0]?.sequence ?? 0, "the newest sequence").toBeGreaterThanOrEqual(newest);
  for (const transition of history) {
    const before = known.get(transition.sequence);
    if (before !== undefined) expect(transition, "a transition already shown").toEqual(before);
    known.set(transition.sequence, transition);
  }
};

describe(`the detector's own death (seed ${seed})`, () => {
  test(`SIGKILL at ${KILLS} random moments loses no acknowledged write, repeats no sequence and worsens no verdict`, () =>
    Scene.play(detector, async (scene) => {
      const draw = drawFrom(seed);
      const calm = await scene.node("calm");
      const dead = await scene.node("dead", { hasWitness: true });
      const restless = await scene.node("restless");
      await scene.healthy();
      scene.letFailover(dead.key);
      scene.letFailover(restless.key);
      await dead.node.kill();
      await scene.reach(dead.key, { verdict: "process_crashed", confirmed: true }, 6_000);
      const known = new Map([calm, dead, restless].map(({ key }) => [key, new Map<number, Transition>()]));
      const config = { site: scene.site, target: "config" };
      const write = (timeoutMs: number) =>
        scene.api.putTarget(config, { url: calm.node.url, intervalMs: 3_600_000, timeoutMs, paused: true });
      let acknowledged = (await write(500)).timeoutMs;
      let tried = acknowledged;
      for (let kill = 0; kill < KILLS; kill++) {
        // Writes until the detector dies. The last acknowledged write must be there afterwards.
        let writing = true;
        const writer = (async () => {
          while (writing) {
            tried += 1;
            acknowledged = (await write(tried).catch(() => undefined))?.timeoutMs ?? acknowledged;
            await new Promise((resolve) => setTimeout(resolve, WRITE_EVERY_MS));
          }
        })();
        const fate = kill % 2 === 0 ? restless.node.kill() : restless.node.revive();
        await new Promise((resolve) => setTimeout(resolve, draw() * MOST_MS_BETWEEN_KILLS));
        await detector.kill();
        writing = false;
        await Promise.all([writer, fate]);
        await detector.restart();
        // The detector may also have taken a write whose answer was lost.
        const { timeoutMs } = await scene.api.target(config);
        expect(timeoutMs).toBeGreaterThanOrEqual(acknowledged);
        expect(timeoutMs).toBeLessThanOrEqual(tried);
        for (const [key, transitions] of known) agree(transitions, await scene.api.history(key));
        expect((await scene.api.verdict(dead.key)).verdict).toBe("process_crashed");
      }
      expect(acknowledged, "writes acknowledged").toBeGreaterThan(500 + KILLS);
      const worsened = scene.seen(calm.key).filter(({ verdict }) => AVOIDED.has(verdict));
      expect(worsened.map(({ because }) => because)).toEqual([]);
    }));

  test("frozen past every freshness, then thawed: unknown at worst, and alive again", () =>
    Scene.play(detector, async (scene) => {
      const first = await scene.node("web-1");
      const second = await scene.node("web-2");
      await scene.healthy();
      const since = Date.now();
      detector.freeze();
      await new Promise((resolve) => setTimeout(resolve, 18_000));
      detector.thaw();
      for (const { key } of [first, second]) {
        // The evidence is new, so the verdict is about the time after the gap.
        await until(async () => Date.parse((await scene.api.verdict(key)).asOf ?? "") > since + 18_000, {
          withinMs: 30_000,
          explain: () => "no fresh evidence",
        });
        await scene.reach(key, { verdict: "alive" }, 30_000);
        await scene.keeps(key, ({ verdict }) => verdict === "alive", 2_000);
        const worsened = scene.seen(key).filter(({ verdict }) => AVOIDED.has(verdict));
        expect(worsened.map(({ verdict, because }) => `${verdict}: ${because}`)).toEqual([]);
      }
    }));
});
