import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/port.ts";
import { until } from "../../scripts/until.ts";
import type { Observation } from "../../src/domain/observation.ts";
import type { AssignedTarget } from "../../src/domain/report.ts";
import { NodeProcess } from "../nodes/process.ts";
import { assignedTarget } from "../schedule/assigned.ts";
import { buildTo, manifest, oldestNode, Running } from "./built.ts";
import { HttpDetector } from "./http-detector.ts";
import { upTo, work } from "./vantage-scene.ts";

const TOKEN = "secret-of-lab-1";
const root = mkdtempSync(join(tmpdir(), "parallax-vantage-"));
const file = join(root, "parallax.mjs");
const tokenFile = join(root, "token");
const node = oldestNode();
let detector: HttpDetector;
let good: NodeProcess;
const runs: Running[] = [];

beforeAll(async () => {
  buildTo(file);
  writeFileSync(tokenFile, `${TOKEN}\n`);
  good = await NodeProcess.start();
});
afterEach(async () => {
  for (const run of runs.splice(0)) {
    await run.end("SIGKILL");
    expect(run.stderr + run.stdout).not.toContain(TOKEN);
  }
  await detector.vanish();
});
afterAll(async () => {
  await good.stop();
  rmSync(root, { recursive: true, force: true });
});

const atUrl = (name: string, url: string, changes: Partial<AssignedTarget> = {}): AssignedTarget =>
  assignedTarget(name, { url, intervalMs: 1_000, timeoutMs: 500, ...changes });

const openDetector = async (targets: AssignedTarget[]): Promise<void> => {
  detector = new HttpDetector(await freePort(), TOKEN);
  detector.assignments.set(0, work({ targets }));
  await detector.appear();
};

const start = (state: string, ...args: string[]): Running => {
  const options = ["--url", detector.url, "--token-file", tokenFile, "--state", join(root, state)];
  const run = new Running(node, [file, "vantage", ...options, "--retry-max-ms", "1000", ...args], {});
  runs.push(run);
  return run;
};

const reports = (count: number): Promise<unknown> =>
  until(() => detector.reports().length >= count, {
    withinMs: 15_000,
    explain: () =>
      `${detector.reports().length} reports of ${count}; ${runs.map(({ stderr }) => stderr).join()}`,
  });

