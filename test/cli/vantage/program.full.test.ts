import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../../scripts/port.ts";
import { until } from "../../../scripts/until.ts";
import type { Observation } from "../../../src/domain/observation.ts";
import type { AssignedTarget } from "../../../src/domain/report.ts";
import { NodeProcess } from "../../../harness/nodes/process.ts";
import { assignedTarget } from "../../schedule/assigned.ts";
import { Running } from "../running.ts";
import { after } from "../../../src/cli/shared/process/machine.ts";
import { FakeDetector } from "../fake-detector.ts";
import { FakeExchange, serveExchange } from "./fake-exchange.ts";
import { upTo, work } from "./scene.ts";

const TOKEN = "secret-of-lab-1";
const root = mkdtempSync(join(tmpdir(), "parallax-vantage-"));
const tokenFile = join(root, "token");
let good: NodeProcess;

beforeAll(async () => {
  writeFileSync(tokenFile, `${TOKEN}\n`);
  good = await NodeProcess.start();
});
afterAll(async () => {
  await good.stop();
  rmSync(root, { recursive: true, force: true });
});

const atUrl = (name: string, url: string, changes: Partial<AssignedTarget> = {}): AssignedTarget =>
  assignedTarget(name, { url, intervalMs: 250, timeoutMs: 200, ...changes });

interface Stage {
  /** The exchange of this test's detector; it assigns the one good node. */
  detector: FakeExchange;
  server: FakeDetector;
  start: (state: string, args?: string[], disk?: { fullDisk: boolean }) => Running;
  /** Waits until this many reports were taken. */
  reports: (count: number) => Promise<unknown>;
}

const it = test.extend<{ stage: Stage }>({
  // Vitest reads the names of other fixtures off this pattern.
  // oxlint-disable-next-line no-empty-pattern
  stage: async ({}, use) => {
    const detector = new FakeExchange({ now: () => Date.now(), after });
    const server = await FakeDetector.start();
    serveExchange(detector, server, TOKEN);
    detector.assignments.set(0, work({ targets: [atUrl("db-1", good.url)] }));
    const runs: Running[] = [];
    const start: Stage["start"] = (state, args = [], disk) => {
      const where = ["--url", server.url, "--state", join(root, state)];
      const options = [...where, "--token-file", tokenFile, "--retry-max-ms", "1000"];
      const run = new Running(["vantage", ...options, ...args], {}, disk);
      runs.push(run);
      return run;
    };
    const reports: Stage["reports"] = (count) =>
      until(() => detector.reports().length >= count, {
        withinMs: 15_000,
        everyMs: 20,
        explain: () =>
          `${detector.reports().length} reports of ${count}; ${runs.map(({ stderr }) => stderr).join()}`,
      });
    await use({ detector, server, start, reports });
    for (const run of runs) {
      await run.end("SIGKILL");
      expect(run.stderr + run.stdout).not.toContain(TOKEN);
    }
    await server.vanish();
  },
});

