import { aggregatorOf, type Bindings, parseConfig } from "../config.ts";
import type { AggregatorRpc } from "../domain/rpc.ts";
import { isLiteralAddress, parseEndpoint } from "../domain/address.ts";
import type { Finding } from "../domain/observation.ts";
import { type Channel, channelKey, Channels } from "../probe/channel.ts";
import type { Clock } from "../schedule/clock.ts";
import { unmeasured } from "../schedule/flights.ts";
import type { ProbeSpec, RunningProbe } from "../schedule/starter.ts";
import { readColo } from "./colo.ts";
import { type CrewRpc, PLACES, placesFor, type Standing } from "./crew.ts";
import { Crews } from "./crews.ts";

/** All by which a vantage object reaches the world outside its storage. */
export interface Ports {
  clock: Clock;
  start: (spec: ProbeSpec, vantage: string) => RunningProbe;
  /** How many probes may wait at once. */
  slots: number;
  /** What the probers have learnt, for a successor of this object to `recall`. */
  memory: () => string;
  recall: (memory: string) => void;
  /** A fresh stub for every call: one that has thrown is dead. */
  aggregator: (shard: number) => Pick<AggregatorRpc, "report">;
  /** Where this object runs; undefined where that is not to be asked. May reject. */
  readColo: () => Promise<string | undefined>;
}

/**
 * Probes at once: the invocations they run in bring six connections each. Not more, since each of them holds a little of the
 * memory that all objects of an isolate share, and a site with all of its hosts silent asks for as many invocations as that takes.
 */
const SLOTS = 20;
/** So much after its timeout a crew that has not answered is not waited for any more; the schedule gives up a second later. */
const ANSWER_GRACE_MS = 4_000;

const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/** The Worker's own exports, as far as a vantage calls them. */
export interface ProberExports {
  Prober: { crew(): Promise<CrewRpc & Disposable> };
}

/** The real world. Where private targets are allowed it ends at this machine, and no colo is read. */
export const livePorts = (env: Bindings, exports: ProberExports): Ports => {
  const config = parseConfig(env);
  const crews = new Crews(async () => {
    const crew = await exports.Prober.crew();
    return { crew, letGo: () => crew[Symbol.dispose]() };
  }, systemClock);
  let channels = new Channels();
  return {
    clock: systemClock,
    start: (spec, vantage) => startInCrew(crews, channels, spec, vantage),
    slots: SLOTS,
    memory: () => JSON.stringify(channels.entries()),
    recall: (memory) => {
      channels = channelsIn(memory);
    },
    aggregator: (shard) => aggregatorOf(env, config, shard),
    readColo: () => (config.allowPrivate ? Promise.resolve(undefined) : readColo()),
  };
};

const startInCrew = (crews: Crews, channels: Channels, spec: ProbeSpec, vantage: string): RunningProbe => {
  const begin = systemClock.now();
  let standing: Standing = { stage: "unknown", isResolving: false, connectMs: undefined };
  const endpoint = parseEndpoint(spec.url);
  const key = typeof endpoint === "string" ? "" : channelKey(endpoint);
  const places = typeof endpoint === "string" ? PLACES : placesFor(endpoint, isLiteralAddress(endpoint.host));
  const order = { spec, vantage, channel: channels.get(key) };
  const tell = (now: Standing): void => {
    standing = now;
  };
  const find = async (): Promise<Finding> => {
    try {
      const limitMs = spec.timeoutMs + ANSWER_GRACE_MS;
      const done = await crews.run(places, limitMs, (crew) => crew.probe(order, tell));
      if (done.channel !== undefined) channels.adopt(key, done.channel);
      return done.finding;
    } catch (cause) {
      // Our own trouble is never the target's.
      return unmeasured(
        `the prober could not be called: ${cause instanceof Error ? cause.message : "?"}`,
        systemClock.now() - begin,
      );
    }
  };
  return {
    begin,
    stage: () => standing.stage,
    isResolving: () => standing.isResolving,
    connectMs: () => standing.connectMs,
    finding: find(),
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
