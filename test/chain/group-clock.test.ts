import { afterEach, beforeEach, expect, test } from "vitest";
import type { Key } from "../../scripts/detector-api.ts";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

// A strict lease while the clock is set: no other member gets the lease before it has truly run out, and then another does.

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const LEASE_MS = 3_000;

let detector: Detector;
beforeEach(async () => {
  detector = await startDetector({ altered: "stepped" });
});
afterEach(() => stopDetector(detector));

const set = async (shiftMs: number): Promise<void> => {
  expect((await detector.api.ask(`/stepped?shiftMs=${shiftMs}`)).status).toBe(204);
};

const asks = async ({ site, target }: Key): Promise<boolean> =>
  (await detector.api.ask("/v1/groups/db/lease", { method: "POST", body: { site, target } })).status === 200;

/** Waits until this member is granted the lease. */
const granted = (key: Key): Promise<true> =>
  until(async () => ((await asks(key)) ? true : undefined), {
    withinMs: 60_000,
    everyMs: 100,
    explain: async () => `${key.site} is not granted: ${(await detector.api.ask("/v1/groups/db")).text}`,
  });

test("forward and back by seconds and by an hour", () =>
  Scene.play(detector, async (scene) => {
    const keys: Key[] = [];
    for (const place of ["a", "b"])
      keys.push((await scene.node("db-1", { site: `${scene.site}-${place}` })).key);
    await scene.healthy();
    const policy = { lease: "strict", leaseMs: LEASE_MS, holdDownMs: 0, maxSwitchesPerHour: 60 };
    const body = { mode: "leader", members: keys, policy };
    expect((await detector.api.ask("/v1/groups/db", { method: "PUT", body })).status).toBe(201);
    let [holder, other] = keys as [Key, Key];
    await granted(holder);
    for (const shiftMs of [5 * SECOND_MS, 0, HOUR_MS, 0, -5 * SECOND_MS, -HOUR_MS, 0]) {
      await granted(holder);
      // Both members ask for the lease, and the holder falls silent when the clock is set.
      await asks(other);
      const sent = performance.now();
      expect(await asks(holder)).toBe(true);
      await set(shiftMs);
      await granted(other);
      expect(performance.now() - sent, `set to ${shiftMs} ms`).toBeGreaterThan(LEASE_MS);
      [holder, other] = [other, holder];
    }
  }));
