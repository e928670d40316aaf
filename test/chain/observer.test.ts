import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Key } from "../../scripts/detector-api.ts";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import { keyOf } from "../../src/domain/plain/names.ts";
import type { VantageState } from "../../src/domain/vantage.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

const SITES = ["fra", "ams", "sto"];
const DRILL_MS = 300_000;

let detector: Detector;
beforeEach(async () => {
  detector = await startDetector();
});
afterEach(() => stopDetector(detector));

/** Two healthy nodes in each of three sites. The detector watches nothing else. */
const world = async (scene: Scene): Promise<Key[]> => {
  const keys: Key[] = [];
  for (const site of SITES)
    for (const target of ["web-1", "web-2"]) keys.push((await scene.node(target, { site })).key);
  await scene.healthy();
  return keys;
};

const becomes = (id: string, state: VantageState): Promise<true> =>
  until(
    async () => (await detector.api.vantages()).some((one) => one.id === id && one.state === state) || false,
    {
      withinMs: 40_000,
      explain: async () => `${id} did not become ${state}: ${JSON.stringify(await detector.api.vantages())}`,
    },
  ) as Promise<true>;

describe("an observer in trouble", () => {
  test("one vantage cut from everything is faulty, and no verdict moves", () =>
    Scene.play(detector, async (scene) => {
      const keys = await world(scene);
      const before = await Promise.all(keys.map((key) => scene.api.verdict(key)));
      const drills = await Promise.all(
        SITES.map((site) =>
          scene.api.startDrill({ site, fault: "silence", vantages: ["weur"], durationMs: DRILL_MS }),
        ),
      );
      await becomes("weur", "faulty");
      const [first] = keys;
      if (first === undefined) throw new Error("no node");
      await scene.keeps(first, ({ verdict }) => verdict === "alive", 15_000);
      for (const [index, key] of keys.entries()) {
        const now = await scene.api.verdict(key);
        expect(now).toMatchObject({ verdict: "alive", sequence: before[index]?.sequence });
        expect(now.notCounted.map(({ vantage }) => vantage)).toEqual(["weur"]);
        expect(await scene.checks(key)).toEqual({ up: 200, avoid: 409, failover: 409 });
        expect((await scene.up(key, "?from=weur")).status).toBe(200);
      }
      await Promise.all(drills.map(({ id }) => scene.api.stopDrill(id)));
      await becomes("weur", "sound");
    }));

  test("all vantages silent for everything: unknown and frozen advice, not a massacre", () =>
    Scene.play(detector, async (scene) => {
      const keys = await world(scene);
      const drills = await Promise.all(
        SITES.map((site) => scene.api.startDrill({ site, fault: "silence", durationMs: DRILL_MS })),
      );
      for (const key of keys) {
        await scene.reach(key, { verdict: "unknown" }, 30_000);
        expect(await scene.checks(key)).toEqual({ up: 200, avoid: 409, failover: 409 });
      }
      const [first] = keys;
      if (first === undefined) throw new Error("no node");
      await scene.keeps(first, ({ verdict }) => verdict === "unknown", 15_000);
      // Drills take effect one after another. A site that falls silent a second before the others looks cut off to every vantage until the
      // others follow, and the judge advises against that site meanwhile. Advice against two sites at once would be the massacre.
      const changes = (
        await Promise.all(
          keys.map(async ({ site, target }) =>
            (await scene.api.history({ site, target })).map(({ at, advice }) => ({
              at,
              site,
              target,
              advice,
            })),
          ),
        )
      )
        .flat()
        .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
      const against = (at: string): string[] => {
        const last = new Map(
          changes.filter((one) => one.at <= at).map((one) => [keyOf(one.site, one.target), one]),
        );
        return [...last.values()].flatMap(({ advice, site }) => (advice.routing === "avoid" ? [site] : []));
      };
      for (const { at } of changes) expect([...new Set(against(at))].slice(1), at).toEqual([]);
      expect(changes.filter(({ advice }) => advice.failover)).toEqual([]);
      await Promise.all(drills.map(({ id }) => scene.api.stopDrill(id)));
      await scene.healthy();
    }));
});
