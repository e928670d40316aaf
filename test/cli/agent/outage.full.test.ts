import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { signalProcess } from "../../../scripts/children.ts";
import { until } from "../../../scripts/until.ts";
import { identify } from "../../../src/cli/shared/process/process.ts";
import type { Running } from "../running.ts";
import { it, serviceOf, type Stage } from "./stage.ts";

const SLEEP = ["sleep", "600"];

const run = (
  stage: Stage,
  command: string[],
  args: string[] = [],
  env: Record<string, string> = {},
): Running => stage.run(args, command, env);

/** Waits until the state directory holds these files. */
const kept = ({ directory }: Stage, ...files: string[]): Promise<unknown> =>
  until(() => readdirSync(directory).join() === files.join(), {
    withinMs: 5_000,
    everyMs: 10,
    explain: () => `not as expected: ${readdirSync(directory).join()}`,
  });

describe("a detector that does not hear", { concurrent: true }, () => {
  it("disturbs nothing; the start is told once it is back, and the log has its begin and its end", async ({
    stage,
  }) => {
    await stage.hearing.server.vanish();
    const agent = run(stage, SLEEP);
    const service = await serviceOf(agent);
    await agent.logged("detector-unreachable");
    await stage.hearing.server.appear();
    await stage.hearing.notice("start");
    await agent.logged("detector-back");
    expect(identify(service)).not.toBeNull();
    await stage.hearing.until(() => stage.hearing.heartbeats.length >= 1, "a heartbeat");
    expect(agent.events("detector-unreachable")).toHaveLength(1);
    expect(stage.hearing.notices).toHaveLength(1);
  });

  it("gets a crash that it missed within the last seconds of the agent", async ({ stage }) => {
    const agent = run(stage, SLEEP);
    await stage.hearing.notice("start");
    await stage.hearing.server.vanish();
    signalProcess(await serviceOf(agent), "SIGKILL");
    await agent.logged("detector-unreachable");
    await stage.hearing.server.appear();
    expect(await agent.ended).toBe(137);
    expect(stage.hearing.notices.map(({ kind }) => kind)).toEqual(["start", "crash"]);
  });

  it("gets a crash at the next start, before the new boot, from an agent that was killed as well", async ({
    stage,
  }) => {
    const first = run(stage, SLEEP, ["--state", stage.directory]);
    const start = await stage.hearing.notice("start");
    await stage.hearing.server.vanish();
    const killedAt = Date.now();
    signalProcess(await serviceOf(first), "SIGKILL");
    await kept(stage, "fra.web-1.notice.json");
    first.endGroup();
    await first.ended;

    await stage.hearing.server.appear();
    run(stage, SLEEP, [], { STATE_DIRECTORY: stage.directory });
    const next = await stage.hearing.notice("start", 1, ({ bootId }) => bootId !== start.bootId);
    const crash = stage.hearing.notices.slice(0, stage.hearing.notices.indexOf(next)).at(-1);
    expect(crash).toMatchObject({ kind: "crash", bootId: start.bootId });
    expect(Math.abs(Date.parse(crash?.at ?? "") - killedAt)).toBeLessThan(1_000);
    await kept(stage);
  });
});

describe("a disk that takes nothing", { concurrent: true }, () => {
  it.for([
    ["as it is full", (directory: string) => directory, true],
    ["as the directory is none", (directory: string) => join(directory, "a-file"), false],
  ] as const)(
    "%s keeps no service from running and no end from being told",
    async ([, state, fullDisk], { stage }) => {
      if (!fullDisk) writeFileSync(state(stage.directory), "");
      const agent = stage.run(["--state", state(stage.directory)], ["false"], {}, { fullDisk });
      expect(await agent.ended).toBe(1);
      expect(stage.hearing.notices.at(-1)?.kind).toBe("crash");
      expect(agent.events("disk-failing")).toHaveLength(1);
      expect(readdirSync(stage.directory)).toEqual(fullDisk ? [] : ["a-file"]);
    },
  );
});

describe("a token that is refused", { concurrent: true }, () => {
  it.for([401, 403])("with %i ends the sending and leaves the service alone", async (status, { stage }) => {
    stage.hearing.mood = status;
    const agent = run(stage, ["sh", "-c", "trap 'exit 6' USR1; while :; do sleep 0.05; done"]);
    const refused = await agent.logged("token-refused");
    expect(refused).toMatchObject({ level: "error", status });
    expect(agent.stderr).not.toContain("local-notify");
    agent.signal("SIGUSR1");
    expect(await agent.ended).toBe(6);
    expect(stage.hearing.heard).toHaveLength(1);
  });

  it("does not hold up the end of the service", async ({ stage }) => {
    stage.hearing.mood = 401;
    const agent = run(stage, SLEEP);
    await agent.logged("token-refused");
    signalProcess(await serviceOf(agent), "SIGKILL");
    expect(await agent.ended).toBe(137);
    // The agent sends no notice of the crash, so it waits for no answer.
    expect(stage.hearing.heard).toHaveLength(1);
  });

  it("is no reason not to start the service when its file cannot be read", async ({ stage }) => {
    const agent = run(
      stage,
      ["sh", "-c", "echo up; exit 7"],
      ["--token-file", join(stage.directory, "none")],
    );
    expect(await agent.ended).toBe(7);
    expect(agent.stdout).toBe("up\n");
    expect(agent.events("no-token")).toHaveLength(1);
    expect(stage.hearing.heard).toEqual([]);
  });
});
