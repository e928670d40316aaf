import { aggregatorOf, type Bindings, parseConfig } from "../config.ts";
import type { AggregatorRpc } from "../domain/rpc.ts";
import { type Channel, Channels } from "../probe/channel.ts";
import { startProbe } from "../probe/probe.ts";
import type { Clock } from "../schedule/clock.ts";
import { Slots } from "../schedule/slots.ts";
import type { ProbeSpec, RunningProbe } from "../schedule/starter.ts";
import { readColo } from "./colo.ts";
import { dial } from "./dial.ts";

/** All by which a vantage object reaches the world outside its storage. */
export interface Ports {
  clock: Clock;
  start: (spec: ProbeSpec, vantage: string) => RunningProbe;
  /** What the probers have learnt, for a successor of this object to `recall`. */
  memory: () => string;
  recall: (memory: string) => void;
  /** A fresh stub for every call: one that has thrown is dead. */
  aggregator: (shard: number) => Pick<AggregatorRpc, "report">;
  /** Where this object runs; undefined where that is not to be asked. May reject. */
  readColo: () => Promise<string | undefined>;
}

/** The sixth connection an invocation may hold, beside five probes. */
const AUTOPSY_SLOTS = 1;

const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/** The real world. Where private targets are allowed it ends at this machine, and no colo is read. */
export const livePorts = (env: Bindings): Ports => {
  const config = parseConfig(env);
  const autopsies = new Slots(AUTOPSY_SLOTS);
  let channels = new Channels();
  return {
    clock: systemClock,
    start: (spec, vantage) =>
      startProbe(spec, {
        dial,
        fetch: (url, init) => fetch(url, init),
        now: systemClock.now,
        vantage,
        autopsy: (task) => autopsies.hold(0, task),
        channels,
        relayed: true,
      }),
    memory: () => JSON.stringify(channels.entries()),
    recall: (memory) => {
      channels = channelsIn(memory);
    },
    aggregator: (shard) => aggregatorOf(env, config, shard),
    readColo: () => (config.allowPrivate ? Promise.resolve(undefined) : readColo()),
  };
};

/** What another version of this code has left may be of another form; then everything is learnt anew. */
const channelsIn = (memory: string): Channels => {
  try {
    return new Channels(JSON.parse(memory) as [string, Channel][]);
  } catch {
    return new Channels();
  }
};
