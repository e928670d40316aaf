import { randomUUID } from "node:crypto";
import { faultsTo, type Log } from "../shared/output/log.ts";
import type { Credential } from "../shared/joining/credential.ts";
import { type Joined, joinPorts, tokenBy } from "../shared/joining/trade-code.ts";
import { machineWith } from "../shared/process/machine.ts";
import { type Child, exitCodeOf, isOrderly, startChild, waitForOwnCopy } from "./child.ts";
import { leadOf } from "./lead/lead.ts";
import { agentPorts } from "./agent-ports.ts";
import { Reporter } from "./reporter.ts";
import type { Charge, Settings } from "./settings.ts";

type Exec = Extract<Charge, { kind: "exec" }>;

/**
 * Runs the command and speaks for it. The command runs on whatever goes wrong with speaking for it. Resolves to its exit code once its end
 * is reported, or to 126 or 127 when it could not be started.
 */
export const runChild = async (
  settings: Settings,
  { command, okCodes, credential }: Exec,
  log: Log,
): Promise<number> => {
  // A fault of the agent itself must not end the service.
  process.on("uncaughtException", faultsTo(log));
  // The guard of a group's agent ends the service with all processes that the service has started.
  const child = await startChild(command, settings.lead !== undefined);
  if ("reason" in child) {
    log("error", "not-started", { reason: child.reason });
    return child.exitCode;
  }
  const bootId = settings.bootId ?? randomUUID();
  const token = await tokenFor(settings, credential, child);
  if ("problem" in token) log("error", "no-token", { reason: token.problem, so: "nothing is sent" });
  const lead = leadOf(settings, "token" in token ? token.token : undefined);
  const reporter =
    "token" in token
      ? new Reporter(agentPorts(settings.url, token.token, settings.state), settings, lead.position)
      : undefined;
  log("info", "started", { pid: child.pid, bootId });
  reporter?.begin(bootId);
  lead.begin(child.pid);

  const ending = await child.ended;
  const report = reporter?.ended(bootId);
  const isHandedOver = lead.close("ended");
  if (!isOrderly(ending, child.passed, okCodes)) await waitForOwnCopy(ending, child.passed);
  const kind = isOrderly(ending, child.passed, okCodes) ? "stop" : "crash";
  log(kind === "stop" ? "info" : "warn", "ended", { ...ending, bootId, notice: kind });
  report?.(kind, kind === "crash" && settings.restarting);
  await Promise.all([reporter?.close(), isHandedOver]);
  return exitCodeOf(ending);
};

/** The token, by a trade where one is needed. The trade goes on while the command runs, which has begun and does not wait for it. */
const tokenFor = async (
  { url, place, state }: Settings,
  credential: Credential,
  { ended }: Child,
): Promise<Joined> => {
  const stop = new AbortController();
  void ended.then(() => stop.abort("the command ended before the code was traded"));
  const joiner = { kind: "agent", ...place } as const;
  return tokenBy(credential, joiner, joinPorts(url, machineWith(state)), stop.signal);
};
