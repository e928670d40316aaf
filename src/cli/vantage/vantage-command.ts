import { commandOf, EXIT_USAGE } from "../command.ts";
import { impossibleState, makeDirectory } from "../shared/files/make-directory.ts";
import { hideCode } from "../shared/joining/credential.ts";
import { joinPorts, tokenBy } from "../shared/joining/trade-code.ts";
import type { Printing } from "../shared/joining/print-unit.ts";
import { type Log, logToStderr } from "../shared/output/log.ts";
import { machineWith } from "../shared/process/machine.ts";
import { print } from "../shared/output/print.ts";
import { onStopSignal } from "../shared/process/signals.ts";
import { takeLock } from "../shared/process/lock.ts";
import { vantagePorts } from "./node-ports.ts";
import { Program } from "./program.ts";
import { parseSettings, type Settings, USAGE } from "./settings.ts";

const work = async (settings: Settings | Printing): Promise<number> => {
  if ("print" in settings) {
    print(settings.print);
    return 0;
  }
  hideCode("parallax vantage");
  // The number of threads that look names up. Node 20 has started its four already, and follows only the real environment.
  process.env["UV_THREADPOOL_SIZE"] ??= String(settings.slots);
  const hold = takeState(settings.state, logToStderr);
  if (hold === undefined) return EXIT_USAGE;
  try {
    return await look(settings);
  } finally {
    hold.release();
  }
};

/** Locks the state directory; undefined where another process holds it or there can be none. A disk that fails does not keep a vantage from probing. */
const takeState = (directory: string, log: Log): { release: () => void } | undefined => {
  const reason = impossibleState(directory);
  if (reason !== undefined) {
    log("error", "state-impossible", { directory, reason });
    return undefined;
  }
  try {
    makeDirectory(directory);
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

const look = async (settings: Settings): Promise<number> => {
  const { url, credential, state } = settings;
  const joined = await tokenBy(credential, { kind: "vantage" }, joinPorts(url, machineWith(state)));
  if ("problem" in joined) {
    logToStderr("error", "not-joined", { reason: joined.problem });
    return joined.code;
  }
  const program = new Program(settings, vantagePorts(url, joined.token, state));
  const ended = program.ended.then(({ code }) => code);
  if (settings.once)
    return Promise.race([ended, program.once((seen) => process.stdout.write(`${JSON.stringify(seen)}\n`))]);
  const stopped = new Promise<void>(onStopSignal).then(async () => {
    await program.stop();
    return 0;
  });
  program.start();
  return Promise.race([ended, stopped]);
};

export const vantage = commandOf({
  name: "vantage",
  summary: "look at targets from here and report to the detector",
  usage: USAGE,
  parse: parseSettings,
  work,
});
