import { Client } from "../../client/client.ts";
import { VerdictSnapshot } from "../shared/detector/verdict-snapshot.ts";
import { commandOf } from "../command.ts";
import { type Log, logToStderr } from "../shared/output/log.ts";
import { machineWith } from "../shared/process/machine.ts";
import { placeIn } from "../shared/arguments/place.ts";
import { onStopSignal } from "../shared/process/signals.ts";
import { inOneLine } from "../shared/output/trouble.ts";
import { listen } from "./check-listener.ts";
import { parseSettings, type Settings, USAGE } from "./settings.ts";
import { NO_CHANGE, wordFor } from "./word.ts";

const EXIT_CANNOT_LISTEN = 1;
/** How long one read of all verdicts may take. */
const READ_LIMIT_MS = 5_000;
/** The most unknown names that are logged. */
const MAX_COMPLAINTS = 100;

/** Logs once when the detector is lost, and once when it is back. */
const outageTeller = (census: VerdictSnapshot, log: Log): (() => void) => {
  let isOut: boolean | undefined;
  return () => {
    const { outage } = census;
    if (isOut === (outage !== undefined)) return;
    isOut = outage !== undefined;
    if (outage === undefined) log("info", "detector-reached", { targets: census.known?.verdicts.size });
    else log("warn", "detector-lost", { reason: outage.why, consequence: "HAProxy is sent no change" });
  };
};

const answerer = (
  census: VerdictSnapshot,
  { everyMs, holdMs, manner }: Settings,
  now: () => number,
  log: Log,
) => {
  const complaints = new Set<string>();
  const complain = (name: string): void => {
    if (complaints.has(name) || complaints.size >= MAX_COMPLAINTS) return;
    complaints.add(name);
    const reason =
      placeIn(name) === undefined
        ? 'agent-send must name the target: agent-send "SITE/TARGET\\n"'
        : "the detector knows no such target";
    log("warn", "unknown-target", { name: inOneLine(name), reason });
  };
  return (name: string): string => {
    const { known } = census;
    // Decided by age, not by errors: a detector that hangs causes none for a while.
    if (known === undefined || now() - known.readAt > everyMs + holdMs) return NO_CHANGE;
    const verdict = known.verdicts.get(name);
    if (verdict !== undefined) return wordFor(verdict, manner);
    complain(name);
    return NO_CHANGE;
  };
};

const work = async (settings: Settings): Promise<number> => {
  const { url, token, host, port } = settings;
  const machine = machineWith(undefined);
  const log = logToStderr;
  const census = new VerdictSnapshot(new Client(url, token, READ_LIMIT_MS), settings, machine);
  try {
    const server = await listen(host, port, answerer(census, settings, machine.monotonic, log));
    server.on("error", (error) => log("error", "listening", { reason: String(error) }));
  } catch (error) {
    log("error", "cannot-listen", { host, port, reason: (error as Error).message });
    return EXIT_CANNOT_LISTEN;
  }
  log("info", "started", { host, port });
  const stop = new AbortController();
  onStopSignal(() => stop.abort());
  await census.run(stop.signal, outageTeller(census, log));
  return 0;
};

export const haproxyAgent = commandOf({
  name: "haproxy-agent",
  summary: "answer HAProxy's agent-check from verdicts",
  usage: USAGE,
  parse: parseSettings,
  work,
});