describe("the built program", { concurrent: true }, () => {
  it("looks once at real nodes, by name and by address, and tells apart what it finds", async ({ stage }) => {
    const { detector, start } = stage;
    const [nobody, silent, broken, raw] = await Promise.all([
      freePort(),
      NodeProcess.start({ mode: "silent" }),
      NodeProcess.start({ mode: "error" }),
      NodeProcess.start({ protocol: "tcp" }),
    ]);
    // The timeout where an answer is expected: long enough on a machine that is busy.
    const patient = { intervalMs: 10_000, timeoutMs: 5_000 };
    const targets = [
      atUrl("named", `http://localhost:${good.port}/`, { ...patient, witness: raw.url }),
      atUrl("plain", good.url, patient),
      atUrl("tcp", raw.url, patient),
      atUrl("nobody", `http://localhost:${nobody}/`, patient),
      atUrl("silent", silent.url, { ...patient, timeoutMs: 1_500 }),
      atUrl("broken", broken.url, patient),
      atUrl("not-tls", `https://localhost:${good.port}/`, patient),
      atUrl("unknown", "http://no-such-host.invalid/", patient),
    ];
    detector.assignments.set(0, work({ targets }));
    const run = start("once", ["--once"]);
    expect(await run.ended, run.stderr).toBe(0);
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

  it("killed with kill -9 while the detector is away, and started again, delivers everything once", async ({
    stage,
  }) => {
    const { detector, server, start, reports } = stage;
    const first = start("killed");
    await reports(2);
    await server.vanish();
    const outbox = join(root, "killed", "shard-0", "outbox");
    const kept = readdirSync(outbox).length;
    await until(() => readdirSync(outbox).length >= kept + 3, {
      withinMs: 10_000,
      everyMs: 20,
      explain: () => first.stderr,
    });
    await first.end("SIGKILL");
    const second = start("killed");
    await second.logged("detector-unreachable");
    await server.appear();
    await reports(kept + 4);
    const sequences = detector.sequences();
    expect(sequences).toEqual(upTo(sequences.length));
    for (const instants of detector.madeAt.values()) expect(instants.size).toBe(1);
    expect(await second.end("SIGTERM")).toBe(0);
  });

  it("goes on through 500s, lost connections and answers that never come", async ({ stage }) => {
    const { detector, start, reports } = stage;
    const run = start("trouble", ["--listen-ms", "1000"]);
    await reports(1);
    for (const mood of [500, 429, "reply lost"] as const) {
      const calls = detector.calls.length;
      detector.mood = mood;
      await until(() => detector.calls.length > calls + 2, {
        withinMs: 10_000,
        everyMs: 20,
        explain: () => run.stderr,
      });
      detector.mood = "well";
      await reports(detector.reports().length + 2);
    }
    const sequences = detector.sequences();
    expect(sequences).toEqual(upTo(sequences.length));
    expect(run.events("fault")).toEqual([]);
  });

  it("stops with code 3 and says why when its token is revoked", async ({ stage }) => {
    const { detector, start, reports } = stage;
    const run = start("revoked");
    await reports(1);
    detector.mood = 401;
    expect(await run.ended).toBe(3);
    expect(run.log.at(-1)).toMatchObject({
      level: "error",
      event: "ended",
      reason: expect.stringContaining("revoked"),
    });
  });

  it("ends on SIGTERM with code 0 in the middle of a held call, long before that is answered", async ({
    stage,
  }) => {
    const { detector, start, reports } = stage;
    const run = start("stopped");
    await reports(2);
    const held = await until(() => detector.calls.find(({ waitMs }) => waitMs > 0), {
      withinMs: 15_000,
      explain: () => "it does not listen",
    });
    const from = performance.now();
    expect(await run.end("SIGTERM")).toBe(0);
    expect(performance.now() - from).toBeLessThan(held.waitMs / 2);
    expect(run.log.at(-1)).toMatchObject({ event: "stopped", unsent: 0 });
    expect(readdirSync(join(root, "stopped"))).not.toContain("lock");
  });

  it("refuses a state directory that another one works in, and says which", async ({ stage }) => {
    const { detector, start, reports } = stage;
    const first = start("shared");
    await reports(1);
    const second = start("shared");
    expect(await second.ended).toBe(2);
    expect(second.log).toEqual([expect.objectContaining({ event: "state-in-use", pid: first.pid })]);
    await first.end("SIGKILL");
    await reports(detector.reports().length);
    const third = start("shared");
    await third.logged("met");
  });

  it("that may write no file at all looks and reports all the same, and warns", async ({ stage }) => {
    const { detector, start, reports } = stage;
    const run = start("full", [], { fullDisk: true });
    await reports(4);
    expect(detector.sequences()).toEqual(upTo(detector.sequences().length));
    expect([1, 2]).toContain(run.events("disk-failing").length);
    expect(await run.end("SIGTERM")).toBe(0);
  });
});
