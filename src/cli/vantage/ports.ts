import { Client } from "../../client/client.ts";
import { Channels } from "../../probe/channel.ts";
import { startProbe } from "../../probe/probe.ts";
import type { ProbeSpec, RunningProbe } from "../../schedule/starter.ts";
import { dial } from "../dial.ts";
import { type Machine, machineWith } from "../machine.ts";
import type { Settings } from "./settings.ts";

/** All by which a vantage reaches the world; tests put another one here. */
export interface VantagePorts extends Machine {
  exchange: Client["exchange"];
  /** `now`: the time by which the probe dates itself. */
  start: (spec: ProbeSpec, vantage: string, now: () => number) => RunningProbe;
}

/** Sockets alone: Node names what went wrong, so no fetch, no autopsy and nothing to be learnt of channels. */
const startOnNode: VantagePorts["start"] = (spec, vantage, now) =>
  startProbe(spec, {
    dial,
    now,
    vantage,
    autopsy: (task) => task(),
    channels: new Channels(),
    relayed: false,
  });

/** The real world. */
export const nodePorts = ({ url, token, state }: Settings): VantagePorts => {
  const client = new Client(url, token);
  return {
    ...machineWith(state),
    exchange: (...call) => client.exchange(...call),
    start: startOnNode,
  };
};
