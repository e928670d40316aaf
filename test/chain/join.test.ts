import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endAtExit, signalProcess } from "../../scripts/children.ts";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import type { AuditEntry } from "../../src/domain/audit.ts";
import type { Join, NewJoin } from "../../src/domain/join.ts";
import type { TokenAnswer } from "../../src/domain/token.ts";
import { oldestNode } from "../cli/build.ts";
import { NodeProcess } from "../../harness/nodes/process.ts";
import { startDetector, stopDetector } from "./scene.ts";

// The steps on a machine that has Node and nothing else: download one file, and start it with a code.

const WITHIN_MS = 30_000;
const THERE = { site: "fra", target: "db-1" };

let detector: Detector;
let node: NodeProcess;
const folder = mkdtempSync(join(tmpdir(), "parallax-join-"));
const started: ChildProcess[] = [];
beforeAll(async () => {
  endAtExit(() => started.forEach(({ pid }) => void signalProcess(pid, "SIGKILL")));
  [detector, node] = await Promise.all([startDetector(), NodeProcess.start()]);
  const { text } = await detector.api.ask("/cli.mjs", { token: null });
  writeFileSync(join(folder, "cli.mjs"), text);
  await detector.api.putTarget(THERE, { url: node.url, intervalMs: 5_000, timeoutMs: 2_000 });
});
afterAll(async () => {
  await Promise.all(started.map((program) => end(program, "SIGTERM")));
  await stopDetector(detector);
  await node.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const end = async (program: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const ended = once(program, "exit");
  signalProcess(program.pid, signal);
  await ended;
};

/** Starts the program in a folder that has only that file, and with no environment but `env`. */
const start = (args: string[], env: Record<string, string> = {}, stdin = "") => {
  const program = spawn(oldestNode(), ["cli.mjs", ...args, "--url", detector.api.url], {
    cwd: folder,
    env,
    stdio: ["pipe", "ignore", "pipe"],
  });
  program.stdin?.end(stdin);
  const told = { log: "" };
  program.stderr?.setEncoding("utf8").on("data", (text: string) => (told.log += text));
  started.push(program);
  return { program, told };
};

const get = async <T>(path: string): Promise<T> => JSON.parse((await detector.api.ask(path)).text) as T;
const code = async (body: object): Promise<NewJoin> => {
  const { status, text } = await detector.api.ask("/v1/joins", { method: "POST", body });
  expect(status).toBe(201);
  return JSON.parse(text) as NewJoin;
};
const trades = async (): Promise<AuditEntry[]> => {
  const { entries } = await get<{ entries: AuditEntry[] }>("/v1/audit");
  return entries.filter(({ what }) => what === "POST /v1/joins/trade");
};

test("a vantage joins by a code in a file, reports, and goes on by its own token when it is started again", async () => {
  const made = await code({
    kind: "vantage",
    id: "joined-1",
    sites: ["fra"],
    region: "hel",
    provider: "own",
  });
  const file = join(folder, "code");
  writeFileSync(file, `${made.code}\n`);
  const state = join(folder, "vantage");
  const args = ["vantage", "--join-file", file, "--state", state, "--listen-ms", "1000"];
  const reported = async (after: string | null, { log }: { log: string }): Promise<string> =>
    until(
      async () => {
        const one = (await detector.api.vantages()).find(({ id }) => id === "joined-1");
        const at = one?.lastReportAt ?? null;
        return at !== null && at !== after && one?.state === "sound" ? at : undefined;
      },
      { withinMs: WITHIN_MS, explain: () => `it does not report: ${log}` },
    );
  const first = start(args);
  const at = await reported(null, first.told);
  const token = readFileSync(join(state, "token"), "utf8").trim();
  expect(statSync(join(state, "token")).mode & 0o777).toBe(0o600);
  expect(statSync(join(state, "token.join")).mode & 0o777).toBe(0o600);
  await end(first.program, "SIGKILL");
  const second = start(args);
  await reported(at, second.told);
  expect(await trades()).toHaveLength(1);
  expect(readFileSync(join(state, "token"), "utf8").trim()).toBe(token);
  for (const { log } of [first.told, second.told])
    for (const secret of [token, made.code, made.code.replaceAll("-", "")]) expect(log).not.toContain(secret);
  const { tokens } = await get<{ tokens: TokenAnswer[] }>("/v1/tokens");
  expect(tokens.map(({ vantage, note }) => [vantage, note])).toEqual([["joined-1", `by join ${made.join}`]]);
});

test("an agent joins by a code on stdin, and its heartbeat arrives", async () => {
  const out = join(folder, "agent.join");
  const flags = ["--sites", THERE.site, "--id", THERE.target, "--for", "5m", "--out", out];
  const { program, told: maker } = start(["join", "create", "agent", ...flags], {
    PARALLAX_TOKEN: "local-admin",
  });
  await once(program, "close");
  expect(program.exitCode, maker.log).toBe(0);
  expect(statSync(out).mode & 0o777).toBe(0o600);
  const [, id = ""] = /^join (j-\w{7}) for one use until /.exec(maker.log) ?? [];
  const place = ["--site", THERE.site, "--target", THERE.target];
  const asked = ["agent", ...place, "--join", "-", "--state", join(folder, "agent")];
  const { told } = start(
    [...asked, "--every-ms", "1000", "--boot-id", "of-the-joined"],
    {},
    readFileSync(out, "utf8"),
  );
  const evidence = `/v1/sites/fra/targets/db-1/evidence?since=-1h`;
  await until(async () => (await detector.api.ask(evidence)).text.includes("of-the-joined"), {
    withinMs: WITHIN_MS,
    explain: () => `no heartbeat: ${told.log}`,
  });
  const { joins } = await get<{ joins: Join[] }>("/v1/joins");
  expect(joins.find((one) => one.join === id)).toMatchObject({ kind: "agent", state: "used" });
});

test("what is wrong with a code is said, each as what it is", async () => {
  const made = await code({ kind: "agent", sites: ["fra"] });
  const brief = await code({ kind: "vantage", sites: ["fra"], ttlMs: 1_000 });
  const place = ["--site", "fra", "--target", "db-2"];
  const says = async (args: string[], given: string): Promise<[number | null, string]> => {
    const states = ["--state", join(folder, `state-${started.length}`)];
    const { program, told } = start([...args, ...states], { PARALLAX_JOIN: given });
    await once(program, "close");
    return [program.exitCode, told.log];
  };
  const text = made.code;
  const last = text.at(-1) === "0" ? "1" : "0";
  expect(await says(["agent", ...place], text.slice(0, -1) + last)).toEqual([
    2,
    expect.stringContaining("PARALLAX_JOIN was mistyped: its last two characters do not fit"),
  ]);
  expect(await says(["vantage", "--once"], text)).toEqual([
    3,
    expect.stringContaining("is refused (409): the code is for kind agent, not for vantage"),
  ]);
  const joined = start(["agent", ...place, "--token-file", join(folder, "db-2.token")], {
    PARALLAX_JOIN: text,
  });
  await until(() => joined.told.log.includes('"joined"'), {
    withinMs: WITHIN_MS,
    explain: () => joined.told.log,
  });
  expect(await says(["agent", ...place], text)).toEqual([
    3,
    expect.stringContaining("is refused (409): the code was used at "),
  ]);
  await until(async () => Date.now() > Date.parse(brief.expiresAt), {
    withinMs: WITHIN_MS,
    explain: () => brief.expiresAt,
  });
  expect(await says(["vantage", "--once"], brief.code)).toEqual([
    3,
    expect.stringContaining(`is refused (410): the code expired at ${brief.expiresAt}`),
  ]);
});
