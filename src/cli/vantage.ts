import { mkdirSync } from "node:fs";
import { Client } from "../client/client.ts";
import { type Command, EXIT_USAGE } from "./command.ts";
import { type Log, logToStderr } from "./log.ts";
import { filesUnder } from "./vantage-disk.ts";
import { takeLock } from "./vantage-lock.ts";
import { nodePorts } from "./vantage-ports.ts";
import { Program } from "./vantage-program.ts";
import { parseSettings, type Settings, USAGE } from "./vantage-settings.ts";

const run = async (args: string[]): Promise<number> => {
  const settings = parseSettings(args, process.env);
  if (typeof settings === "string") {
    process.stderr.write(`parallax vantage: ${settings}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  // Names are looked up by so many threads. Node 20 has its four already and heeds the real environment only.
  process.env["UV_THREADPOOL_SIZE"] ??= String(settings.slots);
  // A limit on the size of files is a full disk, and no reason to die of.
  process.on("SIGXFSZ", () => undefined);
  const hold = takeState(settings.state, logToStderr);
  if (hold === undefined) return EXIT_USAGE;
  try {
    return await work(settings);
  } finally {
    hold.release();
  }
};

/** Undefined where another process has it. A disk that fails is no reason not to look. */
const takeState = (directory: string, log: Log): { release: () => void } | undefined => {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const lock = takeLock(directory);
    if ("release" in lock) return lock;
    log("error", "state-in-use", {
      directory,
      pid: lock.heldBy,
      reason: "another vantage works in this directory: stop it, or give another --state",
    });
    return undefined;
  } catch (error) {
    log("warn", "disk-failing", {
      reason: String(error),
      consequence: "the state directory cannot be locked, and what is not yet delivered may be lost",
    });
    return { release: () => undefined };
  }
};

const work = async (settings: Settings): Promise<number> => {
  const client = new Client(settings.url, settings.token);
  const files = filesUnder(settings.state);
  const program = new Program(
    settings,
    nodePorts((...call) => client.exchange(...call), files),
  );
  const ended = program.ended.then(({ code }) => code);
  if (settings.once)
    return Promise.race([ended, program.once((seen) => process.stdout.write(`${JSON.stringify(seen)}\n`))]);
  const stopped = signalled().then(async () => {
    await program.stop();
    return 0;
  });
  program.start();
  return Promise.race([ended, stopped]);
};

/** The first of the two; the second time they end the process as they always do. */
const signalled = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });

export const vantage: Command = {
  summary: "look at targets from here and report to the detector",
  usage: USAGE,
  run,
};
