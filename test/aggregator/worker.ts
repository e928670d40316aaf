/**
 * The real aggregator with silent vantages: they record what they are told and probe nothing, so
 * that a test alone decides what is reported.
 */
import { DurableObject } from "cloudflare:workers";
import { Aggregator as RealAggregator } from "../../src/aggregator/aggregator-object.ts";
import { Conductor as RealConductor } from "../../src/conductor/conductor-object.ts";
import type { Bindings } from "../../src/config.ts";
import type { Assignment, ProbeRequest } from "../../src/domain/report.ts";
import type { VantageRpc } from "../../src/domain/rpc.ts";

export { Timepiece } from "../../src/still.ts";

/**
 * What an object does that outlives it or that others see, and where it may fall therefore: a row that is written or an alarm that is
 * set (before or behind it is the same: the next has none); a call of another object, not made yet or answered already; a message, not
 * sent yet, or taken by its receiver, or taken and written down; an answer that is lost on its way, while what it acknowledges is kept.
 */
export type Place = "row" | `${"before" | "after"} ${string}` | "noted" | "reply";

/** Who falls. */
export type Kind = "aggregator" | "conductor";

/** So many more steps at the place, none while that is not said. */
let stepsLeft = Infinity;
let fallsAt: Place | null = null;
let falls: Kind = "aggregator";
let shards = "1";

/** From now on whichever object of the kind takes this step falls at it. */
export const fallAfter = (steps: number, place: Place = "row", kind: Kind = "aggregator"): void => {
  stepsLeft = steps;
  fallsAt = place;
  falls = kind;
};

export const hasFallen = (): boolean => stepsLeft <= 0;

/** Objects made from now on are of so many shards. */
export const useShards = (count: number): void => {
  shards = String(count);
};

/** Calls that nobody answers from now on, until they are taken out again. */
export const unanswered = new Set<string>();

type Step = (place: Place) => void;
type Calls = Record<string | symbol, (...given: unknown[]) => unknown>;

/** The same objects, each call of one being a step before it is made and another once it is answered. */
const watchedCalls = <T extends object>(namespace: T, step: Step, sync: () => Promise<void>): T => {
  const calls = namespace as unknown as Calls;
  const watchedStub = (stub: Calls): Calls =>
    new Proxy(stub, {
      get:
        (_, call) =>
        async (...given: unknown[]): Promise<unknown> => {
          // What was written before it is kept by then: the platform holds a call back until it is.
          if (fallsAt === `before ${String(call)}`) await sync();
          step(`before ${String(call)}`);
          if (unanswered.has(String(call))) return new Promise(() => undefined);
          const answer = await stub[call]?.(...given);
          step(`after ${String(call)}`);
          return answer;
        },
    });
  return new Proxy(namespace, {
    get:
      (_, name) =>
      (...given: unknown[]): unknown => {
        const found = calls[name]?.(...given);
        return name === "get" ? watchedStub(found as Calls) : found;
      },
  });
};

const watches = new WeakMap<Bindings, { step: Step; storage: DurableObjectStorage }>();
const { sending } = RealAggregator;
RealAggregator.sending = (env) => {
  const send = sending(env);
  return async (letter, now) => {
    const { step, storage } = watches.get(env) ?? {};
    // The platform lets nothing out before what was written is kept. A `fetch` that a test stands in for is not held back by it.
    if (fallsAt !== null) await storage?.sync();
    step?.("before send");
    const outcome = await send(letter, now);
    step?.("after send");
    return outcome;
  };
};

/** How many steps were taken, by `kind place`. */
export const steps = new Map<string, number>();

