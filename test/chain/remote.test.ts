import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Key } from "../../scripts/detector-api.ts";
import type { Detector } from "../../scripts/detector.ts";
import { freePort } from "../../scripts/port.ts";
import { until } from "../../scripts/until.ts";
import { ProgramProcess } from "./program.ts";
import { Scene, startDetector, stopDetector } from "./scene.ts";

let detector: Detector | undefined;
let dir = "";
const vantages: ProgramProcess[] = [];

const own = (): Detector => {
  if (detector === undefined) throw new Error("no detector");
  return detector;
};

/** Registers a vantage and runs it as a process of its own. */
const vantage = async (id: string, site?: string): Promise<ProgramProcess> => {
  const { api } = own();
  const { token } = await api.registerVantage({
    id,
    region: id,
    provider: "other",
    ...(site === undefined ? { sites: "all" as const } : { site }),
  });
  const args = ["vantage", "--url", api.url, "--state", join(dir, id)];
  const process = new ProgramProcess(args, { PARALLAX_TOKEN: token });
  vantages.push(process);
  return process;
};

/** Waits until a vantage's own look is among the evidence. */
const counts = (scene: Scene, key: Key, id: string): Promise<unknown> =>
  until(async () => (await scene.api.verdict(key)).evidence.some(({ vantage }) => vantage === id), {
    withinMs: 20_000,
    explain: () => `${id} has not looked at ${key.target}: ${vantages.map(({ log }) => log).join("\n")}`,
  });

const notifier = async ({ site, target }: Key): Promise<string> =>
  (await own().api.makeToken({ scope: "notify", site, target })).token;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "parallax-remote-"));
  detector = await startDetector();
});
afterAll(async () => {
  await Promise.all(vantages.map((one) => one.stop()));
  await stopDetector(detector);
  await rm(dir, { recursive: true, force: true });
});

describe("vantages and nodes elsewhere", () => {
  test("remote vantages count as others do, told at once of what the judge wants to know", () =>
    Scene.play(own(), async (scene) => {
      await vantage("hel-1");
      await vantage("nbg-1");
      const { key, node } = await scene.node("db-1", {
        hasWitness: true,
        body: { policy: { providers: 2 } },
      });
      await scene.node("db-2");
      await scene.healthy();
      for (const id of ["hel-1", "nbg-1"]) await counts(scene, key, id);
      scene.letFailover(key);
      await node.kill();
      await scene.reach(key, { verdict: "process_crashed", confirmed: true }, 12_000);
      // The quorum may be complete before hel-1 has looked. Its own look comes within a second or two.
      const refused = await until(
        async () =>
          (await scene.api.verdict(key)).evidence.find(
            ({ vantage, outcome }) => vantage === "hel-1" && outcome === "refused",
          ),
        { withinMs: 8_000, explain: () => "hel-1 was not refused" },
      );
      expect(refused.detail).toContain("ECONNREFUSED");
      const listed = (await scene.api.vantages()).find(({ id }) => id === "hel-1");
      expect(listed).toMatchObject({ kind: "remote", provider: "other", state: "sound" });
    }));

  test("a vantage whose token is revoked ends, says why, and is no longer counted", () =>
    Scene.play(own(), async (scene) => {
      const process = await vantage("gone-1");
      const { key } = await scene.node("db-1");
      await scene.healthy();
      await counts(scene, key, "gone-1");
      await scene.api.ask("/v1/vantages/gone-1", { method: "DELETE" });
      expect(await process.ended()).toBe(3);
      expect(process.log).toContain("revoked");
      expect((await scene.api.vantages()).map(({ id }) => id)).not.toContain("gone-1");
      await scene.keeps(key, ({ verdict }) => verdict === "alive", 6_000);
    }));

  test("a vantage cut off from the detector delivers late what it saw, and nothing else happens", () =>
    Scene.play(own(), async (scene) => {
      const process = await vantage("late-1");
      const { key } = await scene.node("db-1");
      await scene.healthy();
      await counts(scene, key, "late-1");
      const seen = async () =>
        (await scene.api.vantages()).find(({ id }) => id === "late-1")?.counts.observations ?? 0;
      const before = await seen();
      process.signal("SIGSTOP");
      await scene.keeps(key, ({ verdict }) => verdict === "alive", 8_000);
      process.signal("SIGCONT");
      await until(async () => (await seen()) > before, { withinMs: 15_000, explain: () => process.log });
      expect((await scene.api.verdict(key)).verdict).toBe("alive");
    }));

  test("an inside vantage makes a host that nobody outside reaches isolated", () =>
    Scene.play(own(), async (scene) => {
      await vantage("in-1", scene.site);
      const { key } = await scene.node("db-1", { body: { policy: { outsideProof: true } } });
      await scene.node("db-2");
      await scene.healthy();
      await counts(scene, key, "in-1");
      const outside = (await scene.api.vantages()).filter(({ site }) => site === null).map(({ id }) => id);
      await scene.api.startDrill({
        site: scene.site,
        target: key.target,
        fault: "silence",
        vantages: outside,
        durationMs: 60_000,
        live: true,
      });
      await scene.reach(key, { verdict: "isolated" }, 15_000);
      await scene.keeps(key, ({ verdict }) => verdict === "isolated", 8_000);
    }));
});

