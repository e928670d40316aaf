// `npm test` and `npm run test:full`: vitest with the phases of scripts/test-phases.ts, or those of `--phases=core,walk`, by their
// projects. With files, tests or projects named it runs those, in vitest's own words: `npm test -- test/chain/cut.test.ts`.
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { signalGroup } from "./children.ts";
import { PHASES, type Phase } from "./test-phases.ts";

const LAST_LINES_WITHIN_MS = 1_000;

/** Flags that choose tests; with one of them no test is left out. */
const CHOOSING = /^(-t|--testNamePattern|--project|--changed|--shard)(=|$)/;
/** Flags that do not choose tests, and whose value may be a separate argument. */
const VALUED = /^--(reporter|outputFile(\.\w+)?|maxWorkers|testTimeout|retry|bail)$/;

/** Whether the arguments choose tests themselves. */
const chooses = (args: readonly string[]): boolean =>
  args.some((arg, at) => (arg.startsWith("-") ? CHOOSING.test(arg) : !VALUED.test(args[at - 1] ?? "")));

const PHASES_FLAG = "--phases=";

/** The phases that the arguments name by a project of each; else all, or the short ones. */
const phasesOf = (given: readonly string[]): readonly Phase[] => {
  const named = given
    .find((arg) => arg.startsWith(PHASES_FLAG))
    ?.slice(PHASES_FLAG.length)
    .split(",");
  if (named === undefined) return PHASES.filter(({ short }) => given.includes("--full") || short);
  const known = PHASES.flatMap(({ projects }) => projects);
  const unknown = named.filter((name) => !known.includes(name));
  if (unknown.length === 0)
    return PHASES.filter(({ projects }) => projects.some((name) => named.includes(name)));
  console.error(`--phases: there is no project "${unknown.join('", "')}"; there are ${known.join(", ")}`);
  process.exit(2);
};

const lineOf = (given: readonly string[]): string[] => {
  const args = given.filter((arg) => arg !== "--full" && !arg.startsWith(PHASES_FLAG));
  if (chooses(args)) return ["run", ...args];
  const projects = phasesOf(given).flatMap((phase) => phase.projects);
  return [
    "run",
    "--reporter=./scripts/test-progress.ts",
    ...projects.map((name) => `--project=${name}`),
    ...args,
  ];
};

/** workerd's messages about exceptions, many of which tests cause on purpose, and the frames below. */
const RUNTIMES = /^(uncaught exception;|exception = |e = |stack: |Socket proxy disconnected )/;

/** A filter of lines that leaves out the runtime's own messages. */
const withoutRuntimes = (): ((line: string) => boolean) => {
  let isRuntimes = false;
  return (line) => {
    isRuntimes = RUNTIMES.test(line) || (isRuntimes && line.startsWith("    at "));
    return !isRuntimes;
  };
};

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const passOn = (from: Readable | null, to: NodeJS.WriteStream): void => {
  if (from === null) return;
  const isOurs = withoutRuntimes();
  createInterface({ input: from }).on("line", (line) => {
    if (isOurs(line)) to.write(`${line}\n`);
  });
};

/** As from a shell: chosen tests run on a developer's terminal. */
const startChosen = (line: string[]): ChildProcess =>
  spawn(process.execPath, [vitest, ...line], { stdio: "inherit" });

/** In a group of its own: processes that the tests start must not outlive a signal. */
const startWhole = (line: string[], isBrief: boolean): ChildProcess => {
  const isColoured = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  const env = {
    ...process.env,
    ...(isColoured ? { FORCE_COLOR: "1" } : {}),
    // Half of each law's runs: `npm run test:full` has all of them.
    ...(isBrief ? { PARALLAX_BRIEF: "1" } : {}),
  };
  const child = spawn(process.execPath, [vitest, ...line], {
    stdio: ["ignore", "pipe", "pipe"],
    env,
    detached: true,
  });
  passOn(child.stdout, process.stdout);
  passOn(child.stderr, process.stderr);
  return child;
};

const args = process.argv.slice(2);
const isWhole = !chooses(args);
const child = isWhole ? startWhole(lineOf(args), !args.includes("--full")) : startChosen(lineOf(args));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    if (isWhole) signalGroup(child.pid ?? 0, signal);
    else child.kill(signal);
  });
const end = (code: number | null): void => {
  if (isWhole) signalGroup(child.pid ?? 0, "SIGKILL");
  process.exit(code ?? 1);
};
// "close" comes after its last line, and never if a process that it started still holds its pipes.
child.on("close", end);
child.on("exit", (code) => setTimeout(() => end(code), LAST_LINES_WITHIN_MS));
