import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Key } from "../../scripts/detector-api.ts";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import type { LeaderAnswer } from "../../src/domain/group.ts";
import type { Part } from "../../harness/world/host.ts";
import { type Deployed } from "../../harness/world/launch.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

const RELEASE = new URL("./release/index.js.gz", import.meta.url);

let dir: string;
let release: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "parallax-release-"));
  release = join(dir, "index.js");
  await writeFile(release, gunzipSync(await readFile(RELEASE)));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

let detector: Detector;
afterEach(() => stopDetector(detector));

/** A node is watched, dies, gets a verdict and comes back; then a drill. */
const walk = async (scene: Scene): Promise<void> => {
  const { key, node } = await scene.node("db-1", { hasWitness: true });
  await scene.node("db-2");
  await scene.healthy();
  scene.letFailover(key);
  await node.kill();
  await scene.reach(key, { verdict: "process_crashed", confirmed: true }, 15_000);
  expect(await scene.checks(key)).toMatchObject({ up: 503, avoid: 200 });
  await node.revive();
  await scene.reach(key, { verdict: "alive" }, 30_000);
  const drill = await scene.api.startDrill({ ...key, fault: "refuse", durationMs: 60_000 });
  await scene.reach(key, { verdict: "process_crashed" }, 20_000);
  await scene.api.stopDrill(drill.id);
  await scene.reach(key, { verdict: "alive" }, 30_000);
};

/** A group of these members, led by the first of them. */
const lead = async ({ api }: Detector, members: Key[]): Promise<LeaderAnswer> => {
  const body = { mode: "leader", members };
  expect((await api.ask("/v1/groups/db", { method: "PUT", body })).status).toBe(201);
  return led({ api });
};

const led = ({ api }: Pick<Detector, "api">): Promise<LeaderAnswer> =>
  until(
    async () => {
      const { status, text } = await api.ask("/v1/groups/db/leader");
      return status === 200 ? (JSON.parse(text) as LeaderAnswer) : undefined;
    },
    { withinMs: 15_000, explain: async () => (await api.ask("/v1/groups/db")).text },
  );

/** A webhook in a format that the release before does not know. That release keeps the webhook as it is. */
const pagerOf = async ({ api }: Detector): Promise<unknown> => {
  const path = "/v1/webhooks/pager";
  const url = "http://127.0.0.1:9/v2/enqueue";
  const body = { url, format: "pagerduty", routingKey: "0".repeat(32), disabled: true };
  const known = await api.ask(path);
  return JSON.parse((known.status === 200 ? known : await api.ask(path, { method: "PUT", body })).text);
};

/** An earlier judge may have come to other verdicts from the same evidence. */
const EARLIER = { tellsEvidence: false };

describe("the last release and this one, for some seconds after a deployment", () => {
  const mixes: Part[][] = [["aggregator", "vantage"], ["api"], ["vantage"], ["aggregator"]];
  test.each(mixes.map((parts) => ({ parts })))(
    "work together where $parts are the old ones",
    async ({ parts }) => {
      detector = await startDetector({ old: { bundle: release, parts } });
      await Scene.play(detector, walk, EARLIER);
      const { text, status } = await detector.api.ask("/healthz");
      expect([status, (JSON.parse(text) as { ok: boolean; reasons: string[] }).reasons]).toEqual([200, []]);
    },
  );

  test("leave each other a storage that both can read: an update, and a roll back", async () => {
    const deployed: Deployed = { bundle: release };
    detector = await startDetector(deployed);
    await Scene.play(
      detector,
      async (scene) => {
        const { key, node } = await scene.node("db-1");
        const { key: other } = await scene.node("db-2", { site: "elsewhere" });
        await scene.node("db-3");
        await scene.healthy();
        let made: LeaderAnswer | undefined;
        for (const bundle of [undefined, release, undefined]) {
          const { sequence } = await scene.api.verdict(key);
          await detector.kill();
          if (bundle === undefined) delete deployed.bundle;
          else deployed.bundle = bundle;
          await detector.restart();
          const evidence = Date.now();
          await scene.reach(key, { verdict: "alive" }, 15_000);
          await scene.keeps(key, ({ verdict }) => verdict === "alive", 8_000);
          const after = await scene.api.verdict(key);
          expect(after.sequence).toBe(sequence);
          expect(Date.parse(after.asOf ?? "")).toBeGreaterThan(evidence);
          // What one release has stored, the other must be able to change.
          await scene.api.putTarget({ ...key, target: "paused" }, { url: node.url, paused: true });
          const drill = await scene.api.startDrill({ ...other, fault: "refuse", durationMs: 60_000 });
          await scene.api.stopDrill(drill.id);
          // The release before had no groups. It leaves their storage as it is.
          if (bundle !== undefined) continue;
          expect(await pagerOf(detector)).toMatchObject({ format: "pagerduty", routingKey: "***" });
          made ??= await lead(detector, [key, { ...key, target: "db-3" }]);
          expect(await led(detector)).toMatchObject({ ...key, epoch: made.epoch });
        }
      },
      EARLIER,
    );
  });
});
