import { join } from "node:path";
import { Client } from "../../../client/client.ts";
import { faultsTo } from "../../shared/output/log.ts";
import { type Machine, machineWith } from "../../shared/process/machine.ts";
import { pause } from "../../shared/time/pause.ts";
import type { Settings } from "../settings.ts";
import { Epochs } from "./epochs.ts";
import { GuardMark } from "./guard-mark.ts";
import { readingNow } from "./held-lease.ts";
import { FenceKeeper } from "./fence-keeper.ts";
import { Member } from "./member.ts";
import { callsFor, environmentOf } from "./lead-ports.ts";
import { Position } from "./position.ts";

/** What an agent does for its group beside its heartbeats. */
export interface Lead {
  /** For the next heartbeat. */
  position: () => number | undefined;
  /** Takes part in the group from now on. `service`: the process group of the service, where the agent runs it. */
  begin: (service: number | undefined) => void;
  /** Another process is the service from now on. */
  served: () => void;
  close: (cause: "ended" | "stopping") => Promise<void>;
}

/** Nothing, where the flags name no group. */
const NO_LEAD: Lead = {
  position: () => undefined,
  begin: () => undefined,
  served: () => undefined,
  close: async () => undefined,
};

const LOOK_EVERY_MS = 50;

/** Waits for the guard of an agent that was killed: it may be making the service stop. */
const untilAlone = async (
  mark: GuardMark,
  { after, log }: Pick<Machine, "after" | "log">,
  stop: AbortSignal,
): Promise<void> => {
  for (let isTold = false; !stop.aborted; await pause(after, LOOK_EVERY_MS, stop)) {
    const guard = mark.standing();
    if (guard === null) return;
    if (!isTold)
      log("warn", "earlier-guard", { guard, so: "it takes part in the group once that has ended" });
    isTold = true;
  }
};

/** Without a token an agent cannot ask for the lease. */
export const leadOf = ({ lead, place, url, everyMs }: Settings, token: string | undefined): Lead => {
  if (lead === undefined || token === undefined) return NO_LEAD;
  const machine = machineWith(undefined);
  const { log } = machine;
  const settings = { ...lead, place, environment: environmentOf({ ...lead, place }, process.env) };
  const { environment, limitMs, onFence, group } = settings;
  const stop = new AbortController();
  const position =
    lead.position === undefined
      ? undefined
      : new Position({ command: lead.position, environment, limitMs, everyMs }, machine);
  void position?.run(stop.signal).catch(faultsTo(log));
  let member: Member | undefined;
  const mark = new GuardMark(join(lead.state, `${place.site}.${place.target}.${group}.guard`));
  const takePart = async (service: number | undefined): Promise<void> => {
    const epochs = new Epochs(lead.state, place, group);
    log("info", "member", { group, greatestEpoch: epochs.greatest });
    await untilAlone(mark, machine, stop.signal);
    if (stop.signal.aborted) return;
    const keeper = new FenceKeeper({
      fence: { command: onFence, environment, service },
      limitMs,
      log,
      mark: (guard) => {
        try {
          mark.set(guard);
        } catch (error) {
          log("error", "guard-not-noted", { reason: (error as Error).message });
        }
      },
      fencing: (cause) => member?.fencing(cause),
    });
    const calls = callsFor(new Client(url, token), group);
    member = new Member(settings, { ...machine, ...calls, reading: readingNow, keeper, epochs });
    member.run();
  };
  const begin = (service: number | undefined): void =>
    void takePart(service).catch((error: unknown) =>
      log("error", "no-member", { group, reason: (error as Error).message, so: "it never leads" }),
    );
  return {
    position: () => position?.newest(),
    begin,
    served: () => member?.served(),
    close: async (cause) => {
      stop.abort();
      await member?.close(cause);
    },
  };
};