describe("a node's own word", () => {
  test("from a crash that its agent tells of to its confirmation it takes no round of the schedule", () =>
    Scene.play(own(), async (scene) => {
      const port = await freePort();
      const key = { site: scene.site, target: "db-1" };
      const serve = `require("http").createServer((_, a) => a.end("ok")).listen(${port}, "127.0.0.1", () => console.log(process.pid))`;
      const where = ["--url", own().api.url, "--site", key.site, "--target", key.target];
      const agent = new ProgramProcess(["agent", ...where, "--exec", "--", process.execPath, "-e", serve], {
        PARALLAX_TOKEN: await notifier(key),
      });
      try {
        const pid = await until(async () => /^\d+$/m.exec(agent.log)?.[0], {
          withinMs: 10_000,
          explain: () => agent.log,
        });
        await scene.api.putTarget(key, {
          url: `http://127.0.0.1:${port}/`,
          intervalMs: 60_000,
          timeoutMs: 2_000,
        });
        await scene.reach(key, { verdict: "alive" }, 20_000);
        // A burst does not repeat a look of a moment ago.
        await scene.keeps(key, ({ verdict }) => verdict === "alive", 1_000);
        const begin = performance.now();
        process.kill(Number(pid), "SIGKILL");
        const crashed = await scene.reach(key, { verdict: "process_crashed", confirmed: true }, 5_000);
        console.info(`crash notice to confirmation: ${((performance.now() - begin) / 1_000).toFixed(1)} s`);
        expect(crashed.because).toContain("its supervisor says that it crashed");
        expect(await agent.ended()).toBe(137);
      } finally {
        await agent.stop();
        await scene.api.ask(`/v1/sites/${key.site}/targets/${key.target}`, { method: "DELETE" });
      }
    }));

  test("a forged crash notice never becomes a crash, and the history says that it was contradicted", () =>
    Scene.play(own(), async (scene) => {
      const { key } = await scene.node("db-1");
      await scene.node("db-2");
      await scene.healthy();
      const token = await notifier(key);
      const heard = await scene.api.say(key, "notices", { kind: "crash", bootId: "forged" }, token);
      expect(heard.accepted).toBe(true);
      await until(
        async () => (await scene.api.history(key))[0]?.because.includes("is contradicted") === true,
        { withinMs: 8_000, explain: () => "no contradiction in the history" },
      );
      await scene.keeps(key, ({ verdict }) => verdict === "alive", 3_000);
      expect(new Set((await scene.api.history(key)).map(({ to }) => to))).not.toContain("process_crashed");
    }));

  test("heartbeats make a node isolated that nobody reaches, and never alive", () =>
    Scene.play(own(), async (scene) => {
      const { key } = await scene.node("db-1");
      await scene.node("db-2");
      await scene.healthy();
      const token = await notifier(key);
      const beats = setInterval(() => {
        void scene.api.say(key, "heartbeats", { bootId: "b", everyMs: 1_000 }, token).catch(() => undefined);
      }, 1_000);
      try {
        await scene.api.startDrill({
          site: key.site,
          target: key.target,
          fault: "silence",
          durationMs: 60_000,
          live: true,
        });
        await scene.reach(key, { verdict: "isolated" }, 15_000);
        await scene.keeps(key, ({ verdict }) => verdict === "isolated", 8_000);
      } finally {
        clearInterval(beats);
      }
    }));
});
