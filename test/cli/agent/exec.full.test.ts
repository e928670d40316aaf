import { describe, expect } from "vitest";
import { signalProcess } from "../../../scripts/children.ts";
import { until } from "../../../scripts/until.ts";
import { identify } from "../../../src/cli/shared/process/process.ts";
import { it, serviceOf, type Stage } from "./stage.ts";
import type { Running } from "../running.ts";

const SLEEP = ["sleep", "600"];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const run = (
  stage: Stage,
  command: string[],
  args: string[] = [],
  env: Record<string, string> = {},
): Running => stage.run(args, command, env);

const gone = async (pid: number): Promise<void> => {
  await until(() => identify(pid) === null, {
    withinMs: 5_000,
    everyMs: 10,
    explain: () => `process ${pid} still runs`,
  });
};

describe("the end of a service", { concurrent: true }, () => {
  it("is a crash when something else killed it, told at once and with the boot id of its start", async ({
    stage,
  }) => {
    const begun = Date.now();
    const agent = run(stage, SLEEP);
    const start = await stage.hearing.notice("start");
    await stage.hearing.until(() => stage.hearing.heartbeats.length > 0, "a heartbeat");
    const before = Date.now();
    signalProcess(await serviceOf(agent), "SIGKILL");
    const crash = await stage.hearing.notice("crash");
    expect(await agent.ended).toBe(137);
    expect(start.bootId).toMatch(UUID);
    expect(crash).toMatchObject({ bootId: start.bootId, restarting: false });
    // By the detector's clock. The agent knows it up to the duration of its calls, and those all lie within this test.
    expect(Math.abs(Date.parse(crash.at ?? "") - before)).toBeLessThanOrEqual(Date.now() - begun);
    expect(stage.hearing.heartbeats[0]).toEqual({ bootId: start.bootId, everyMs: 1_000 });
    expect(stage.hearing.heard.at(-1)?.word).toBe("notice");
    for (const { path, authorization } of stage.hearing.heard) {
      expect(path).toMatch(/^\/v1\/sites\/fra\/targets\/web-1\/(heartbeats|notices)$/);
      expect(authorization).toBe("Bearer local-notify");
    }
  });

  it.for([
    { script: "exit 1", args: [], kind: "crash", code: 1 },
    { script: "exit 0", args: [], kind: "stop", code: 0 },
    { script: "exit 143", args: [], kind: "stop", code: 143 },
    { script: "exit 3", args: ["--ok-codes", "0,3"], kind: "stop", code: 3 },
    { script: "exit 4", args: ["--restarting"], kind: "crash", code: 4 },
    { script: "kill -ABRT $$", args: [], kind: "crash", code: 134 },
    { script: "kill -TERM $$", args: [], kind: "crash", code: 143 },
  ] as const)("is a $kind after `$script` with $args, and gives code $code", async (row, { stage }) => {
    const agent = run(stage, ["sh", "-c", row.script], [...row.args]);
    expect(await agent.ended).toBe(row.code);
    const last = stage.hearing.notices.at(-1);
    expect(last).toMatchObject({
      kind: row.kind,
      restarting: row.args.some((arg) => arg === "--restarting"),
    });
    expect(stage.hearing.notices.filter(({ kind }) => kind !== "start")).toHaveLength(1);
  });

  it("is a stop when the signal that ended it was passed on", async ({ stage }) => {
    const agent = run(stage, SLEEP);
    await serviceOf(agent);
    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(143);
    expect((await stage.hearing.notice("stop")).restarting).toBe(false);
    expect(stage.hearing.notices.map(({ kind }) => kind)).not.toContain("crash");
  });

  it("is a stop when whoever stops the whole group signals both", async ({ stage }) => {
    const agent = run(stage, SLEEP);
    await serviceOf(agent);
    agent.signalGroup("SIGTERM");
    expect(await agent.ended).toBe(143);
    expect(stage.hearing.notices.at(-1)?.kind).toBe("stop");
  });

  it("is a crash when it was told to end and failed at that", async ({ stage }) => {
    const agent = run(stage, ["sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done"]);
    await agent.printed("ready");
    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(9);
    expect(stage.hearing.notices.at(-1)?.kind).toBe("crash");
  });
});

