import { randomUUID } from "node:crypto";
import { EXIT_REFUSED, EXIT_USAGE } from "../command.ts";
import { impossibleState } from "../shared/files/make-directory.ts";
import { joinPorts, tokenBy } from "../shared/joining/trade-code.ts";
import { logToStderr } from "../shared/output/log.ts";
import { machineWith } from "../shared/process/machine.ts";
import { pause } from "../shared/time/pause.ts";
import { identify, isSameProcess, type Identity } from "../shared/process/process.ts";
import { onStopSignal, SAME_SIGNAL_MS } from "../shared/process/signals.ts";
import { bootIdOf, hostBootId } from "./boot.ts";
import { leadOf } from "./lead/lead.ts";
import { readPidFile } from "./pid-file.ts";
import { type AgentPorts, agentPorts } from "./agent-ports.ts";
import { Reporter } from "./reporter.ts";
import type { Charge, Settings, Watched } from "./settings.ts";
import { step, type ServiceLook, type WatchStep, type ServiceWatch } from "./service-watch.ts";

const LOOK_EVERY_MS = 100;
const STOPPED = 0;
const NOTHING_TO_WATCH = 1;

/**
 * Speaks for a process that something else supervises, or for the host alone, until a signal ends it.
 * Resolves to 0, to 1 when the process to watch does not run, to 2 when there can be no state directory, to 3 when the token is refused.
 */
export const speakBeside = async (
  settings: Settings,
  charge: Exclude<Charge, { kind: "exec" }>,
): Promise<number> => {
  const { url, place, state } = settings;
  const impossible = state === undefined ? undefined : impossibleState(state);
  if (impossible !== undefined) {
    logToStderr("error", "state-impossible", { directory: state, reason: impossible });
    return EXIT_USAGE;
  }
  const joiner = { kind: "agent", ...place } as const;
  const joined = await tokenBy(charge.credential, joiner, joinPorts(url, machineWith(state)));
  if ("problem" in joined) {
    logToStderr("error", "not-joined", { reason: joined.problem });
    return joined.code;
  }
  const stop = new AbortController();
  onStopSignal(() => stop.abort());
  const ports = agentPorts(url, joined.token, state);
  const lead = leadOf(settings, joined.token);
  const reporter = new Reporter(ports, settings, lead.position);
  let isDenied = false;
  void reporter.denied.then(() => {
    isDenied = true;
    stop.abort();
  });
  lead.begin(undefined);
  const ended =
    charge.kind === "host"
      ? await beatForHost(settings, reporter, stop.signal)
      : await watch(settings, charge, { reporter, served: lead.served, ports, stop: stop.signal });
  await Promise.all([reporter.close(), lead.close(stop.signal.aborted ? "stopping" : "ended")]);
  return isDenied ? EXIT_REFUSED : ended;
};

const beatForHost = async ({ bootId }: Settings, reporter: Reporter, stop: AbortSignal): Promise<number> => {
  reporter.beat(bootId ?? hostBootId() ?? randomUUID());
  await new Promise((resolve) => stop.addEventListener("abort", resolve));
  return STOPPED;
};

interface Watching {
  reporter: Reporter;
  /** Called when a process begins that takes the place of an earlier one. */
  served: () => void;
  ports: AgentPorts;
  stop: AbortSignal;
}

const watch = async (
  settings: Settings,
  charge: Watched,
  { reporter, served, ports, stop }: Watching,
): Promise<number> => {
  const { after, log } = ports;
  const look =
    charge.kind === "pid" ? lookAtPid(charge.pid) : (at: ServiceWatch) => lookAtFile(charge.file, at);
  const tell = tellerOf(settings, reporter, log);
  let state: ServiceWatch = { process: null, spent: null };
  let begun = 0;
  log("info", "watching", charge.kind === "pid" ? { pid: charge.pid } : { file: charge.file });
  for (; !stop.aborted; await pause(after, LOOK_EVERY_MS, stop)) {
    const [next, seen] = step(state, look(state));
    // A host that stops ends both the agent and the service, and the service may end first.
    if (seen === "crash" || seen === "stop") await pause(after, SAME_SIGNAL_MS, stop);
    if (stop.aborted) break;
    state = next;
    tell(seen, state.process);
    if (seen === "begin" && ++begun > 1) served();
    if (charge.kind !== "pid" || state.process !== null) continue;
    if (seen === "crash") return STOPPED;
    log("error", "no-process", { pid: charge.pid });
    return NOTHING_TO_WATCH;
  }
  return STOPPED;
};

/** Logs and reports each step that the watch has seen. Each process is a boot of its own. */
const tellerOf = ({ bootId: given, restarting }: Settings, reporter: Reporter, log: AgentPorts["log"]) => {
  let bootId = "";
  return (seen: WatchStep, process: Identity | null): void => {
    if (seen === "begin" && process !== null) {
      bootId = given ?? bootIdOf(process) ?? randomUUID();
      log("info", "started", { pid: process.pid, bootId });
      reporter.begin(bootId);
    }
    if (seen === "crash" || seen === "stop") {
      log(seen === "stop" ? "info" : "warn", "ended", { bootId, notice: seen });
      reporter.ended(bootId)(seen, seen === "crash" && restarting);
    }
  };
};

const runs = (process: Identity | null): boolean => {
  const now = process === null ? null : identify(process.pid);
  return process !== null && now !== null && isSameProcess(process, now);
};

/** A pid given once names the process that has it now, and no later one. */
const lookAtPid = (pid: number): ((watch: ServiceWatch) => ServiceLook) => {
  const named = identify(pid);
  return ({ process }) => ({ watchedRuns: runs(process), version: String(pid), named, removed: false });
};

const lookAtFile = (file: string, { process }: ServiceWatch): ServiceLook => {
  const watchedRuns = runs(process);
  const pidFile = readPidFile(file);
  const pid = pidFile?.pid ?? null;
  return {
    watchedRuns,
    version: pid === null ? null : (pidFile?.version ?? null),
    named: pid === null ? null : identify(pid),
    removed: pidFile === null,
  };
};
