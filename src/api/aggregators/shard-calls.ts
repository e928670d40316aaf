import { type Asked, isAudited } from "../../domain/audit.ts";
import { aggregatorOf, type Bindings, type Config } from "../../config.ts";
import type { AggregatorRpc } from "../../domain/rpc.ts";
import { shardOf } from "../../domain/shard-of.ts";
import type { ApiContext } from "../context.ts";
import { within } from "./within.ts";
import type { CoalescedReads } from "./coalesced-reads.ts";
import { reasonOf, warn } from "../errors/log-line.ts";
import { ApiError } from "../errors/api-error.ts";

/** How long a read may take before it counts as our own trouble. */
export const READ_LIMIT_MS = 1_000;
/** How long to wait for a shard that learns of a change by asking within a minute anyway. */
const TELL_LIMIT_MS = 2_000;
/** A write may push new assignments across the world before it answers, and giving up on it undoes nothing. */
export const WRITE_LIMIT_MS = 10_000;

/** What a call of an aggregator needs: bindings and configuration. */
export interface Deployment {
  env: Bindings;
  config: Config;
}

type Ask<T> = (aggregator: AggregatorRpc) => PromiseLike<T>;

/** An overloaded object is never asked again: repeated calls would keep it overloaded. */
export const mayRetry = (error: unknown): boolean => {
  const { retryable, overloaded } = (error ?? {}) as { retryable?: unknown; overloaded?: unknown };
  return retryable === true && overloaded !== true;
};

/** Each attempt takes a fresh stub: a stub that has thrown is dead for good. */
const attempt = async <T>({ env, config }: Deployment, shard: number, ask: Ask<T>): Promise<T> =>
  await ask(aggregatorOf(env, config, shard));

const attemptTwice = async <T>(at: Deployment, shard: number, ask: Ask<T>): Promise<T> => {
  try {
    return await ask(aggregatorOf(at.env, at.config, shard));
  } catch (error) {
    if (!mayRetry(error)) throw error;
    return await attempt(at, shard, ask);
  }
};

/** Awaits a call of a shard. Any exception becomes a 503 `unavailable`. */
const told = async <T>(shard: number, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    warn("api.aggregator", { shard, reason: reasonOf(error) });
    throw new ApiError("unavailable", `shard ${shard} did not answer; try again shortly`);
  }
};

const settle = <T>(shard: number, limitMs: number, work: Promise<T>): Promise<T> =>
  told(shard, within(limitMs, work));

/** The deployment a request was admitted to. */
const deploymentOf = (c: ApiContext): Deployment => ({ env: c.env, config: c.get("config") });

/** Reads from one shard's aggregator: at most a second, one more attempt if the platform allows it. Throws ApiError `unavailable`. */
export const readShard = <T>(at: Deployment, shard: number, ask: Ask<T>): Promise<T> =>
  settle(shard, READ_LIMIT_MS, attemptTwice(at, shard, ask));

/** The same by one call for all requests that ask for `key` while it is under way, each waiting at most a second. */
export const readShardTogether = <T>(
  at: Deployment,
  shard: number,
  flights: CoalescedReads,
  key: string,
  ask: Ask<T>,
): Promise<T> =>
  told(
    shard,
    flights.share(key, READ_LIMIT_MS, () => attemptTwice(at, shard, ask)),
  );

/** The same of the shard that holds a site. */
export const readSite = <T>(c: ApiContext, site: string, ask: Ask<T>): Promise<T> => {
  const at = deploymentOf(c);
  return readShard(at, shardOf(site, at.config.shards), ask);
};

/** The same of every shard, or of these, in their order. One shard that does not answer fails all: half a list looks whole. */
export const readAll = <T>(c: ApiContext, ask: Ask<T>, shards = shardsOf(c.get("config"))): Promise<T[]> => {
  const at = deploymentOf(c);
  return Promise.all(shards.map((shard) => readShard(at, shard, ask)));
};

/** The same of these shards, each with its answer. */
export const readEach = async <T>(
  c: ApiContext,
  shards: readonly number[],
  ask: (aggregator: AggregatorRpc, shard: number) => PromiseLike<T>,
): Promise<Map<number, T>> => {
  const at = deploymentOf(c);
  const read = async (shard: number): Promise<[number, T]> => [
    shard,
    await readShard(at, shard, (a) => ask(a, shard)),
  ];
  return new Map(await Promise.all(shards.map(read)));
};