describe("the built program", () => {
  it.each([
    [["--version"], 0, manifest.version],
    [["--help"], 0, "vantage"],
    [["vantage", "--help"], 0, "--token-file"],
  ] as const)("%j exits %i and prints %s", async (args, code, printed) => {
    await openDetector([]);
    const run = new Running(node, [file, ...args], {});
    expect(await run.exited()).toBe(code);
    expect(run.stdout).toContain(printed);
  });

  it.each<[args: string[], environment: Record<string, string>, said: string]>([
    [[], {}, "Usage"],
    [["vantag"], {}, 'unknown command "vantag"'],
    [["vantage"], {}, "--url"],
    [["vantage", "--url", "ftp://x"], { PARALLAX_TOKEN: "t" }, "--url"],
    [["vantage", "--url", "http://user:pw@x"], { PARALLAX_TOKEN: "t" }, "--url"],
    [["vantage", "--url", "http://x"], {}, "--token-file"],
    [["vantage", "--url", "http://x", "--token-file", "/no/such"], {}, "--token-file"],
    [["vantage", "--url", "http://x", "--token", "t"], {}, "--token-file or PARALLAX_TOKEN"],
    [["vantage", "--url", "http://x", "--listen-ms", "60000"], { PARALLAX_TOKEN: "t" }, "--listen-ms"],
    [["vantage", "--url", "http://x", "--slots", "0"], { PARALLAX_TOKEN: "t" }, "--slots"],
    [["vantage", "--ulr", "http://x"], { PARALLAX_TOKEN: "t" }, "--ulr"],
  ])("turns down %j with code 2, naming what is wrong", async (args, environment, said) => {
    await openDetector([]);
    const run = new Running(node, [file, ...args], environment);
    expect(await run.exited()).toBe(2);
    expect(run.stderr).toContain(said);
  });

  it("looks once at real nodes, by name and by address, and tells apart what it finds", async () => {
    const [nobody, silent, broken, raw] = await Promise.all([
      freePort(),
      NodeProcess.start({ mode: "silent" }),
      NodeProcess.start({ mode: "error" }),
      NodeProcess.start({ protocol: "tcp" }),
    ]);
    await openDetector([
      atUrl("named", `http://localhost:${good.port}/`, { witness: raw.url }),
      atUrl("plain", good.url),
      atUrl("tcp", raw.url),
      atUrl("nobody", `http://localhost:${nobody}/`),
      atUrl("silent", silent.url),
      atUrl("broken", broken.url),
      atUrl("not-tls", `https://localhost:${good.port}/`),
      atUrl("unknown", "http://no-such-host.invalid/", { timeoutMs: 5_000 }),
    ]);
    const run = start("once", "--once");
    expect(await run.exited(), run.stderr).toBe(0);
    const seen = run.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Observation);
    const found = Object.fromEntries(
      seen.map(({ target, subject, outcome }) => [`${target} ${subject}`, outcome]),
    );
    expect(found).toEqual({
      "named target": "ok",
      "named witness": "ok",
      "plain target": "ok",
      "tcp target": "ok",
      "nobody target": "refused",
      "silent target": "response_timeout",
      "broken target": "app_error",
      "not-tls target": "tls_failure",
      "unknown target": "dns_failure",
    });
    expect(detector.reports().flatMap(({ observations }) => observations)).toHaveLength(9);
    await Promise.all([silent.stop(), broken.stop(), raw.stop()]);
  });

  it("killed with kill -9 while the detector is away, and started again, delivers everything once", async () => {
    await openDetector([atUrl("db-1", good.url)]);
    const first = start("killed");
    await reports(2);
    await detector.vanish();
    const outbox = join(root, "killed", "shard-0", "outbox");
    const kept = readdirSync(outbox).length;
    await until(() => readdirSync(outbox).length >= kept + 3, {
      withinMs: 10_000,
      explain: () => first.stderr,
    });
    await first.end("SIGKILL");
    const second = start("killed");
    await second.logs("detector-unreachable");
    await detector.appear();
    await reports(kept + 4);
    const sequences = detector.sequences();
    expect(sequences).toEqual(upTo(sequences.length));
    for (const instants of detector.madeAt.values()) expect(instants.size).toBe(1);
    expect(await second.end("SIGTERM")).toBe(0);
  });

  it("goes on through 500s, lost connections and answers that never come", async () => {
    await openDetector([atUrl("db-1", good.url)]);
    const run = start("trouble", "--listen-ms", "1000");
    await reports(1);
    for (const mood of [500, 429, "reply lost"] as const) {
      const calls = detector.calls.length;
      detector.mood = mood;
      await until(() => detector.calls.length > calls + 2, { withinMs: 10_000, explain: () => run.stderr });
      detector.mood = "well";
      await reports(detector.reports().length + 2);
    }
    const sequences = detector.sequences();
    expect(sequences).toEqual(upTo(sequences.length));
    expect(run.events.filter(({ event }) => event === "fault")).toEqual([]);
  });

  it("stops with code 3 and says why when its token is revoked", async () => {
    await openDetector([atUrl("db-1", good.url)]);
    const run = start("revoked");
    await reports(1);
    detector.mood = 401;
    expect(await run.exited()).toBe(3);
    expect(run.events.at(-1)).toMatchObject({
      level: "error",
      event: "ended",
      reason: expect.stringContaining("revoked"),
    });
  });

  it("ends on SIGTERM with code 0 within three seconds, in the middle of a held call", async () => {
    await openDetector([atUrl("db-1", good.url)]);
    const run = start("stopped");
    await reports(2);
    const from = performance.now();
    expect(await run.end("SIGTERM")).toBe(0);
    expect(performance.now() - from).toBeLessThan(3_000);
    expect(run.events.at(-1)).toMatchObject({ event: "stopped", unsent: 0 });
    expect(readdirSync(join(root, "stopped"))).not.toContain("lock");
  });

  it("refuses a state directory that another one works in, and says which", async () => {
    await openDetector([atUrl("db-1", good.url)]);
    const first = start("shared");
    await reports(1);
    const second = start("shared");
    expect(await second.exited()).toBe(2);
    expect(second.events).toEqual([expect.objectContaining({ event: "state-in-use", pid: first.child.pid })]);
    await first.end("SIGKILL");
    await reports(detector.reports().length);
    const third = start("shared");
    await third.logs("met");
  });

  it("that may write no file at all looks and reports all the same, and warns", async () => {
    await openDetector([atUrl("db-1", good.url)]);
    const words = [file, "vantage", "--url", detector.url, "--state", join(root, "full")];
    const run = new Running("bash", ["-c", 'ulimit -f 0; exec "$@"', "bash", node, ...words], {
      PARALLAX_TOKEN: TOKEN,
    });
    runs.push(run);
    await reports(4);
    expect(detector.sequences()).toEqual(upTo(detector.sequences().length));
    expect(run.events.filter(({ event }) => event === "disk-failing").length).toBeLessThanOrEqual(2);
    expect(run.events.some(({ event }) => event === "disk-failing")).toBe(true);
    expect(await run.end("SIGTERM")).toBe(0);
  });

  it("needs no package: it is one file that says how to run it", () => {
    const text = readFileSync(file, "utf8");
    expect(text.startsWith("#!/usr/bin/env node\n")).toBe(true);
    const imported = [...text.matchAll(/^import .* from "([^"]+)";$/gm)].map(([, name]) => name);
    expect(imported.length).toBeGreaterThan(3);
    for (const name of imported) expect(name).toMatch(/^node:/);
  });
});
