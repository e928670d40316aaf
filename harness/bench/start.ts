import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildProgram } from "../../scripts/build-cli.mjs";
import { freePort } from "../../scripts/port.ts";
import { oldestNode } from "../../test/cli/build.ts";
import { FakeDetector, TOKEN } from "../../test/cli/fake-detector.ts";
import { type Spread, spreadOf } from "./statistics.ts";

const ROUNDS = 20;

/** What one start costs, beside a bare start of the same Node in the same round. */
export interface StartFigure {
  node: string;
  what: string;
  wallMs: Spread;
  cpuMs: Spread;
  timesWall: Spread;
  timesCpu: Spread;
}

/** One run of a program, in milliseconds: wall time, and CPU time in user and system mode. */
interface Sample {
  wallMs: number;
  cpuMs: number;
}

const execute = promisify(execFile);

/** Bash prints how much time an ended child used, as the system counted it. The child prints to a pipe, as in production. */
const TIME = 'TIMEFORMAT="%3R %3U %3S"; time "$@" 2>/dev/null; exit 0';

const sample = async (command: string[]): Promise<Sample> => {
  const { stderr } = await execute("bash", ["-c", TIME, "bash", ...command]);
  const [wall = NaN, user = NaN, system = NaN] = stderr.trim().split(" ").map(Number);
  return { wallMs: wall * 1_000, cpuMs: (user + system) * 1_000 };
};

const versionOf = (node: string): string =>
  spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();

/** Commands by name; the first is the one that the others are compared with. */
const startsOf = (node: string, program: string, folder: string, ports: { none: number; api: number }) => {
  const start = (...args: string[]): string[] => [node, program, ...args];
  const at = (port: number): string[] => [
    "--url",
    `http://127.0.0.1:${port}`,
    "--token-file",
    join(folder, "token"),
  ];
  const curl = (port: number): string[] => [
    "curl",
    "--silent",
    "--user",
    `:${TOKEN}`,
    `http://127.0.0.1:${port}/v1/sites/fra/targets/db-1/avoid`,
  ];
  const state = ["--state", folder];
  const hasCurl = spawnSync("curl", ["--version"]).status === 0;
  return {
    "node -e 0": [node, "-e", "0"],
    "--version": start("--version"),
    "check, refused": start("check", "fra/db-1", ...at(ports.none)),
    "check --binary, refused": start("check", "fra/db-1", "--binary", ...at(ports.none)),
    "gate, refused": start("gate", "fra/db-1", ...state, ...at(ports.none)),
    "check, answered": start("check", "fra/db-1", ...at(ports.api)),
    "check --binary, answered": start("check", "fra/db-1", "--binary", ...at(ports.api)),
    "vantage --help": start("vantage", "--help"),
    ...(hasCurl ? { "curl, refused": curl(ports.none), "curl, answered": curl(ports.api) } : {}),
  };
};

/** Rounds of one start each, in an order that shifts, so that a busy moment of the machine hits all starts alike. */
const figuresOf = async (node: string, starts: Record<string, string[]>): Promise<StartFigure[]> => {
  const entries = Object.entries(starts);
  const samples: Sample[][] = entries.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (let nth = 0; nth < entries.length; nth++) {
      const at = (round + nth) % entries.length;
      samples[at]?.push(await sample(entries[at]?.[1] ?? []));
    }
  const [bare = []] = samples;
  const timesBare = (own: Sample[], kind: keyof Sample): Spread =>
    spreadOf(own.map((each, round) => each[kind] / (bare[round]?.[kind] ?? NaN)));
  return entries.map(([what], at) => {
    const own = samples[at] ?? [];
    return {
      node,
      what,
      wallMs: spreadOf(own.map(({ wallMs }) => wallMs)),
      cpuMs: spreadOf(own.map(({ cpuMs }) => cpuMs)),
      timesWall: timesBare(own, "wallMs"),
      timesCpu: timesBare(own, "cpuMs"),
    };
  });
};

/** Starts of the built program on the oldest Node that it supports, if installed, and on this one. */
export const measureStart = async (): Promise<StartFigure[]> => {
  const folder = mkdtempSync(join(tmpdir(), "parallax-start-"));
  const api = await FakeDetector.start();
  try {
    api.set("fra/db-1");
    writeFileSync(join(folder, "token"), TOKEN);
    const program = join(folder, "parallax.mjs");
    await buildProgram(program);
    const ports = { none: await freePort(), api: api.port };
    const figures: StartFigure[] = [];
    for (const node of new Set([oldestNode(), process.execPath]))
      figures.push(...(await figuresOf(versionOf(node), startsOf(node, program, folder, ports))));
    return figures;
  } finally {
    await api.vanish();
    rmSync(folder, { recursive: true, force: true });
  }
};
