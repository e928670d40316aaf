/**
 * The real aggregator with silent vantages: they record their assignments and probe nothing, so that the test alone decides what they
 * report.
 */
import { DurableObject } from "cloudflare:workers";
import { Aggregator as RealAggregator } from "../../src/aggregator/aggregator-object.ts";
import { Conductor as RealConductor } from "../../src/conductor/conductor-object.ts";
import type { Bindings } from "../../src/config.ts";
import type { Assignment, ProbeRequest } from "../../src/domain/report.ts";
import type { VantageRpc } from "../../src/domain/rpc.ts";

export { Timepiece } from "../../src/still.ts";

/**
 * The steps of an object that outlive it or that others see, at which it may therefore fall: a row that it writes or an alarm that it sets
 * (to fall before or after it is the same, since after it is before the next); a call of another object, before it is made or after it is
 * answered; a message, before it is sent, after its receiver took it, or after that is written down; an answer that is lost on its way,
 * while what it acknowledges is kept.
 */
export type Place = "row" | `${"before" | "after"} ${string}` | "noted" | "reply";

/** The kind of object that falls. */
export type Kind = "aggregator" | "conductor";

/** The number of steps at the place until the object falls; Infinity: it does not fall. */
let stepsLeft = Infinity;
let fallsAt: Place | null = null;
let falls: Kind = "aggregator";
let shards = "1";

/** From now on an object of this kind falls at the `steps`-th step of this place. */
export const fallAfter = (steps: number, place: Place = "row", kind: Kind = "aggregator"): void => {
  stepsLeft = steps;
  fallsAt = place;
  falls = kind;
};

export const hasFallen = (): boolean => stepsLeft <= 0;

/** Sets the number of shards for objects made from now on. */
export const useShards = (count: number): void => {
  shards = String(count);
};

/** Names of calls that get no answer while they are in this set. */
export const unanswered = new Set<string>();

type Step = (place: Place) => void;
type Calls = Record<string | symbol, (...given: unknown[]) => unknown>;

/** The same objects. Each call of one is a step before it is made and another step once it is answered. */
const watchedCalls = <T extends object>(namespace: T, step: Step, sync: () => Promise<void>): T => {
  const calls = namespace as unknown as Calls;
  const watchedStub = (stub: Calls): Calls =>
    new Proxy(stub, {
      get:
        (_, call) =>
        async (...given: unknown[]): Promise<unknown> => {
          // The platform holds a call back until it has kept what was written before the call.
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
    // The platform lets nothing out before it has kept what was written. It does not hold back a test's substitute for `fetch`.
    if (fallsAt !== null) await storage?.sync();
    step?.("before send");
    const outcome = await send(letter, now);
    step?.("after send");
    return outcome;
  };
};

/** How many steps were taken, by `kind place`. */
export const steps = new Map<string, number>();

/** Makes an object end at a step of its own. Returns the bindings to make the object with, and what its answers pass through. */
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

/** An aggregator that ends at a step of its own. */
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

/** A conductor that ends at a step of its own. */
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

/** Leases under way, which end when a test ends them. */
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

/** Lets the lease of this conductor run out. The caller must be in the conductor's own turn. */
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

/**
 * The assignments that calls handed to each vantage, by `shard/vantage`, the oldest first. A vantage keeps them, whatever becomes of the
 * aggregator.
 */
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