/** Has an object end at a step of its own: what it is to be made with instead, and what its answers go through. */
const watch = (ctx: DurableObjectState, env: Bindings, kind: Kind) => {
  const step: Step = (place) => {
    const what = `${kind} ${place}`;
    steps.set(what, (steps.get(what) ?? 0) + 1);
    if (place !== fallsAt || kind !== falls) return;
    stepsLeft -= 1;
    if (stepsLeft !== 0) return;
    ctx.abort("fell on purpose");
    throw new Error("fell on purpose");
  };
  const { storage } = ctx;
  const { sql } = storage;
  const exec = sql.exec.bind(sql) as (query: string, ...bindings: unknown[]) => unknown;
  Object.defineProperty(sql, "exec", {
    value: (query: string, ...bindings: unknown[]) => {
      const cursor = exec(query, ...bindings);
      if (!/^\s*SELECT/i.test(query)) step("row");
      if (fallsAt === "noted" && query.startsWith("INSERT INTO tallies"))
        void storage
          .sync()
          .then(() => step("noted"))
          .catch(() => undefined);
      return cursor;
    },
  });
  const setAlarm = storage.setAlarm.bind(storage);
  Object.defineProperty(storage, "setAlarm", {
    value: (...given: Parameters<typeof setAlarm>) => {
      const set = setAlarm(...given);
      step("row");
      return set;
    },
  });
  const sync = (): Promise<void> => storage.sync();
  const watched: Bindings = {
    ...env,
    SHARDS: shards,
    AGGREGATOR: watchedCalls(env.AGGREGATOR, step, sync),
    VANTAGE: watchedCalls(env.VANTAGE, step, sync),
    CONDUCTOR: watchedCalls(env.CONDUCTOR, step, sync),
  };
  watches.set(watched, { step, storage });
  const answered = async (): Promise<void> => {
    if (fallsAt !== "reply" || kind !== falls) return;
    await storage.sync();
    step("reply");
  };
  return { watched, answered };
};

/** One that ends at a step of its own. */
export class Aggregator extends RealAggregator {
  readonly #answered: () => Promise<void>;

  constructor(ctx: DurableObjectState, env: Bindings) {
    const { watched, answered } = watch(ctx, env, "aggregator");
    super(ctx, watched);
    this.#answered = answered;
  }

  async answered<T>(work: Promise<T>): Promise<T> {
    const answer = await work;
    await this.#answered();
    return answer;
  }
}

/** The same of a conductor. */
export class Conductor extends RealConductor {
  readonly #answered: () => Promise<void>;

  constructor(ctx: DurableObjectState, env: Bindings) {
    const { watched, answered } = watch(ctx, env, "conductor");
    super(ctx, watched);
    this.#answered = answered;
  }

  async answered<T>(work: Promise<T>): Promise<T> {
    const answer = await work;
    await this.#answered();
    return answer;
  }
}

/** Leases under way, which end when a test says so. */
const leases = new Map<DurableObjectStorage, () => void>();
RealConductor.counting = ({ storage }, _leaseMs, end) => {
  steps.set("lease counted", (steps.get("lease counted") ?? 0) + 1);
  leases.set(storage, end);
  return {
    stop: () => {
      if (leases.get(storage) === end) leases.delete(storage);
    },
  };
};

/** So much time passes that the lease of this conductor, in whose own turn it is called, has run out. */
export const runOut = ({ storage }: DurableObjectState): void => {
  leases.get(storage)?.();
};

/** Calls that change something, whose answers may be lost. */
const ANSWERED = [
  "report",
  "putTarget",
  "deleteTarget",
  "putOverride",
  "deleteOverride",
  "startDrill",
  "stopDrill",
  "putWebhook",
  "testWebhook",
  "memberViews",
  "noteGroup",
  "takeFromGroup",
] as const;
const ANSWERED_BY_CONDUCTOR = ["put", "remove", "lease", "change", "freeze", "thaw", "views"] as const;

type Answering = { answered<T>(work: Promise<T>): Promise<T> };
const loses = <C extends string>(
  { prototype }: { prototype: Answering & Record<C, unknown> },
  calls: readonly C[],
): void => {
  for (const call of calls) {
    const real = prototype[call] as (...given: unknown[]) => Promise<unknown>;
    Object.defineProperty(prototype, call, {
      value(this: Answering, ...given: unknown[]) {
        return this.answered(real.apply(this, given));
      },
    });
  }
};
loses(Aggregator, ANSWERED);
loses(Conductor, ANSWERED_BY_CONDUCTOR);

/** What each vantage was handed by calls, by `shard/vantage`, the oldest first. It keeps that, whatever becomes of the aggregator. */
export const handed = new Map<string, Assignment[]>();

export class Vantage extends DurableObject implements VantageRpc {
  #armed = false;
  assignments: Assignment[] = [];
  asked: ProbeRequest[] = [];

  async configure(assignment: Assignment): Promise<{ armed: boolean }> {
    this.assignments.push(assignment);
    const place = `${assignment.shard}/${assignment.vantage}`;
    handed.set(place, [...(handed.get(place) ?? []), assignment]);
    const armed = this.#armed;
    this.#armed = assignment.targets.length > 0;
    return { armed };
  }

  async probeNow(requests: ProbeRequest[]): Promise<void> {
    this.asked.push(...requests);
  }

  attempt(): Promise<never> {
    return Promise.reject(new Error("these vantages reach nothing"));
  }
}

export default { fetch: () => new Response(null, { status: 404 }) } satisfies ExportedHandler;