/** The same of every shard that answers, for parts that may be missing from an answer. */
export const readAnswering = async <T>(c: ApiContext, ask: Ask<T>): Promise<T[]> => {
  const at = deploymentOf(c);
  const settled = await Promise.allSettled(shardsOf(at.config).map((shard) => readShard(at, shard, ask)));
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
};

/** The runtime's message about a call that the object's release does not have. */
const UNKNOWN_CALL = /does not implement the method/;

/**
 * The result of `call`, or of `otherwise` where the aggregator runs an earlier release without that call, as it does for some seconds after
 * a deployment.
 */
export const unlessEarlier = async <T>(
  call: () => PromiseLike<T>,
  otherwise: () => T | PromiseLike<T>,
): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    if (!UNKNOWN_CALL.test(reasonOf(error))) throw error;
    return otherwise();
  }
};

/** The same aggregator, except that it makes the calls that AUDITED names on behalf of the sender of this request. */
const auditing = (aggregator: AggregatorRpc, asked: Asked): AggregatorRpc => {
  const calls = aggregator as unknown as Record<string | symbol, (...all: unknown[]) => PromiseLike<unknown>>;
  return new Proxy(aggregator, {
    get:
      (_, call) =>
      (...args: unknown[]): PromiseLike<unknown> | undefined => {
        const direct = () => calls[call]?.(...args);
        return isAudited(call)
          ? unlessEarlier(() => aggregator.audited(asked, call, args), direct)
          : direct();
      },
  });
};

const WHAT_MAX = 300;

/** The sender of this request, for the audit. */
export const askedBy = (c: ApiContext): Asked => ({
  by: c.get("by") ?? c.get("grant").id ?? "unknown",
  what: `${c.req.method} ${c.req.path}`.slice(0, WHAT_MAX),
  request: crypto.randomUUID(),
});

const write = <T>(c: ApiContext, shard: number, ask: Ask<T>, again: boolean): Promise<T> => {
  const asked = askedBy(c);
  const work = (again ? attemptTwice : attempt)(deploymentOf(c), shard, (a) => ask(auditing(a, asked)));
  return settle(shard, WRITE_LIMIT_MS, work);
};

/** Writes to one shard. `again`: doing it twice does no harm, so a second attempt is allowed. */
export const writeShard = <T>(c: ApiContext, shard: number, ask: Ask<T>, again = false): Promise<T> =>
  write(c, shard, ask, again);

/** The same to the shard that holds a site. */
export const writeSite = <T>(c: ApiContext, site: string, ask: Ask<T>, again = false): Promise<T> =>
  write(c, shardOf(site, c.get("config").shards), ask, again);

/** Sends one shard, once, news that no answer waits for. Rejects with ApiError `unavailable`. */
export const tellShard = <T>(at: Deployment, shard: number, ask: Ask<T>): Promise<T> =>
  settle(shard, TELL_LIMIT_MS, attempt(at, shard, ask));

/** The shard that keeps tokens and the list of remote vantages for all. */
const REGISTRY = 0;

export const readRegistry = <T>(c: ApiContext, ask: Ask<T>): Promise<T> =>
  readShard(deploymentOf(c), REGISTRY, ask);

export const writeRegistry = <T>(c: ApiContext, ask: Ask<T>, again = false): Promise<T> =>
  writeShard(c, REGISTRY, ask, again);

/**
 * Has every other shard that can be reached ask shard 0 for what it keeps. A shard that is not reached asks by itself within a minute.
 * Never fails: shard 0 has kept the change, and the answer may be the only one that shows a secret.
 */
export const tellOthers = async (c: ApiContext): Promise<void> => {
  const at = deploymentOf(c);
  const others = shardsOf(at.config).filter((shard) => shard !== REGISTRY);
  const tell = (shard: number): Promise<void> =>
    settle(
      shard,
      TELL_LIMIT_MS,
      attemptTwice(at, shard, (a) => a.follow()),
    );
  // The shards that did not answer are in the log.
  await Promise.allSettled(others.map(tell));
};

/** The shard that the id of a drill or delivery names, as in `drill-3-1`; null where the id is not one of ours. */
export const shardIn = (id: string, { shards }: Config): number | null => {
  const shard = Number(/^[a-z]+-(\d{1,4})-/.exec(id)?.[1] ?? NaN);
  return shard < shards ? shard : null;
};

/** Numbers of all shards. */
export const shardsOf = (config: Config): number[] =>
  Array.from({ length: config.shards }, (_, shard) => shard);
