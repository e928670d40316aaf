import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CalibrationRecord } from "../../scripts/calibrate/record.ts";
import { endAtExit, signalProcess } from "../../scripts/children.ts";
import type { Detector } from "../../scripts/detector.ts";
import { freePort } from "../../scripts/port.ts";
import { until } from "../../scripts/until.ts";
import { startDetector, stopDetector } from "./scene.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const KEY = "a-key-of-this-test-alone";
const BEGUN_WITHIN_MS = 20_000;

let detector: Detector;
let directory: string;
let node: ChildProcess;
let port: number;
const forgets: (() => void)[] = [];

/** Four free ports in a row. */
const freeRow = async (): Promise<number> => {
  let row: number[] = [];
  while (row.length < 4) {
    const next = await freePort();
    row = row.at(-1) === next - 1 ? [...row, next] : [next];
  }
  return row[0] ?? 0;
};

const start = (file: string, args: string[], env: Record<string, string>): ChildProcess => {
  const child = spawn(process.execPath, ["--no-warnings", file, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  forgets.push(endAtExit(() => signalProcess(child.pid, "SIGKILL")));
  return child;
};

/** All that the process prints from now on. */
const heard = (child: ChildProcess): (() => string) => {
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (bytes: Buffer) => (text += bytes.toString()));
  return () => text;
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "parallax-calibrate-"));
  // The program as a user copies it to a host: one file.
  const program = join(directory, "calibration-node.mjs");
  await build({
    entryPoints: [join(ROOT, "scripts/calibrate/node.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: program,
  });
  port = await freeRow();
  node = start(program, ["--port", String(port), "--host", "127.0.0.1"], { CALIBRATION_KEY: KEY });
  const said = heard(node);
  await until(() => said().includes("listening on ports"), { withinMs: BEGUN_WITHIN_MS, explain: said });
  detector = await startDetector();
});
afterAll(async () => {
  await stopDetector(detector);
  node.kill("SIGTERM");
  if (node.exitCode === null) await once(node, "exit");
  for (const forget of forgets) forget();
  await rm(directory, { recursive: true, force: true });
});

const calibrate = (out: string, ...args: string[]): { child: ChildProcess; said: () => string } => {
  const child = start(
    "scripts/calibrate/run.ts",
    ["--url", detector.api.url, "--node", "localhost", "--port", String(port), "--out", out, ...args],
    { PARALLAX_TOKEN: "local-admin", CALIBRATION_KEY: KEY },
  );
  return { child, said: heard(child) };
};

const sites = async (): Promise<unknown> => JSON.parse((await detector.api.ask("/v1/sites")).text);

describe("npm run calibrate", () => {
  test("records what the platform returns, names what contradicts our pages, and leaves nothing behind", async () => {
    const out = join(directory, "whole.json");
    const only = "ok,crashed,error,reset,certificate,at-once";
    const { child, said } = calibrate(out, "--only", only, "--vantages", "weur,enam,oc");
    const [code] = (await once(child, "close")) as [number];
    const text = await readFile(out, "utf8");
    const record = JSON.parse(text) as CalibrationRecord;
    expect(record.troubles).toEqual([]);
    expect(record).toMatchObject({ format: "parallax-calibration-1", isWhole: true });
    const held = Object.fromEntries(record.assumptions.map((one) => [one.id, one.held]));
    expect(held).toMatchObject({
      "refusals-are-prompt": "held",
      "broken-is-retryable": "held",
      "tls-is-not-retryable": "held",
      "one-text-for-all": "held",
      "found-crashed": "held",
      "held-crashed": "held",
      "found-error": "held",
      "held-error": "held",
      "found-certificate": "held",
      "frozen-lets-in": "not tried",
      // A local runtime does not limit the number of connections.
      "six-at-once": "contradicted",
    });
    expect(code, said()).toBe(1);
    expect(said()).toMatch(/contradicted: six-at-once \(docs\/platform\.md\).*\n {2}8 at once from/);
    const crashed = record.reached.find(({ fault }) => fault === "crashed")?.attempts;
    expect(crashed?.[0]?.thrown).toMatchObject({ message: "Network connection lost.", retryable: true });
    for (const secret of ["local-admin", KEY, "localhost", "127.0.0.1", String(port)])
      expect(text).not.toContain(secret);
    expect(await sites()).toEqual({ sites: [] });
  });

  test("takes its targets away when it is stopped, and writes what it had", async () => {
    const out = join(directory, "stopped.json");
    const { child, said } = calibrate(out, "--only", "ok,error");
    const ended = once(child, "close");
    await until(async () => JSON.stringify(await sites()).includes("calibration-"), {
      withinMs: BEGUN_WITHIN_MS,
      explain: said,
    });
    // The signals that the process gets from a terminal by way of npm.
    for (const signal of ["SIGINT", "SIGINT", "SIGTERM"] as const) child.kill(signal);
    expect((await ended)[0], said()).toBe(3);
    expect(await sites()).toEqual({ sites: [] });
    const record = JSON.parse(await readFile(out, "utf8")) as CalibrationRecord;
    expect(record).toMatchObject({ isWhole: false, watched: [] });
    expect(record.reached.length).toBeGreaterThan(0);
  });

  test("says what it lacks where the key is another, or nobody is there", async () => {
    const run = async (env: Record<string, string>, args: string[] = [], at = port): Promise<string> => {
      const child = start(
        "scripts/calibrate/run.ts",
        ["--node", "localhost", "--port", String(at), ...args],
        {
          PARALLAX_URL: detector.api.url,
          PARALLAX_TOKEN: "local-admin",
          CALIBRATION_KEY: KEY,
          ...env,
        },
      );
      const said = heard(child);
      const [code] = (await once(child, "close")) as [number];
      return `${code} ${said()}`;
    };
    const [key, token, nobody, vantage] = await Promise.all([
      run({ CALIBRATION_KEY: "another-key-of-this-test" }),
      run({ PARALLAX_TOKEN: "wrong" }),
      run({}, [], await freePort()),
      run({}, ["--vantages", "mars"]),
    ]);
    expect(key).toMatch(/^3 .*the node refuses: 401 the key is another/);
    expect(token).toMatch(/^3 .*the detector's vantages could not be read: 401/);
    expect(nobody).toMatch(/^3 .*the node does not answer at its first port: ECONNREFUSED/);
    expect(vantage).toMatch(/^3 .*there is no vantage "mars" on Workers; there are wnam/);
  });
});
