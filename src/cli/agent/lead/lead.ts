import { Client } from "../../../client/client.ts";
import { faultsTo } from "../../log.ts";
import { machineWith } from "../../machine.ts";
import type { Settings } from "../settings.ts";
import { Epochs } from "./epochs.ts";
import { readingNow } from "./hold.ts";
import { Keeper } from "./keeper.ts";
import { Member } from "./member.ts";
import { callsFor, environmentOf } from "./ports.ts";
import { Position } from "./position.ts";

/** What an agent does for its group beside its heartbeats. */
export interface Lead {
  /** For the next heartbeat. */
  position: () => number | undefined;
  /** Takes part in the group from now on; `service`: the process group of what the agent runs. */
  begin: (service: number | undefined) => void;
  close: (cause: "ended" | "stopping") => Promise<void>;
}

/** Nothing, where the flags name no group. */
const NO_LEAD: Lead = { position: () => undefined, begin: () => undefined, close: async () => undefined };

/** Without a token it can ask for nothing. */
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
  const begin = (service: number | undefined): void => {
    const epochs = new Epochs(lead.state, place, group);
    try {
      log("info", "member", { group, greatestEpoch: epochs.greatest });
    } catch (error) {
      log("error", "no-member", { group, reason: (error as Error).message, so: "it never leads" });
      return;
    }
    const keeper = new Keeper({
      fence: { command: onFence, environment, service },
      limitMs,
      log,
      fencing: (cause) => member?.fencing(cause),
    });
    const calls = callsFor(new Client(url, token), group);
    member = new Member(settings, { ...machine, ...calls, reading: readingNow, keeper, epochs });
    member.run();
  };
  return {
    position: () => position?.newest(),
    begin,
    close: async (cause) => {
      stop.abort();
      await member?.close(cause);
    },
  };
};
