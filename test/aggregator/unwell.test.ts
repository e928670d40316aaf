import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadOf, Punctuality } from "../../src/aggregator/overload.ts";
import { type Condition, fewWarnings, troubleOf } from "../../src/aggregator/unwell.ts";
import { REGIONS, settledWorld, World } from "../verdict/world.ts";

const CONTROL = "tcp://control:1";
const INTERVAL_MS = 5_000;

const conditionOf = (world: World, more: Partial<Condition> = {}): Condition => ({
  state: world.state,
  load: loadOf(world.state, new Punctuality(), world.now),
  controls: [CONTROL],
  shards: null,
  setBack: null,
  ahead: [],
  outdated: [],
  unkept: null,
  webhooks: [],
  tried: new Set(),
  ...more,
});

const reasonsIn = (world: World, more: Partial<Condition> = {}): string[] =>
  troubleOf(conditionOf(world, more), world.now).reasons;

/** Two sites of two targets each. A control answers each vantage. */
const checkedWorld = (regions = REGIONS): World => {
  const world = new World({ regions, asText: false });
  for (const region of regions) world.control(region, true);
  for (const key of ["fra/db-1", "fra/db-2", "ams/web-1", "ams/web-2"]) world.place(key);
  world.run(30_000);
  return world;
};

interface Cause {
  cause: string;
  reason: RegExp;
  /** Causes the trouble in a world that is well, within three intervals. */
  bring?: (world: World) => void;
  more?: (world: World) => Partial<Condition>;
}

const late = (world: World, ms: number): Partial<Condition> => {
  const punctuality = new Punctuality();
  punctuality.rang(world.now - ms, world.now);
  return { load: loadOf(world.state, punctuality, world.now) };
};

const missed = (world: World): Partial<Condition> => {
  const punctuality = new Punctuality();
  const report = { vantage: "oc", madeAt: world.now, turns: { due: 5, missed: 3, slots: 5, heldMs: 900 } };
  for (let n = 0; n < 2; n++) punctuality.heard([{ kind: "report", report }] as never, world.now);
  return { load: loadOf(world.state, punctuality, world.now) };
};

const CAUSES: Cause[] = [
  {
    cause: "fewer sound vantages than a quorum",
    reason:
      /^too few sound vantages to confirm anything of fra\/db-1.*: .*wnam faulty: 1 of 1 controls silent/,
    bring: (world) => {
      for (const region of REGIONS.slice(0, 5)) world.control(region, false);
    },
  },
  {
    cause: "all controls and all targets silent",
    reason: /^control tcp:\/\/control:1 answers none of 7 vantages, and nothing else shows/,
    bring: (world) => {
      for (const region of REGIONS) world.control(region, false);
      for (const key of world.state.targets.keys()) world.set(key, "silent");
    },
  },
  {
    cause: "a control that answers nobody",
    reason: /^control tcp:\/\/control:1 answers none of 7 vantages, which are answered elsewhere/,
    bring: (world) => {
      for (const region of REGIONS) world.control(region, false);
    },
  },
  {
    cause: "a clock that was set back",
    reason: /^the clock was set back by 60 min at 20/,
    more: ({ now }) => ({ setBack: { at: now, byMs: 3_600_000 } }),
  },
  {
    cause: "a vantage whose clock is ahead",
    reason: /^the clock of vantage oc is 60 s ahead/,
    more: () => ({ ahead: [["oc", 60_000]] }),
  },
  {
    cause: "a journal that cannot be written",
    reason: /^nothing can be kept since 20.*, so nothing is judged: Error: database or disk is full/,
    more: ({ now }) => ({ unkept: { since: now, reason: "Error: database or disk is full" } }),
  },
  {
    cause: "probes that get no turn",
    reason: /^vantage oc does not keep up: within two minutes 6 of 10 turns/,
    more: missed,
  },
  {
    cause: "an old assignment",
    reason: /^vantage oc works by an old assignment \(version 3\)/,
    more: () => ({ outdated: [["oc", 3]] }),
  },
  {
    cause: "webhooks that pile up",
    reason: /^webhook pager takes nothing: 7 messages wait for it, the oldest for 11 min/,
    more: ({ now }) => ({
      webhooks: [{ id: "pager", pending: 7, oldestAt: now - 660_000, refused: null }],
    }),
  },
  {
    cause: "a webhook whose receiver refuses what it is sent",
    reason: /^webhook pager is refused by its receiver: answered 400: invalid key$/,
    more: () => ({
      webhooks: [{ id: "pager", pending: 0, oldestAt: null, refused: "answered 400: invalid key" }],
    }),
  },
  {
    cause: "a vantage that stopped",
    reason: /^vantage oc has stopped reporting/,
    bring: (world) => {
      world.mute("oc");
      world.run(2 * INTERVAL_MS);
    },
  },
  {
    cause: "an alarm that rang late",
    reason: /an alarm rang 9\.0 s late/,
    more: (world) => late(world, 9_000),
  },
  {
    cause: "evidence that is too old",
    reason: /^too old to act on.*the evidence on fra\/db-1/,
    bring: (world) => {
      for (const region of REGIONS) world.mute(region);
      world.run(INTERVAL_MS);
    },
  },
  {
    cause: "most targets silent at once",
    reason: /^most targets fell silent at once/,
    bring: (world) => {
      for (const key of world.state.targets.keys()) world.set(key, "silent");
    },
  },
  {
    cause: "a target in a private place, stored while that was allowed",
    reason: /^not looked at, as ALLOW_PRIVATE is not true .*: fra\/db-1$/,
    bring: (world) => world.configure("fra/db-1", { paused: true, barred: "in a private place" }),
  },
  {
    cause: "a changed number of shards",
    reason: /^SHARDS was 1/,
    more: () => ({ shards: "SHARDS was 1 at first start" }),
  },
];

