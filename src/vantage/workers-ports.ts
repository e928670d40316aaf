import { readColo } from "../colo.ts";
import { Addresses } from "../addresses.ts";
import { aggregatorOf, type Bindings, parseConfig } from "../config.ts";
import type { AggregatorRpc } from "../domain/rpc.ts";
import { barTo, isLiteralAddress, parseEndpoint } from "../domain/address.ts";
import type { Finding } from "../domain/observation.ts";
import { channelKey, Channels, channelsIn } from "../probe/channel.ts";
import type { Clock } from "../schedule/clock.ts";
import { unmeasured } from "../schedule/in-flight.ts";
import { WORKER_SLOTS } from "../schedule/slots.ts";
import type { RunningProbe, ScheduledSpec } from "../schedule/starter.ts";
import { type CrewRpc, placesFor, type ProbeStanding } from "./crew.ts";
import { Crews } from "./crews.ts";

/** Everything by which a vantage object reaches the world outside its storage. */
export interface WorkersPorts {
  clock: Clock;
  start: (spec: ScheduledSpec, vantage: string) => RunningProbe;
  /** How many probes may wait at once. */
  slots: number;
  /** What the probers have learnt, for a successor of this object to `recall`. */
  memory: () => string;
  recall: (memory: string) => void;
  /** Forgets what was learnt of all other places. */
  retain: (urls: string[]) => void;
  /** A fresh stub for every call: one that has thrown is dead. */
  aggregator: (shard: number) => Pick<AggregatorRpc, "report">;
  /** Where this object runs; undefined if it must not be asked for. May reject. */
  readColo: () => Promise<string | undefined>;
}

/** A crew that has not answered this long after its timeout is given up; the schedule gives up a second later. */
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
  Prober: { crew(): Promise<CrewRpc & Disposable>; lookUp(host: string): Promise<string[]> };
}

/** The real world. If private targets are allowed it ends at this machine, and no colo is read. */
export const livePorts = (env: Bindings, exports: ProberExports): WorkersPorts => {
  const config = parseConfig(env);
  // Lookups run outside this object's own invocation, whose outgoing calls are limited: a tick may look at more names than it has calls.
  const addresses = new Addresses((host) => exports.Prober.lookUp(host), systemClock.now);
  // The deployment chose its controls itself.
  const isTrusted = (url: string): boolean => config.allowPrivate || config.controls.includes(url);
  const crews = new Crews(async () => {
    const crew = await exports.Prober.crew();
    return { crew, letGo: () => crew[Symbol.dispose]() };
  }, systemClock);
  let channels = new Channels();
  return {
    clock: systemClock,
    start: (spec, vantage) => startInCrew({ crews, channels, addresses, isTrusted }, spec, vantage),
    slots: WORKER_SLOTS,
    memory: () => channels.toString(),
    recall: (memory) => {
      channels = channelsIn(memory);
    },
    retain: (urls) => channels.retain(urls),
    aggregator: (shard) => aggregatorOf(env, config, shard),
    readColo: () => (config.allowPrivate ? Promise.resolve(undefined) : readColo()),
  };
};

interface Means {
  crews: Crews;
  channels: Channels;
  addresses: Addresses;
  /** Whether this URL may lead to a private place. */
  isTrusted: (url: string) => boolean;
}

const startInCrew = (means: Means, spec: ScheduledSpec, vantage: string): RunningProbe => {
  const begin = systemClock.now();
  let standing: ProbeStanding = { stage: "unknown", isResolving: false, connectMs: undefined };
  const tell = (now: ProbeStanding): void => {
    standing = now;
  };
  const find = async (): Promise<Finding> => {
    try {
      return await findInCrew(means, spec, vantage, tell);
    } catch (cause) {
      // A failure of our own is never the target's.
      const why = cause instanceof Error ? cause.message : typeof cause;
      return unmeasured(`the prober could not be called: ${why}`, systemClock.now() - begin);
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

/** The answer for a name without an address. The platform does not get the name: it might find an address, and connect there. */
const NAMELESS = { outcome: "dns_failure", stage: "connect", detail: "the name has no address" } as const;

const findInCrew = async (
  { crews, channels, addresses, isTrusted }: Means,
  spec: ScheduledSpec,
  vantage: string,
  tell: (standing: ProbeStanding) => void,
): Promise<Finding> => {
  const endpoint = parseEndpoint(spec.url);
  if (typeof endpoint === "string") throw new Error(`the URL ${endpoint}`);
  const { host } = endpoint;
  const key = channelKey(endpoint);
  const begin = systemClock.now();
  const told = await addresses.of(host);
  if (!isTrusted(spec.url)) {
    const bar = barTo(host, told);
    if (bar !== undefined) return unmeasured(bar, systemClock.now() - begin);
    if (told?.length === 0) {
      addresses.doubt(host);
      return { ...NAMELESS, totalMs: systemClock.now() - begin };
    }
  }
  const known = isLiteralAddress(host) ? [] : (told ?? []);
  const done = await crews.run(placesFor(endpoint, known), spec.timeoutMs + ANSWER_GRACE_MS, (crew) =>
    crew.probe({ spec: { ...spec, addresses: known }, vantage, channel: channels.get(key) }, tell),
  );
  if (done.channel !== undefined) channels.adopt(key, done.channel);
  const { outcome } = done.finding;
  if (outcome !== "ok" && outcome !== "app_error") addresses.doubt(host);
  return done.finding;
};