describe("the service", { concurrent: true }, () => {
  it("has its stdout for itself, to the byte", async ({ stage }) => {
    const agent = run(stage, ["sh", "-c", "printf 'one\\ntwo'; exit 5"]);
    expect(await agent.ended).toBe(5);
    expect(agent.stdout).toBe("one\ntwo");
  });

  it("gets the signals the agent gets", async ({ stage }) => {
    const traps = ["HUP", "USR1", "USR2", "INT", "QUIT"].map((name) => `trap 'echo got ${name}' ${name}`);
    const agent = run(stage, ["sh", "-c", `${traps.join("; ")}; echo ready; while :; do sleep 0.05; done`]);
    await agent.printed("ready");
    for (const name of ["HUP", "USR1", "USR2", "INT", "QUIT"] as const) {
      agent.signal(`SIG${name}`);
      await agent.printed(`got ${name}`);
    }
    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(143);
  });

  it("leaves nobody behind when its supervisor kills the agent's group, its own children included", async ({
    stage,
  }) => {
    const agent = run(stage, ["sh", "-c", "sleep 600 & echo $!; wait"]);
    await agent.printed("\n");
    const [service, grandchild] = [await serviceOf(agent), Number(agent.stdout)];
    expect(identify(service)).not.toBeNull();
    expect(identify(grandchild)).not.toBeNull();
    agent.signalGroup("SIGKILL");
    await Promise.all([gone(agent.pid), gone(service), gone(grandchild)]);
  });

  it.for([
    { command: ["/nonexistent/server"], code: 127 },
    { command: [import.meta.filename], code: 126 },
  ])(
    "that cannot be started ($command) ends with $code and no word sent",
    async ({ command, code }, { stage }) => {
      const agent = run(stage, command);
      expect(await agent.ended).toBe(code);
      expect(agent.events("not-started")).toHaveLength(1);
      expect(stage.hearing.heard).toEqual([]);
    },
  );

  it("runs on when nobody reads the agent's log any more", async ({ stage }) => {
    const agent = run(stage, ["sh", "-c", "echo ready; exec sleep 600"]);
    await agent.printed("ready");
    await stage.hearing.notice("start");
    agent.child.stderr?.destroy();
    stage.hearing.mood = 500;
    const from = stage.hearing.heard.length;
    // The agent would log each of these failed heartbeats.
    await stage.hearing.until(() => stage.hearing.heard.length >= from + 2, "two more heartbeats");
    stage.hearing.mood = "ok";
    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(143);
    expect(stage.hearing.notices.at(-1)?.kind).toBe("stop");
  });
});

describe("a boot", { concurrent: true }, () => {
  it("has another id each time", async ({ stage }) => {
    await run(stage, ["true"]).ended;
    await run(stage, ["true"]).ended;
    const ids = stage.hearing.notices.filter(({ kind }) => kind === "start").map(({ bootId }) => bootId);
    expect(new Set(ids).size).toBe(2);
  });

  it.for([
    { args: ["--boot-id", "mine-1"], env: { INVOCATION_ID: "of-systemd" }, bootId: "mine-1" },
    { args: [], env: { INVOCATION_ID: "of-systemd" }, bootId: "of-systemd" },
    { args: [], env: { INVOCATION_ID: "of-systemd", SYSTEMD_EXEC_PID: "1" }, bootId: UUID },
  ])("has the id it is given: $args $env", async ({ args, env, bootId }, { stage }) => {
    await run(stage, ["sleep", "0.2"], args, env as Record<string, string>).ended;
    const stop = await stage.hearing.notice("stop");
    if (typeof bootId === "string") expect(stop.bootId).toBe(bootId);
    else expect(stop.bootId).toMatch(bootId);
  });
});
