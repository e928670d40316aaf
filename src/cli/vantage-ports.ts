import type { Client } from "../client/client.ts";
import { Channels } from "../probe/channel.ts";
import { startProbe } from "../probe/probe.ts";
import type { Clock } from "../schedule/clock.ts";
import type { ProbeSpec, RunningProbe } from "../schedule/starter.ts";
import { dial } from "./dial.ts";
import { type Log, logToStderr } from "./log.ts";
import type { Files } from "./vantage-disk.ts";

/** All by which a vantage reaches the world; tests put another one here. */
export interface VantagePorts {
  exchange: Client["exchange"];
  /** Milliseconds, never set. */
  monotonic: () => number;
  /** The machine's own idea of the time, epoch milliseconds: a first guess and no more. */
  wall: () => number;
  after: Clock["after"];
  /** 0 to 1. */
  random: () => number;
  /** `now`: the time by which the probe dates itself. */
  start: (spec: ProbeSpec, vantage: string, now: () => number) => RunningProbe;
  /** Where state is kept; undefined: nowhere. */
  files: Files | undefined;
  log: Log;
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
export const nodePorts = (exchange: Client["exchange"], files: Files | undefined): VantagePorts => ({
  exchange,
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, Math.max(0, ms));
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  start: startOnNode,
  files,
  log: logToStderr,
});
