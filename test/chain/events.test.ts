import { afterEach, beforeEach, expect, test } from "vitest";
import type { Key } from "../../scripts/detector-api.ts";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import { EventClient } from "./event-client.ts";
import { startDetector, stopDetector } from "./scene.ts";

const SOON_MS = 6_000;
const seed = Number(process.env["PARALLAX_SEED"] ?? Date.now() % 1_000_000);

let detector: Detector;
beforeEach(async () => {
  detector = await startDetector();
});
afterEach(() => stopDetector(detector));

/** Uniform numbers from 0 to 1, the same for the same seed (a linear congruence). */
const drawFrom = (from: number) => {
  let state = from;
  return (): number => (state = (state * 48_271 + 11) % 2_147_483_647) / 2_147_483_647;
};

const keys: Key[] = ["db-1", "db-2", "db-3"].map((target) => ({ site: "fra", target }));

/** Puts targets that no vantage probes. Only an operator's override changes their verdicts. */
const watchAll = async (): Promise<void> => {
  for (const key of keys) await detector.api.putTarget(key, { url: "http://127.0.0.1:9/", paused: true });
};

let words = 0;
const move = async (key: Key): Promise<void> => {
  const verdict = words++ % 2 === 0 ? "node_dead" : "alive";
  await detector.api.override(key, { verdict, reason: "a story", ttlMs: 3_600_000 }).catch(() => undefined);
};

const histories = async (): Promise<string[]> =>
  (
    await Promise.all(
      keys.map(async (key) =>
        (await detector.api.history(key)).map(({ sequence }) => `${key.target} ${sequence}`),
      ),
    )
  ).flat();

const client = (query = ""): EventClient => new EventClient(`${detector.api.url}/v1/events${query}`);

/** Waits until a client has every transition of the histories, except those in `before`. */
const caughtUp = async (follower: EventClient, before: string[] = []): Promise<string[]> => {
  const expected = (await histories()).filter((name) => !before.includes(name)).toSorted();
  await until(() => new Set(follower.transitions).size >= expected.length, {
    withinMs: SOON_MS,
    explain: () =>
      `lacks ${JSON.stringify(expected.filter((name) => !follower.transitions.includes(name)))}\n${detector.log}`,
  });
  return expected;
};

test(`a client that is cut at random moments and resumes has all of history, in order and once (seed ${seed})`, async () => {
  const draw = drawFrom(seed);
  const follower = client();
  await follower.connect();
  await until(() => follower.lastId !== "", { withinMs: SOON_MS, explain: () => "not ready" });
  await watchAll();
  for (let cut = 0; cut < 25; cut++) {
    const moving = (async () => {
      for (let time = 0; time < 8; time++) await move(keys[Math.floor(draw() * keys.length)] ?? keys[0]!);
    })();
    await new Promise((resolve) => setTimeout(resolve, draw() * 1_200));
    follower.cut();
    await moving;
    await follower.connect();
  }
  const expected = await caughtUp(follower);
  expect(follower.transitions.toSorted()).toEqual(expected);
  expect(expected.length).toBeGreaterThan(100);
  const ids = follower.events.filter(({ event }) => event === "transition").map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { target } of keys) {
    const own = follower.transitions
      .filter((name) => name.startsWith(`${target} `))
      .map((name) => Number(name.split(" ")[1]));
    expect(own).toEqual(own.map((_, index) => index + 1));
  }
  follower.cut();
});

test("a client resumes across the detector's own death, and lacks nothing", async () => {
  await watchAll();
  const before = await histories();
  const follower = client("?site=fra");
  await follower.connect();
  await until(() => follower.lastId !== "", { withinMs: SOON_MS, explain: () => "not ready" });
  for (let kill = 0; kill < 4; kill++) {
    const moving = (async () => {
      for (const key of [...keys, ...keys]) await move(key);
    })();
    await new Promise((resolve) => setTimeout(resolve, 100 + 300 * kill));
    await detector.kill();
    follower.cut();
    await moving;
    await detector.restart();
    for (const key of keys) await move(key);
    await follower.connect();
  }
  const expected = await caughtUp(follower, before);
  expect(follower.transitions.toSorted()).toEqual(expected);
  follower.cut();
});

test("many clients that come and go leave no seat taken, and all see the same", async () => {
  await watchAll();
  const before = await histories();
  // More clients than one isolate holds at once. Each has gone before the next round.
  for (let round = 0; round < 6; round++) {
    const passing = Array.from({ length: 60 }, () => client());
    // While the platform has not noticed yet that clients have gone, it turns some new ones away until later.
    await Promise.all(passing.map((one) => one.connect().catch(() => undefined)));
    for (const one of passing) one.cut();
  }
  const staying = Array.from({ length: 20 }, () => client());
  await until(
    async () => {
      const late = staying.filter(({ connections }) => connections === 0);
      await Promise.all(late.map((one) => one.connect().catch(() => undefined)));
      return staying.every(({ lastId }) => lastId !== "");
    },
    { withinMs: 20_000, everyMs: 1_000, explain: () => "no seat" },
  );
  for (const key of keys) await move(key);
  for (const one of staying) {
    const expected = await caughtUp(one, before);
    expect(one.transitions.toSorted()).toEqual(expected);
  }
  const [first] = staying;
  for (const one of staying) {
    expect(one.transitions).toEqual(first?.transitions);
    one.cut();
  }
});