describe("what makes verdicts unbelievable", () => {
  it("is nothing where all is well, with and without controls, and with few vantages", () => {
    expect(reasonsIn(checkedWorld())).toEqual([]);
    expect(reasonsIn(settledWorld(), { controls: [] })).toEqual([]);
    for (const count of [1, 2, 3]) expect(reasonsIn(checkedWorld(REGIONS.slice(0, count)))).toEqual([]);
  });

  it("is told beforehand where so few look that nothing is ever confirmed", () => {
    const fewIn = (regions: string[]): string => fewWarnings(checkedWorld(regions).state).join();
    expect(fewIn(REGIONS.slice(0, 1))).toMatch(/^so few vantages look at them .*fra\/db-1, fra\/db-2/);
    expect(fewIn(REGIONS.slice(0, 2))).toMatch(/^so few vantages look at them/);
    expect(fewIn(REGIONS.slice(0, 3))).toBe("");
    expect(fewWarnings(new World({ regions: ["weur"] }).state).join()).toMatch(/^too few vantages .* \(1\)/);
    const world = checkedWorld();
    world.configure("fra/db-1", { vantages: ["weur"] });
    world.configure("fra/db-2", { vantages: ["weur"], policy: { minVantages: 1 } });
    world.configure("ams/web-1", { vantages: ["weur"], paused: true });
    expect(fewWarnings(world.state)).toEqual([expect.stringMatching(/: fra\/db-1$/)]);
  });

  it.each(CAUSES)("$cause is said within three intervals", ({ reason, bring, more }) => {
    const world = checkedWorld();
    const before = reasonsIn(world);
    bring?.(world);
    world.run(3 * INTERVAL_MS);
    const reasons = reasonsIn(world, more?.(world) ?? {});
    expect(before).toEqual([]);
    expect(reasons.filter((one) => reason.test(one))).toHaveLength(1);
    const { causes } = troubleOf(conditionOf(world, more?.(world) ?? {}), world.now);
    expect(causes.length).toBeGreaterThan(0);
    const { unnamed } = troubleOf(conditionOf(world, more?.(world) ?? {}), world.now);
    expect(unnamed).toHaveLength(reasons.length);
    for (const text of unnamed) expect(text).not.toMatch(/fra|ams|db-|web-1|hook-/);
    // A reader confined to some sites sees these texts: they name no site, target, vantage or webhook, and no number.
    const named = /fra|ams|db-|web-1|hook-|control:|\d/;
    for (const text of causes) {
      expect(text).not.toMatch(named);
      for (const region of REGIONS) expect(text.split(/\W+/)).not.toContain(region);
    }
  });

  it("a target's own fault is none of ours", () => {
    const world = checkedWorld();
    world.set("fra/db-1", "silent");
    world.set("ams/web-1", "refused");
    world.run(60_000);
    expect(reasonsIn(world)).toEqual([]);
  });

  it("is no control that has never answered while another does, but that control is named", () => {
    const world = new World({ asText: false });
    for (const region of REGIONS) world.control(region, false);
    world.place("fra/db-1");
    world.place("fra/db-2");
    world.run(120_000);
    expect(world.answer("fra/db-1")).toMatchObject({ verdict: "alive", confirmed: true });
    expect(reasonsIn(world)).toEqual([
      expect.stringMatching(/^control .* answers none of 7 vantages, which are answered/),
    ]);
  });

  it("whatever befalls the vantages: no verdict is stale or unknown for three intervals without a reason", () => {
    const fault = fc.record({
      afterMs: fc.integer({ min: 500, max: 30_000 }),
      who: fc.subarray(REGIONS, { minLength: 1 }),
      what: fc.constantFrom("mute" as const, "deaf" as const, "blind" as const, "well" as const),
    });
    fc.assert(
      fc.property(fc.array(fault, { minLength: 1, maxLength: 6 }), (faults) => {
        const world = checkedWorld();
        let silentMs = 0;
        const watch = (forMs: number): void => {
          for (let passed = 0; passed < forMs; passed += 500) {
            world.run(500);
            const isBelieved = [...world.state.targets.keys()].every((key) => {
              const { verdict, stale } = world.answer(key);
              return verdict !== "unknown" && !stale;
            });
            silentMs = isBelieved || reasonsIn(world).length > 0 ? 0 : silentMs + 500;
            expect(silentMs).toBeLessThan(3 * INTERVAL_MS);
          }
        };
        for (const { afterMs, who, what } of faults) {
          for (const region of who) {
            world.mute(region, what === "mute");
            world.control(region, what !== "deaf" && what !== "blind");
            for (const key of world.state.targets.keys())
              world.set(key, what === "blind" ? "silent" : "ok", [region]);
          }
          watch(afterMs);
        }
        watch(60_000);
      }),
      { numRuns: 25 },
    );
  });
});
