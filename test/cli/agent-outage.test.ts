import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { signalProcess } from "../../scripts/children.ts";
import { until } from "../../scripts/until.ts";
import { identify } from "../../src/cli/agent-process.ts";
import { setStage } from "./agent-stage.ts";
import type { RunningAgent } from "./running-agent.ts";

const SLEEP = ["sleep", "600"];

const stage = setStage();

const run = (command: string[], args: string[] = [], env: Record<string, string> = {}): RunningAgent =>
  stage.run(args, command, env);

describe("a detector that does not hear", () => {
  it("disturbs nothing; the start is told once it is back, and the log has its begin and its end", async () => {
    await stage.hearing.close();
    const agent = run(SLEEP);
    const service = await agent.service();
    await agent.logged("outage-began");
    await stage.hearing.up();
    await stage.hearing.notice("start");
    await agent.logged("outage-ended");
    expect(identify(service)).not.toBeNull();
    await stage.hearing.until(() => stage.hearing.heartbeats.length >= 1, "a heartbeat");
    expect(agent.events("outage-began")).toHaveLength(1);
    expect(stage.hearing.notices).toHaveLength(1);
  });

  it.for([500, 404])("but answers %i is asked again until it does", async (status) => {
    stage.hearing.mood = status;
    const agent = run(SLEEP);
    await stage.hearing.until(() => stage.hearing.notices.length >= 3, "three tries");
    stage.hearing.mood = "ok";
    await agent.logged("outage-ended");
    const { bootId } = stage.hearing.notices[0] ?? {};
    expect(new Set(stage.hearing.notices.map((each) => each.bootId))).toEqual(new Set([bootId]));
    expect(agent.events("outage-began")).toMatchObject([{ status }]);
    expect(agent.child.exitCode).toBeNull();
  });

  it("gets a crash that it missed within the last seconds of the agent", async () => {
    const agent = run(SLEEP);
    await stage.hearing.notice("start");
    await stage.hearing.close();
    signalProcess(await agent.service(), "SIGKILL");
    await agent.logged("outage-began");
    await stage.hearing.up();
    expect(await agent.ended).toBe(137);
    expect(stage.hearing.notices.map(({ kind }) => kind)).toEqual(["start", "crash"]);
  });

  it("gets a crash at the next start, before the new boot, when it was kept", async () => {
    const first = run(SLEEP, ["--state", stage.directory]);
    const start = await stage.hearing.notice("start");
    await stage.hearing.close();
    const killedAt = Date.now();
    signalProcess(await first.service(), "SIGKILL");
    expect(await first.ended).toBe(137);
    expect(Date.now() - killedAt).toBeLessThan(7_000);
    expect(first.events("notice-not-delivered")).toHaveLength(1);
    expect(readdirSync(stage.directory)).toEqual(["fra.web-1.notice.json"]);

    await stage.hearing.up();
    run(SLEEP, [], { STATE_DIRECTORY: stage.directory });
    const next = await stage.hearing.notice("start", 2);
    const [, crash] = stage.hearing.notices;
    expect(crash).toMatchObject({ kind: "crash", bootId: start.bootId });
    expect(Math.abs(Date.parse(crash?.at ?? "") - killedAt)).toBeLessThan(1_000);
    expect(next.bootId).not.toBe(start.bootId);
    await until(() => readdirSync(stage.directory).length === 0, {
      withinMs: 2_000,
      explain: () => "still kept",
    });
  });

  it("never gets what is older than an hour", async () => {
    const at = new Date(Date.now() - 3_700_000).toISOString();
    const file = join(stage.directory, "fra.web-1.notice.json");
    writeFileSync(file, JSON.stringify({ kind: "crash", bootId: "old", restarting: false, at }));
    const agent = run(["true"], ["--state", stage.directory]);
    expect(await agent.ended).toBe(0);
    expect(stage.hearing.notices.map(({ bootId }) => bootId)).not.toContain("old");
    expect(agent.events("notice-dropped")).toHaveLength(1);
    expect(readdirSync(stage.directory)).toEqual([]);
  });

  it("and a disk that takes nothing do not keep the service from running or its end from being told", async () => {
    const file = join(stage.directory, "no-directory");
    writeFileSync(file, "");
    const agent = run(["false"], ["--state", file]);
    expect(await agent.ended).toBe(1);
    expect(stage.hearing.notices.at(-1)?.kind).toBe("crash");
    expect(agent.events("cannot-keep-notice")).toHaveLength(1);
    expect(readFileSync(file, "utf8")).toBe("");
  });

  it("but holds every call keeps nobody longer than its last five seconds", async () => {
    stage.hearing.mood = "hang";
    const agent = run(["sh", "-c", "echo ready; exit 1"]);
    await agent.printed("ready");
    const from = performance.now();
    expect(await agent.ended).toBe(1);
    expect(performance.now() - from).toBeLessThan(7_000);
    expect(stage.hearing.notices.map(({ kind }) => kind)).toContain("crash");
  });

  it("but lives in another hour is told instants by its own clock", async () => {
    stage.hearing.clockOffsetMs = -3_600_000;
    const agent = run(SLEEP);
    await stage.hearing.until(() => stage.hearing.heartbeats.length > 0, "a heartbeat");
    signalProcess(await agent.service(), "SIGKILL");
    const { at = "" } = await stage.hearing.notice("crash");
    expect(Math.abs(Date.parse(at) - (Date.now() - 3_600_000))).toBeLessThan(1_000);
  });
});

describe("a token that is refused", () => {
  it.for([401, 403])("with %i ends the sending and leaves the service alone", async (status) => {
    stage.hearing.mood = status;
    const agent = run(["sh", "-c", "trap 'exit 6' USR1; while :; do sleep 0.05; done"]);
    const refused = await agent.logged("token-refused");
    expect(refused).toMatchObject({ level: "error", status });
    expect(agent.stderr).not.toContain("local-notify");
    agent.signal("SIGUSR1");
    expect(await agent.ended).toBe(6);
    expect(stage.hearing.heard).toHaveLength(1);
  });

  it("does not hold up the end of the service", async () => {
    stage.hearing.mood = 401;
    const agent = run(SLEEP);
    await agent.logged("token-refused");
    const from = performance.now();
    signalProcess(await agent.service(), "SIGKILL");
    expect(await agent.ended).toBe(137);
    expect(performance.now() - from).toBeLessThan(2_000);
    expect(stage.hearing.heard).toHaveLength(1);
  });

  it("is no reason not to start the service when its file cannot be read", async () => {
    const agent = run(["sh", "-c", "echo up; exit 7"], ["--token-file", join(stage.directory, "none")]);
    expect(await agent.ended).toBe(7);
    expect(agent.stdout).toBe("up\n");
    expect(agent.events("no-token")).toHaveLength(1);
    expect(stage.hearing.heard).toEqual([]);
  });
});

it("logs why a word does not count, once while the reason stays", async () => {
  stage.hearing.reply = { accepted: false, detail: "a newer boot is known" };
  const agent = run(SLEEP);
  await stage.hearing.until(() => stage.hearing.heartbeats.length >= 3, "three heartbeats");
  expect(agent.events("not-accepted")).toMatchObject([
    { word: "start", detail: "a newer boot is known" },
    { word: "heartbeat", detail: "a newer boot is known" },
  ]);
});
