/**
 * The bundle with a wall clock that a test sets: `POST /stepped?shiftMs=` says by how much it is off. All of the process
 * reads it by `Date`, and alarms ring by it as workerd's do: a timer for what was left when one was set, and then not before the
 * clock has come so far (its alarm-scheduler.c++, `checkTimestamp`).
 */

const CLOCK = `
const Real = globalThis.Date;
export const clock = { shiftMs: 0 };
globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + clock.shiftMs);
    else super(...given);
  }
  static now() {
    return Real.now() + clock.shiftMs;
  }
};
`;

const MAIN = `
import { clock } from "./clock.js";
import * as bundle from "./index.js";

export * from "./index.js";

const objects = [];
const stepped = (Base, namespace) =>
  class extends Base {
    #at = null;
    #set;
    constructor(ctx, env) {
      const { storage } = ctx;
      const get = storage.getAlarm.bind(storage);
      const set = storage.setAlarm.bind(storage);
      let self;
      // What a constructor sets, before there is an object to remember it.
      const early = [];
      storage.setAlarm = (at) => (self === undefined ? (early.push(at), Promise.resolve()) : self.#arm(set, at));
      storage.getAlarm = async () => ((await get()) === null ? null : (self?.#at ?? (await get())));
      super(ctx, env);
      self = this;
      this.#set = set;
      for (const at of early) void this.#arm(set, at);
      const id = ctx.id.toString();
      if (!objects.some((one) => one.id === id)) objects.push({ id, namespace });
    }
    #arm(set, at) {
      this.#at = Number(at);
      return set(this.#at - clock.shiftMs);
    }
    async waitForTheClock() {
      if (this.#at !== null && (await this.ctx.storage.getAlarm()) !== null) await this.#set(this.#at - clock.shiftMs);
    }
  };

export const Aggregator = stepped(bundle.Aggregator, "AGGREGATOR");
export const Vantage = stepped(bundle.Vantage, "VANTAGE");
export const Conductor = stepped(bundle.Conductor, "CONDUCTOR");

const step = async (env, shiftMs) => {
  const isBack = shiftMs < clock.shiftMs;
  clock.shiftMs = shiftMs;
  if (isBack)
    for (const { id, namespace } of objects)
      await env[namespace].get(env[namespace].idFromString(id)).waitForTheClock();
  return new Response(null, { status: 204 });
};

export default {
  ...bundle.default,
  fetch: (request, env, ctx) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/stepped") return step(env, Number(searchParams.get("shiftMs")));
    return bundle.default.fetch(request, env, ctx);
  },
};
`;

/** The modules of the bundle whose main one this is, the first to be loaded among them. */
export const steppedModules = (bundle: string) => ({
  mainModule: "main.js",
  modules: {
    "main.js": { type: "esm" as const, contents: MAIN },
    "clock.js": { type: "esm" as const, contents: CLOCK },
    "index.js": { type: "esm" as const, contents: bundle },
  },
});
