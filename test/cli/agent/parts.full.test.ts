import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { signalProcess } from "../../../scripts/children.ts";
import { until } from "../../../scripts/until.ts";
import { isOrderly } from "../../../src/cli/agent/child.ts";
import { queued, type AgentNotice } from "../../../src/cli/agent/notice.ts";
import { bootIdOf } from "../../../src/cli/agent/boot.ts";
import { parsePid } from "../../../src/cli/agent/pid-file.ts";
import { identify, identityIn, isSameProcess } from "../../../src/cli/shared/process/process.ts";
import { step, type ServiceLook, type ServiceWatch } from "../../../src/cli/agent/service-watch.ts";
import { BootIdSchema } from "../../../src/domain/heartbeat.ts";

it("at most the newest end and the start after it wait, in that order", () => {
  const of = (kind: AgentNotice["kind"], bootId: string): AgentNotice => ({
    kind,
    bootId,
    restarting: false,
    at: () => 0,
  });
  const names = (notices: AgentNotice[]): string[] => notices.map(({ kind, bootId }) => `${kind} ${bootId}`);
  let waiting: AgentNotice[] = [];
  const expected = [
    [of("crash", "a"), ["crash a"]],
    [of("start", "b"), ["crash a", "start b"]],
    [of("start", "c"), ["crash a", "start c"]],
    [of("stop", "c"), ["stop c"]],
    [of("start", "d"), ["stop c", "start d"]],
    [of("crash", "d"), ["crash d"]],
  ] as const;
  for (const [next, after] of expected) {
    waiting = queued(waiting, next);
    expect(names(waiting)).toEqual(after);
  }
});

it.for([
  { ending: { code: 0, signal: null }, passed: [], orderly: true },
  { ending: { code: 143, signal: null }, passed: [], orderly: true },
  { ending: { code: 130, signal: null }, passed: [], orderly: false },
  { ending: { code: 130, signal: null }, passed: ["SIGINT"], orderly: true },
  { ending: { code: 1, signal: null }, passed: ["SIGTERM"], orderly: false },
  { ending: { code: null, signal: "SIGTERM" }, passed: ["SIGTERM"], orderly: true },
  { ending: { code: null, signal: "SIGTERM" }, passed: ["SIGHUP"], orderly: false },
  { ending: { code: null, signal: "SIGKILL" }, passed: ["SIGTERM"], orderly: false },
] as const)("$ending after $passed went through us: orderly $orderly", ({ ending, passed, orderly }) => {
  expect(isOrderly(ending, new Set(passed), [0, 143])).toBe(orderly);
});

describe("a process", () => {
  it("is read from its line in /proc, whatever its name holds", () => {
    const rest = `S 1 2 3 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000 1`;
    expect(identityIn(7, `7 (a) b) (c) ${rest}`)).toEqual({ pid: 7, startTicks: 987_654 });
    expect(identityIn(7, `7 (zombie) ${rest.replace("S", "Z")}`)).toBeNull();
  });

  it.runIf(process.platform === "linux")("that has ended and is not yet reaped does not run", async () => {
    // The sleep that replaces the shell reaps no child process.
    const parent = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 600"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(String(line));
    await until(() => identify(pid) === null, {
      withinMs: 5_000,
      everyMs: 10,
      explain: () => "it still runs",
    });
    expect(signalProcess(pid, "SIGCONT")).toBe(true);
    parent.kill("SIGKILL");
  });

  it("is itself, and not another that got its pid", () => {
    const own = identify(process.pid);
    expect(own).not.toBeNull();
    if (own === null) return;
    expect(isSameProcess(own, identify(process.pid) ?? { pid: 0, startTicks: null })).toBe(true);
    expect(isSameProcess({ pid: 7, startTicks: 1 }, { pid: 7, startTicks: 2 })).toBe(false);
    expect(isSameProcess({ pid: 7, startTicks: null }, { pid: 7, startTicks: 2 })).toBe(true);
    const bootId = bootIdOf(own);
    expect(bootId === null || BootIdSchema.safeParse(bootId).success).toBe(true);
  });

  it.for(["", "0", "-1", "1.5", "abc", "4194305"])("has no pid `%s`", (text) => {
    expect(parsePid(text)).toBeNull();
  });
});

describe("a step of watching", () => {
  const one = { pid: 7, startTicks: 1 };
  const reused = { pid: 7, startTicks: 9 };
  const other = { pid: 8, startTicks: 5 };
  const idle: ServiceWatch = { process: null, spent: null };
  const watching: ServiceWatch = { process: one, spent: "v1" };
  const look = (given: Partial<ServiceLook>): ServiceLook => ({
    watchedRuns: true,
    version: "v1",
    named: one,
    removed: false,
    ...given,
  });
  it.for<[string, ServiceWatch, Partial<ServiceLook>, string, ServiceWatch]>([
    ["begins with a named process that runs", idle, {}, "begin", watching],
    ["waits while no file names any", idle, { version: null, named: null }, "nothing", idle],
    ["passes a stale file by", idle, { named: null }, "nothing", { process: null, spent: "v1" }],
    [
      "takes nobody who got the pid of a stale file later",
      { process: null, spent: "v1" },
      { named: reused },
      "nothing",
      { process: null, spent: "v1" },
    ],
    ["goes on while it runs", watching, {}, "nothing", watching],
    [
      "goes on when the file is removed first",
      watching,
      { version: null, named: null, removed: true },
      "nothing",
      watching,
    ],
    [
      "calls it a crash when the file stays",
      watching,
      { watchedRuns: false, named: null },
      "crash",
      { process: null, spent: "v1" },
    ],
    [
      "calls it a crash though another process has its pid by now",
      watching,
      { watchedRuns: false, named: reused },
      "crash",
      { process: null, spent: "v1" },
    ],
    [
      "calls it a stop when the file is gone",
      watching,
      { watchedRuns: false, version: null, named: null, removed: true },
      "stop",
      { process: null, spent: "v1" },
    ],
    [
      "begins anew with the same pid in a file written anew",
      watching,
      { watchedRuns: false, version: "v2", named: reused },
      "begin",
      { process: reused, spent: "v2" },
    ],
    [
      "begins anew with another process in the file",
      watching,
      { version: "v2", named: other },
      "begin",
      { process: other, spent: "v2" },
    ],
    [
      "goes on when the same process writes its file again",
      watching,
      { version: "v2" },
      "nothing",
      { process: one, spent: "v2" },
    ],
    [
      "goes on while a file half written names nobody",
      watching,
      { version: null, named: null },
      "nothing",
      watching,
    ],
  ])("%s", ([, watch, given, kind, after]) => {
    expect(step(watch, look(given))).toEqual([after, kind]);
  });
});
