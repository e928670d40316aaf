import { randomUUID } from "node:crypto";
import { exitCodeOf, isOrderly, startChild, waitForOwnCopy } from "./agent-child.ts";
import type { Log } from "./log.ts";
import { reporterFor } from "./agent-reporter.ts";
import type { Charge, Settings } from "./agent-settings.ts";

type Exec = Extract<Charge, { kind: "exec" }>;

/**
 * Runs the command and speaks for it. Whatever befalls the speaking, the command runs on; resolves to its
 * exit code once its end is told, or 126 or 127 when it could not be started.
 */
export const runChild = async (settings: Settings, { command, okCodes }: Exec, log: Log): Promise<number> => {
  outliveOwnFaults(log);
  const child = await startChild(command);
  if ("reason" in child) {
    log("error", "not-started", { reason: child.reason });
    return child.exitCode;
  }
  const bootId = settings.bootId ?? randomUUID();
  const { token } = settings;
  if (token === null) log("error", "no-token", { reason: settings.tokenProblem, so: "nothing is sent" });
  const reporter = token === null ? null : reporterFor(settings, token, log);
  log("info", "started", { pid: child.pid, bootId });
  reporter?.begin(bootId);

  const ending = await child.ended;
  const report = reporter?.ended(bootId);
  if (!isOrderly(ending, child.passed, okCodes)) await waitForOwnCopy(ending, child.passed);
  const kind = isOrderly(ending, child.passed, okCodes) ? "stop" : "crash";
  log(kind === "stop" ? "info" : "warn", "ended", { ...ending, bootId, notice: kind });
  report?.(kind, kind === "crash" && settings.restarting);
  await reporter?.close();
  return exitCodeOf(ending);
};

/** A fault of the agent's own, a closed stderr included, must not take the service along. */
const outliveOwnFaults = (log: Log): void => {
  process.stderr.on("error", () => undefined);
  process.on("uncaughtException", (error) => log("error", "own-fault", { reason: String(error) }));
};
