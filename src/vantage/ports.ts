import type { AggregatorRpc } from "../domain/rpc.ts";
import type { Clock } from "../schedule/clock.ts";
import type { ProbeSpec, RunningProbe } from "../schedule/starter.ts";

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
