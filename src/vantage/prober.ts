import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { Addresses } from "../addresses.ts";
import { type Bindings, configOf } from "../config.ts";
import { barTo, parseEndpoint } from "../domain/address.ts";
import type { Attempt, CompleteAttemptRequest } from "../domain/attempt.ts";
import { channelKey, Channels } from "../probe/channel.ts";
import { type RunningProbe, startProbe } from "../probe/probe.ts";
import { type RaceAttempt as Connecting, race } from "../probe/race.ts";
import type { Dial } from "../probe/socket.ts";
import type { Fetch, Wire } from "../probe/wire.ts";
import { resolverFor } from "../resolve.ts";
import { attemptAll } from "./raw-attempts.ts";
import {
  ADDRESSES_AT_ONCE,
  type CrewRpc,
  type CrewDone,
  type CrewOrder,
  type ProbeStanding,
} from "./crew.ts";
import { workersDial } from "./workers-dial.ts";
import { Places } from "./places.ts";

/** A probe that has been silent for this long reports where it stands. Until then it makes no call, which saves quick probes one each. */
const QUIET_MS = 250;
/** A change is reported at most this much later; the judge's patience is at least half a second. */
const LOOK_EVERY_MS = 50;

/** How long an attempt waits for a name to be looked up: only an administrator waits for it. */
const LOOKUP_MS = 2_000;

const systemNow = (): number => Date.now();

/** Where probes run: an invocation of its own, with six connections of its own, none of which outlives it. */
export class Prober extends WorkerEntrypoint<Bindings> {
  /** The means by which an invocation reaches the world; tests put a stricter platform here. */
  static means = (): Means => ({ dial: workersDial, fetch: (url, init) => fetch(url, init) });

  /** The resolver for names; tests put other name servers here. */
  static resolver = resolverFor;

  crew(): Crew {
    return new Crew(Prober.means());
  }

  lookUp(host: string): Promise<string[]> {
    return Prober.resolver(configOf(this.env))(host);
  }

  /** Rejects if private places are not allowed and the URL leads to one by now. */
  async attempt(request: CompleteAttemptRequest): Promise<Attempt[]> {
    const means = Prober.means();
    if (configOf(this.env).allowPrivate) return attemptAll(means, request);
    const endpoint = parseEndpoint(request.url);
    const host = typeof endpoint === "string" ? "" : endpoint.host;
    const told = await new Addresses((name) => this.lookUp(name), systemNow).of(host, LOOKUP_MS);
    const bar = barTo(host, told);
    if (bar !== undefined) throw new Error(bar);
    return attemptAll({ ...means, dial: dialler(means.dial, told?.slice(0, 1) ?? [], host) }, request);
  }
}

export type Means = Pick<Wire, "dial"> & { fetch: Fetch };

class Crew extends RpcTarget implements CrewRpc {
  readonly #means: Means;

  constructor(means: Means) {
    super();
    this.#means = means;
  }

  async probe(
    { spec, vantage, channel }: CrewOrder,
    tell: (standing: ProbeStanding) => unknown,
  ): Promise<CrewDone> {
    const endpoint = parseEndpoint(spec.url);
    const key = typeof endpoint === "string" ? "" : channelKey(endpoint);
    const channels = new Channels(channel === undefined ? [] : [[key, channel]]);
    const places = new Places();
    const running = startProbe(spec, {
      dial: dialler(
        places.dial(this.#means.dial),
        spec.addresses ?? [],
        typeof endpoint === "string" ? "" : endpoint.host,
      ),
      fetch: places.fetch(this.#means.fetch),
      now: systemNow,
      vantage,
      // A crew takes no more probes than it has places for, so no probe waits for another.
      autopsy: (task) => task(),
      channels,
      relayed: true,
    });
    const stop = follow(running, tell);
    const finding = await running.finding.finally(stop);
    const learnt = channels.get(key);
    return { finding, channel: learnt === channel ? undefined : learnt, left: places.held };
  }
}

const after = (ms: number, task: () => void): (() => void) => {
  const timer = setTimeout(task, ms);
  return () => clearTimeout(timer);
};

/**
 * Dials the name's addresses, in turn if there are several: those addresses were checked before, and a new lookup may lead elsewhere. If no
 * address is known Workers looks the name up, since its resolver may know names that others do not. However often one probe dials, it has
 * no more connects pending than `placesFor` counts. TLS goes by name alone: for an address, workerd takes the expected name as an option
 * but complains that it is not supported, so the certificate may be checked against the address.
 */
export const dialler = (dialOne: Dial, addresses: readonly string[], name: string): Dial => {
  const attempts: Connecting[] = [];
  return (address) => {
    const { host, port, tls } = address;
    const [only] = addresses;
    if (tls || host !== name || only === undefined) return dialOne(address);
    if (addresses.length === 1) return dialOne({ host: only, port, tls });
    return race({
      resolve: () => Promise.resolve(addresses),
      connect: (one) => dialOne({ host: one, port, tls: false }),
      atOnce: Math.min(ADDRESSES_AT_ONCE, addresses.length),
      attempts,
      after,
    });
  };
};

/** Reports where a silent probe stands, until the function returned is called. */
const follow = (running: RunningProbe, tell: (standing: ProbeStanding) => unknown): (() => void) => {
  let told = "";
  const look = (): void => {
    timer = setTimeout(look, LOOK_EVERY_MS);
    const standing = {
      stage: running.stage(),
      isResolving: running.isResolving(),
      connectMs: running.connectMs(),
    };
    const text = JSON.stringify(standing);
    if (text === told) return;
    told = text;
    // A caller that no longer receives this will not ask for it either.
    Promise.resolve(tell(standing)).catch(() => undefined);
  };
  let timer = setTimeout(look, QUIET_MS);
  return () => clearTimeout(timer);
};
