import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect } from "vitest";
import { endAtExit } from "../../../scripts/children.ts";
import { hostBootId } from "../../../src/cli/agent/boot.ts";
import { it, type Stage } from "./stage.ts";
import type { Running } from "../running.ts";

const run = (stage: Stage, ...args: string[]): Running => stage.run(args);

const pidFileOf = ({ directory }: Stage): string => join(directory, "service.pid");
const writePid = (stage: Stage, pid: number | undefined): void => writeFileSync(pidFileOf(stage), `${pid}\n`);

/** A process that something else supervises. */
const startService = (stage: Stage): ChildProcess & { pid: number } => {
  const service = spawn("sleep", ["600"], { stdio: "ignore" });
  const forget = endAtExit(() => service.kill("SIGKILL"));
  stage.atEnd(() => {
    service.kill("SIGKILL");
    forget();
  });
  return service as ChildProcess & { pid: number };
};

const beats = ({ hearing }: Stage, bootId: string): number =>
  hearing.heartbeats.filter((beat) => beat.bootId === bootId).length;

describe("beside a pid file", { concurrent: true }, () => {
  it("a vanished process is a crash, and a new one in the file a new boot", async ({ stage }) => {
    const first = startService(stage);
    writePid(stage, first.pid);
    run(stage, "--pid-file", pidFileOf(stage), "--restarting");
    const start = await stage.hearing.notice("start");
    await stage.hearing.until(() => beats(stage, start.bootId) > 0, "a heartbeat");
    first.kill("SIGKILL");
    const crash = await stage.hearing.notice("crash");
    expect(crash).toMatchObject({ bootId: start.bootId, restarting: true });
    const second = startService(stage);
    writePid(stage, second.pid);
    const again = await stage.hearing.notice("start", 1, ({ bootId }) => bootId !== start.bootId);
    const before = beats(stage, start.bootId);
    await stage.hearing.until(() => beats(stage, again.bootId) >= 2, "heartbeats of the new boot");
    expect(beats(stage, start.bootId)).toBe(before);
  });

  it("a process that removes its file goes orderly", async ({ stage }) => {
    const service = startService(stage);
    writePid(stage, service.pid);
    const agent = run(stage, "--pid-file", pidFileOf(stage));
    const { bootId } = await stage.hearing.notice("start");
    rmSync(pidFileOf(stage));
    service.kill("SIGTERM");
    expect(await stage.hearing.notice("stop")).toMatchObject({ bootId, restarting: false });
    expect(stage.hearing.notices.map(({ kind }) => kind)).toEqual(["start", "stop"]);
    expect(agent.child.exitCode).toBeNull();
  });

  it("a process in the file before the old one is seen to go is one new boot and no crash", async ({
    stage,
  }) => {
    const [old, young] = [startService(stage), startService(stage)];
    writePid(stage, old.pid);
    run(stage, "--pid-file", pidFileOf(stage));
    const { bootId } = await stage.hearing.notice("start");
    writePid(stage, young.pid);
    old.kill("SIGKILL");
    const again = await stage.hearing.notice("start", 1, (notice) => notice.bootId !== bootId);
    await stage.hearing.until(() => beats(stage, again.bootId) > 0, "a heartbeat");
    expect(new Set(stage.hearing.notices.map((notice) => `${notice.kind} ${notice.bootId}`))).toEqual(
      new Set([`start ${bootId}`, `start ${again.bootId}`]),
    );
  });

  it("an agent started again beside the same process goes on with its boot id", async ({ stage }) => {
    const service = startService(stage);
    writePid(stage, service.pid);
    const agent = run(stage, "--pid-file", pidFileOf(stage));
    const { bootId } = await stage.hearing.notice("start");
    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(0);
    run(stage, "--pid-file", pidFileOf(stage));
    expect((await stage.hearing.notice("start", 2)).bootId).toBe(bootId);
  });

  it("the agent's own SIGTERM ends it without a word, though the service goes too", async ({ stage }) => {
    const service = startService(stage);
    writePid(stage, service.pid);
    const agent = run(stage, "--pid-file", pidFileOf(stage));
    const { bootId } = await stage.hearing.notice("start");
    await stage.hearing.until(() => beats(stage, bootId) > 0, "a heartbeat");
    agent.signal("SIGTERM");
    service.kill("SIGTERM");
    expect(await agent.ended).toBe(0);
    expect(stage.hearing.notices).toHaveLength(1);
  });

  it("though a busy machine lets it see the service go first", async ({ stage }) => {
    const service = startService(stage);
    writePid(stage, service.pid);
    const agent = run(stage, "--pid-file", pidFileOf(stage));
    await stage.hearing.notice("start");
    agent.signal("SIGSTOP");
    agent.signal("SIGTERM");
    service.kill("SIGTERM");
    await once(service, "exit");
    // The agent is frozen for longer than an interval between looks, so that its next look and the signal are due at once.
    await wait(300);
    agent.signal("SIGCONT");
    expect(await agent.ended).toBe(0);
    expect(stage.hearing.notices).toHaveLength(1);
  });

  it("a file that is not there yet is waited for", async ({ stage }) => {
    const agent = run(stage, "--pid-file", pidFileOf(stage));
    await agent.logged("watching");
    writeFileSync(pidFileOf(stage), "");
    const service = startService(stage);
    writePid(stage, service.pid);
    expect((await stage.hearing.notice("start")).bootId).toContain(String(service.pid));
    expect(agent.child.exitCode).toBeNull();
  });
});

describe("beside a pid", { concurrent: true }, () => {
  it("the end of the process is a crash, and of the agent too", async ({ stage }) => {
    const service = startService(stage);
    const agent = run(stage, "--pid", String(service.pid), "--boot-id", "given");
    await stage.hearing.notice("start");
    service.kill("SIGKILL");
    expect((await stage.hearing.notice("crash")).bootId).toBe("given");
    expect(await agent.ended).toBe(0);
  });

  it("a process that does not run is nothing to watch", async ({ stage }) => {
    const service = startService(stage);
    service.kill("SIGKILL");
    await once(service, "exit");
    const agent = run(stage, "--pid", String(service.pid));
    expect(await agent.ended).toBe(1);
    expect(stage.hearing.heard).toEqual([]);
  });
});

describe("for a host alone", { concurrent: true }, () => {
  it("it beats until a signal ends it, and sends no notice", async ({ stage }) => {
    const agent = run(stage);
    await stage.hearing.until(() => stage.hearing.heartbeats.length >= 2, "two heartbeats");
    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(0);
    expect(stage.hearing.notices).toEqual([]);
    const ids = new Set(stage.hearing.heartbeats.map(({ bootId }) => bootId));
    expect(ids.size).toBe(1);
    if (hostBootId() !== null) expect([...ids]).toEqual([hostBootId()]);
  });

  it("a token that is revoked ends it with code 3 and says so", async ({ stage }) => {
    const agent = run(stage);
    await stage.hearing.until(() => stage.hearing.heartbeats.length >= 1, "a heartbeat");
    stage.hearing.mood = 401;
    expect(await agent.ended).toBe(3);
    expect(agent.events("token-refused")).toMatchObject([{ reason: expect.stringContaining("revoked") }]);
    expect(stage.hearing.heard).toHaveLength(2);
  });

  it("a token file that cannot be read ends it with code 2 and the reason", async ({ stage }) => {
    const agent = run(stage, "--token-file", join(stage.directory, "none"));
    expect(await agent.ended).toBe(2);
    expect(agent.stderr).toContain("parallax agent: --token-file: ENOENT");
  });
});
