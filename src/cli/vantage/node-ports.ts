import { Client } from "../../client/client.ts";
import type { Channels } from "../../probe/channel.ts";
import { startProbe } from "../../probe/probe.ts";
import type { RunningProbe, ScheduledSpec } from "../../schedule/starter.ts";
import { openDatagrams, openPublicDatagrams } from "../shared/network/udp-sockets.ts";
import { nodeDial, publicDial } from "../shared/network/node-dial.ts";
import { type Machine, machineWith } from "../shared/process/machine.ts";

/** Everything through which a vantage reaches the outside world; tests replace it. */
export interface VantagePorts extends Machine {
  exchange: Client["exchange"];
  /** `now`: the clock by which the probe dates its finding. `channels`: what is learnt about addresses while they are probed. */
  start: (spec: ScheduledSpec, vantage: string, now: () => number, channels: Channels) => RunningProbe;
}

/** Uses only sockets: Node names the cause of a failure, so neither `fetch` nor an autopsy is needed. */
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
