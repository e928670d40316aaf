import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endAtExit } from "../../../scripts/children.ts";
import { hostBootId } from "../../../src/cli/agent/boot.ts";
import { setStage } from "./stage.ts";
import type { Running } from "../running.ts";

const stage = setStage();
let services: ChildProcess[] = [];
let pidFile: string;

beforeEach(() => {
  pidFile = join(stage.directory, "service.pid");
});

afterEach(() => {
  for (const service of services) service.kill("SIGKILL");
  services = [];
});

const run = (...args: string[]): Running => stage.run(args);

/** A process that something else supervises. */
const startService = (): ChildProcess & { pid: number } => {
  const service = spawn("sleep", ["600"], { stdio: "ignore" });
  endAtExit(() => service.kill("SIGKILL"));
  services.push(service);
  return service as ChildProcess & { pid: number };
};

const writePid = (pid: number | undefined): void => writeFileSync(pidFile, `${pid}\n`);

const beats = (bootId: string): number =>
  stage.hearing.heartbeats.filter((beat) => beat.bootId === bootId).length;

describe("beside a pid file", () => {
  it("a vanished process is a crash, and a new one in the file a new boot", async () => {
    const first = startService();
    writePid(first.pid);
    run("--pid-file", pidFile, "--restarting");
    const start = await stage.hearing.notice("start");
    await stage.hearing.until(() => beats(start.bootId) > 0, "a heartbeat");
    first.kill("SIGKILL");
    const crash = await stage.hearing.notice("crash");
    expect(crash).toMatchObject({ bootId: start.bootId, restarting: true });
    const second = startService();
    writePid(second.pid);
    const again = await stage.hearing.notice("start", 2);
    expect(again.bootId).not.toBe(start.bootId);
    const before = beats(start.bootId);
    await stage.hearing.until(() => beats(again.bootId) >= 2, "heartbeats of the new boot");
    expect(beats(start.bootId)).toBe(before);
  });

  it("a process that removes its file goes orderly", async () => {
    const service = startService();
    writePid(service.pid);
    const agent = run("--pid-file", pidFile);
    const { bootId } = await stage.hearing.notice("start");
    rmSync(pidFile);
    service.kill("SIGTERM");
    expect(await stage.hearing.notice("stop")).toMatchObject({ bootId, restarting: false });
    expect(stage.hearing.notices.map(({ kind }) => kind)).toEqual(["start", "stop"]);
    expect(agent.child.exitCode).toBeNull();
  });

  it("a process in the file before the old one is seen to go is one new boot and no crash", async () => {
    const [old, young] = [startService(), startService()];
    writePid(old.pid);
    run("--pid-file", pidFile);
    const { bootId } = await stage.hearing.notice("start");
    writePid(young.pid);
    old.kill("SIGKILL");
    const again = await stage.hearing.notice("start", 2);
    expect(again.bootId).not.toBe(bootId);
    await stage.hearing.until(() => beats(again.bootId) > 0, "a heartbeat");
    expect(stage.hearing.notices.map(({ kind }) => kind)).toEqual(["start", "start"]);
  });

  it("an agent started again beside the same process goes on with its boot id", async () => {
    const service = startService();
    writePid(service.pid);
    const agent = run("--pid-file", pidFile);
    const { bootId } = await stage.hearing.notice("start");
    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(0);
    run("--pid-file", pidFile);
    expect((await stage.hearing.notice("start", 2)).bootId).toBe(bootId);
  });

  it("the agent's own SIGTERM ends it without a word, though the service goes too", async () => {
    const service = startService();
    writePid(service.pid);
    const agent = run("--pid-file", pidFile);
    const { bootId } = await stage.hearing.notice("start");
    await stage.hearing.until(() => beats(bootId) > 0, "a heartbeat");
    agent.signal("SIGTERM");
    service.kill("SIGTERM");
    expect(await agent.ended).toBe(0);
    expect(stage.hearing.notices).toHaveLength(1);
  });

  it("a file that is not there yet is waited for", async () => {
    const agent = run("--pid-file", pidFile);
    await agent.logged("watching");
    writeFileSync(pidFile, "");
    const service = startService();
    writePid(service.pid);
    expect((await stage.hearing.notice("start")).bootId).toContain(String(service.pid));
    expect(agent.child.exitCode).toBeNull();
  });
});

describe("beside a pid", () => {
  it("the end of the process is a crash, and of the agent too", async () => {
    const service = startService();
    const agent = run("--pid", String(service.pid), "--boot-id", "given");
    await stage.hearing.notice("start");
    service.kill("SIGKILL");
    expect((await stage.hearing.notice("crash")).bootId).toBe("given");
    expect(await agent.ended).toBe(0);
  });

  it("a process that does not run is nothing to watch", async () => {
    const service = startService();
    service.kill("SIGKILL");
    await once(service, "exit");
    const agent = run("--pid", String(service.pid));
    expect(await agent.ended).toBe(1);
    expect(stage.hearing.heard).toEqual([]);
  });
});

describe("for a host alone", () => {
  it("it beats until a signal ends it, and sends no notice", async () => {
    const agent = run();
    await stage.hearing.until(() => stage.hearing.heartbeats.length >= 2, "two heartbeats");
    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(0);
    expect(stage.hearing.notices).toEqual([]);
    const ids = new Set(stage.hearing.heartbeats.map(({ bootId }) => bootId));
    expect(ids.size).toBe(1);
    if (hostBootId() !== null) expect([...ids]).toEqual([hostBootId()]);
  });

  it("a token that is revoked ends it with code 3 and says so", async () => {
    const agent = run();
    await stage.hearing.until(() => stage.hearing.heartbeats.length >= 1, "a heartbeat");
    stage.hearing.mood = 401;
    expect(await agent.ended).toBe(3);
    expect(agent.events("token-refused")).toMatchObject([{ reason: expect.stringContaining("revoked") }]);
    expect(stage.hearing.heard).toHaveLength(2);
  });

  it("a token file that cannot be read ends it with code 2 and the reason", async () => {
    const agent = run("--token-file", join(stage.directory, "none"));
    expect(await agent.ended).toBe(2);
    expect(agent.stderr).toContain("parallax agent: --token-file: ENOENT");
  });
});
