import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { signalProcess } from "../../scripts/children.ts";
import { until } from "../../scripts/until.ts";
import { identify } from "../../src/cli/agent-process.ts";
import { FakeHearing } from "./fake-hearing.ts";
import { RunningAgent } from "./running-agent.ts";

const SLEEP = ["sleep", "600"];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let hearing: FakeHearing;
let agents: RunningAgent[] = [];
let directory: string;

beforeEach(async () => {
  hearing = await FakeHearing.start();
  directory = mkdtempSync(join(tmpdir(), "parallax-agent-"));
});

afterEach(async () => {
  for (const agent of agents) agent.endGroup();
  agents = [];
  await hearing.close();
  rmSync(directory, { recursive: true, force: true });
});

const run = (command: string[], args: string[] = [], env: Record<string, string> = {}): RunningAgent => {
  const agent = new RunningAgent({ url: hearing.url, command, args, env });
  agents.push(agent);
  return agent;
};

const gone = async (pid: number): Promise<void> => {
  await until(() => identify(pid) === null, {
    withinMs: 5_000,
    everyMs: 10,
    explain: () => `process ${pid} still runs`,
  });
};

describe("the end of a service", () => {
  it("is a crash when something else killed it, told at once and with the boot id of its start", async () => {
    const agent = run(SLEEP);
    const start = await hearing.notice("start");
    await hearing.until(() => hearing.heartbeats.length > 0, "a heartbeat");
    const before = Date.now();
    signalProcess(await agent.service(), "SIGKILL");
    const crash = await hearing.notice("crash");
    expect(Date.now() - before).toBeLessThan(1_000);
    expect(await agent.ended).toBe(137);
    expect(start.bootId).toMatch(UUID);
    expect(crash).toMatchObject({ bootId: start.bootId, restarting: false });
    expect(Math.abs(Date.parse(crash.at ?? "") - before)).toBeLessThan(1_000);
    expect(hearing.heartbeats[0]).toEqual({ bootId: start.bootId, everyMs: 1_000 });
    expect(hearing.heard.at(-1)?.word).toBe("notice");
    for (const { path, authorization } of hearing.heard) {
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
  ] as const)("is a $kind after `$script` with $args, and gives code $code", async (row) => {
    const agent = run(["sh", "-c", row.script], [...row.args]);
    expect(await agent.ended).toBe(row.code);
    const last = hearing.notices.at(-1);
    expect(last).toMatchObject({
      kind: row.kind,
      restarting: row.args.some((arg) => arg === "--restarting"),
    });
    expect(hearing.notices.filter(({ kind }) => kind !== "start")).toHaveLength(1);
  });

  it("is a stop when the signal that ended it was passed on", async () => {
    const agent = run(SLEEP);
    await agent.service();
    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(143);
    expect((await hearing.notice("stop")).restarting).toBe(false);
    expect(hearing.notices.map(({ kind }) => kind)).not.toContain("crash");
  });

  it("is a stop when whoever stops the whole group signals both", async () => {
    const agent = run(SLEEP);
    await agent.service();
    agent.signalGroup("SIGTERM");
    expect(await agent.ended).toBe(143);
    expect(hearing.notices.at(-1)?.kind).toBe("stop");
  });

  it("is a crash when it was told to end and failed at that", async () => {
    const agent = run(["sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done"]);
    await agent.printed("ready");
    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(9);
    expect(hearing.notices.at(-1)?.kind).toBe("crash");
  });

  it("ends the heartbeats: the next boot alone sends any", async () => {
    const first = run(SLEEP);
    await hearing.until(() => hearing.heartbeats.length > 0, "a heartbeat");
    signalProcess(await first.service(), "SIGKILL");
    await first.ended;
    const from = hearing.heard.length;
    const old = hearing.heartbeats[0]?.bootId;
    run(SLEEP);
    await hearing.until(
      () => hearing.heartbeats.filter(({ bootId }) => bootId !== old).length >= 2,
      "two beats",
    );
    expect(hearing.heard.slice(from).map(({ body }) => (body as { bootId: string }).bootId)).not.toContain(
      old,
    );
  });
});

describe("the service", () => {
  it("has its stdout for itself, to the byte", async () => {
    const agent = run(["sh", "-c", "printf 'one\\ntwo'; exit 5"]);
    expect(await agent.ended).toBe(5);
    expect(agent.stdout).toBe("one\ntwo");
  });

  it("gets the signals the agent gets", async () => {
    const traps = ["HUP", "USR1", "USR2", "INT", "QUIT"].map((name) => `trap 'echo got ${name}' ${name}`);
    const agent = run(["sh", "-c", `${traps.join("; ")}; echo ready; while :; do sleep 0.05; done`]);
    await agent.printed("ready");
    for (const name of ["HUP", "USR1", "USR2", "INT", "QUIT"] as const) {
      agent.signal(`SIG${name}`);
      await agent.printed(`got ${name}`);
    }
    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(143);
  });

  it("leaves nobody behind when its supervisor kills the agent's group, its own children included", async () => {
    const agent = run(["sh", "-c", "sleep 600 & echo $!; wait"]);
    await agent.printed("\n");
    const [service, grandchild] = [await agent.service(), Number(agent.stdout)];
    expect(identify(service)).not.toBeNull();
    expect(identify(grandchild)).not.toBeNull();
    agent.signalGroup("SIGKILL");
    await Promise.all([gone(agent.pid), gone(service), gone(grandchild)]);
  });

  it.for([
    { command: ["/nonexistent/server"], code: 127 },
    { command: [import.meta.filename], code: 126 },
  ])("that cannot be started ($command) ends with $code and no word sent", async ({ command, code }) => {
    const agent = run(command);
    expect(await agent.ended).toBe(code);
    expect(agent.events("not-started")).toHaveLength(1);
    expect(hearing.heard).toEqual([]);
  });

  it("runs on when nobody reads the agent's log any more", async () => {
    const agent = run(["sh", "-c", "echo ready; exec sleep 600"]);
    await agent.printed("ready");
    await hearing.notice("start");
    agent.child.stderr?.destroy();
    hearing.mood = 500;
    const from = hearing.heard.length;
    // Each of these would be told in the log.
    await hearing.until(() => hearing.heard.length >= from + 2, "two more heartbeats");
    hearing.mood = "ok";
    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(143);
    expect(hearing.notices.at(-1)?.kind).toBe("stop");
  });
});

describe("a boot", () => {
  it("has another id each time", async () => {
    await run(["true"]).ended;
    await run(["true"]).ended;
    const ids = hearing.notices.filter(({ kind }) => kind === "start").map(({ bootId }) => bootId);
    expect(new Set(ids).size).toBe(2);
  });

  it.for([
    { args: ["--boot-id", "mine-1"], env: { INVOCATION_ID: "of-systemd" }, bootId: "mine-1" },
    { args: [], env: { INVOCATION_ID: "of-systemd" }, bootId: "of-systemd" },
    { args: [], env: { INVOCATION_ID: "of-systemd", SYSTEMD_EXEC_PID: "1" }, bootId: UUID },
  ])("has the id it is given: $args $env", async ({ args, env, bootId }) => {
    await run(["sleep", "0.2"], args, env as Record<string, string>).ended;
    const stop = await hearing.notice("stop");
    if (typeof bootId === "string") expect(stop.bootId).toBe(bootId);
    else expect(stop.bootId).toMatch(bootId);
  });
});

describe("a detector that does not hear", () => {
  it("disturbs nothing; the start is told once it is back, and the log has its begin and its end", async () => {
    await hearing.close();
    const agent = run(SLEEP);
    const service = await agent.service();
    await agent.logged("outage-began");
    await hearing.up();
    await hearing.notice("start");
    await agent.logged("outage-ended");
    expect(identify(service)).not.toBeNull();
    await hearing.until(() => hearing.heartbeats.length >= 1, "a heartbeat");
    expect(agent.events("outage-began")).toHaveLength(1);
    expect(hearing.notices).toHaveLength(1);
  });

  it.for([500, 404])("but answers %i is asked again until it does", async (status) => {
    hearing.mood = status;
    const agent = run(SLEEP);
    await hearing.until(() => hearing.notices.length >= 3, "three tries");
    hearing.mood = "ok";
    await agent.logged("outage-ended");
    const { bootId } = hearing.notices[0] ?? {};
    expect(new Set(hearing.notices.map((each) => each.bootId))).toEqual(new Set([bootId]));
    expect(agent.events("outage-began")).toMatchObject([{ status }]);
    expect(agent.child.exitCode).toBeNull();
  });

  it("gets a crash that it missed within the last seconds of the agent", async () => {
    const agent = run(SLEEP);
    await hearing.notice("start");
    await hearing.close();
    signalProcess(await agent.service(), "SIGKILL");
    await agent.logged("outage-began");
    await hearing.up();
    expect(await agent.ended).toBe(137);
    expect(hearing.notices.map(({ kind }) => kind)).toEqual(["start", "crash"]);
  });

  it("gets a crash at the next start, before the new boot, when it was kept", async () => {
    const first = run(SLEEP, ["--state", directory]);
    const start = await hearing.notice("start");
    await hearing.close();
    const killedAt = Date.now();
    signalProcess(await first.service(), "SIGKILL");
    expect(await first.ended).toBe(137);
    expect(Date.now() - killedAt).toBeLessThan(7_000);
    expect(first.events("notice-not-delivered")).toHaveLength(1);
    expect(readdirSync(directory)).toEqual(["fra.web-1.notice.json"]);

    await hearing.up();
    run(SLEEP, [], { STATE_DIRECTORY: directory });
    const next = await hearing.notice("start", 2);
    const [, crash] = hearing.notices;
    expect(crash).toMatchObject({ kind: "crash", bootId: start.bootId });
    expect(Math.abs(Date.parse(crash?.at ?? "") - killedAt)).toBeLessThan(1_000);
    expect(next.bootId).not.toBe(start.bootId);
    await until(() => readdirSync(directory).length === 0, { withinMs: 2_000, explain: () => "still kept" });
  });

  it("never gets what is older than an hour", async () => {
    const at = new Date(Date.now() - 3_700_000).toISOString();
    const file = join(directory, "fra.web-1.notice.json");
    writeFileSync(file, JSON.stringify({ kind: "crash", bootId: "old", restarting: false, at }));
    const agent = run(["true"], ["--state", directory]);
    expect(await agent.ended).toBe(0);
    expect(hearing.notices.map(({ bootId }) => bootId)).not.toContain("old");
    expect(agent.events("notice-dropped")).toHaveLength(1);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("and a disk that takes nothing do not keep the service from running or its end from being told", async () => {
    const file = join(directory, "no-directory");
    writeFileSync(file, "");
    const agent = run(["false"], ["--state", file]);
    expect(await agent.ended).toBe(1);
    expect(hearing.notices.at(-1)?.kind).toBe("crash");
    expect(agent.events("cannot-keep-notice")).toHaveLength(1);
    expect(readFileSync(file, "utf8")).toBe("");
  });

  it("but holds every call keeps nobody longer than its last five seconds", async () => {
    hearing.mood = "hang";
    const agent = run(["sh", "-c", "echo ready; exit 1"]);
    await agent.printed("ready");
    const from = performance.now();
    expect(await agent.ended).toBe(1);
    expect(performance.now() - from).toBeLessThan(7_000);
    expect(hearing.notices.map(({ kind }) => kind)).toContain("crash");
  });

  it("but lives in another hour is told instants by its own clock", async () => {
    hearing.clockOffsetMs = -3_600_000;
    const agent = run(SLEEP);
    await hearing.until(() => hearing.heartbeats.length > 0, "a heartbeat");
    signalProcess(await agent.service(), "SIGKILL");
    const { at = "" } = await hearing.notice("crash");
    expect(Math.abs(Date.parse(at) - (Date.now() - 3_600_000))).toBeLessThan(1_000);
  });
});

describe("a token that is refused", () => {
  it.for([401, 403])("with %i ends the sending and leaves the service alone", async (status) => {
    hearing.mood = status;
    const agent = run(["sh", "-c", "trap 'exit 6' USR1; while :; do sleep 0.05; done"]);
    const refused = await agent.logged("token-refused");
    expect(refused).toMatchObject({ level: "error", status });
    expect(agent.stderr).not.toContain("local-notify");
    agent.signal("SIGUSR1");
    expect(await agent.ended).toBe(6);
    expect(hearing.heard).toHaveLength(1);
  });

  it("does not hold up the end of the service", async () => {
    hearing.mood = 401;
    const agent = run(SLEEP);
    await agent.logged("token-refused");
    const from = performance.now();
    signalProcess(await agent.service(), "SIGKILL");
    expect(await agent.ended).toBe(137);
    expect(performance.now() - from).toBeLessThan(2_000);
    expect(hearing.heard).toHaveLength(1);
  });

  it("is no reason not to start the service when its file cannot be read", async () => {
    const agent = run(["sh", "-c", "echo up; exit 7"], ["--token-file", join(directory, "none")]);
    expect(await agent.ended).toBe(7);
    expect(agent.stdout).toBe("up\n");
    expect(agent.events("no-token")).toHaveLength(1);
    expect(hearing.heard).toEqual([]);
  });
});

it("logs why a word does not count, once while the reason stays", async () => {
  hearing.reply = { accepted: false, detail: "a newer boot is known" };
  const agent = run(SLEEP);
  await hearing.until(() => hearing.heartbeats.length >= 3, "three heartbeats");
  expect(agent.events("not-accepted")).toMatchObject([
    { word: "start", detail: "a newer boot is known" },
    { word: "heartbeat", detail: "a newer boot is known" },
  ]);
});
