import { Client } from "../../client/client.ts";
import type { Channels } from "../../probe/channel.ts";
import { startProbe } from "../../probe/probe.ts";
import type { RunningProbe, ScheduledSpec } from "../../schedule/starter.ts";
import { openDatagrams, openPublicDatagrams } from "../shared/network/udp-sockets.ts";
import { nodeDial, publicDial } from "../shared/network/node-dial.ts";
import { type Machine, machineWith } from "../shared/process/machine.ts";

/** All by which a vantage reaches the world; tests put another one here. */
export interface VantagePorts extends Machine {
  exchange: Client["exchange"];
  /** `now`: the time by which the probe dates itself. `channels`: what is learnt of places, for as long as they are looked at. */
  start: (spec: ScheduledSpec, vantage: string, now: () => number, channels: Channels) => RunningProbe;
}

/** Sockets alone: Node names what went wrong, so no fetch and no autopsy. */
const startOnNode: VantagePorts["start"] = (spec, vantage, now, channels) =>
  startProbe(spec, {
    dial: spec.publicOnly === true ? publicDial : nodeDial,
    datagrams: spec.publicOnly === true ? openPublicDatagrams : openDatagrams,
    now,
    vantage,
    autopsy: (task) => task(),
    channels,
    relayed: false,
  });

/** The real world. */
export const vantagePorts = (url: string, token: string, state: string): VantagePorts => {
  const client = new Client(url, token);
  return {
    ...machineWith(state),
    exchange: (...call) => client.exchange(...call),
    start: startOnNode,
  };
};
