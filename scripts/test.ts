// `npm test` and `npm run test:full`: vitest with the phases of test/phases.ts. Whoever names files, tests or projects is
// given what they name, in vitest's own words: `npm test -- test/chain/cut.test.ts`.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { PHASES } from "../test/phases.ts";

/** Flags that say which tests; beside them nothing is left out. */
const CHOOSING = /^(-t|--testNamePattern|--project|--changed|--shard)(=|$)/;
/** Flags that say nothing about it, and whose value may stand apart. */
const VALUED = /^--(reporter|outputFile(\.\w+)?|maxWorkers|testTimeout|retry|bail)$/;

/** Whether the arguments choose tests themselves. */
const chooses = (args: readonly string[]): boolean =>
  args.some((arg, at) => (arg.startsWith("-") ? CHOOSING.test(arg) : !VALUED.test(args[at - 1] ?? "")));

const lineOf = (given: readonly string[]): string[] => {
  const args = given.filter((arg) => arg !== "--full");
  if (chooses(args)) return ["run", ...args];
  const isFull = given.includes("--full");
  const projects = PHASES.filter(({ short }) => isFull || short).flatMap((phase) => phase.projects);
  return ["run", "--reporter=./test/progress.ts", ...projects.map((name) => `--project=${name}`), ...args];
};

/** What workerd says of exceptions in it, many of which tests bring about on purpose, and the frames below. */
const RUNTIMES = /^(uncaught exception;|exception = |e = |stack: )/;

/** A filter of lines that leaves out what the runtime says for itself. */
const withoutRuntimes = (): ((line: string) => boolean) => {
  let isRuntimes = false;
  return (line) => {
    isRuntimes = RUNTIMES.test(line) || (isRuntimes && line.startsWith("    at "));
    return !isRuntimes;
  };
};

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const args = process.argv.slice(2);
const way = chooses(args) ? "inherit" : "pipe";
const colour = process.stdout.isTTY && process.env["NO_COLOR"] === undefined ? { FORCE_COLOR: "1" } : {};
const child = spawn(process.execPath, [vitest, ...lineOf(args)], {
  stdio: ["inherit", way, way],
  env: way === "pipe" ? { ...process.env, ...colour } : process.env,
});
const passOn = (from: Readable | null, to: NodeJS.WriteStream): void => {
  if (from === null) return;
  const isOurs = withoutRuntimes();
  createInterface({ input: from }).on("line", (line) => {
    if (isOurs(line)) to.write(`${line}\n`);
  });
};
passOn(child.stdout, process.stdout);
passOn(child.stderr, process.stderr);
// A terminal sends these to both; whoever else sends them, to us alone. It ends, and so do we.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
child.on("close", (code) => process.exit(code ?? 1));
