import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge } from "../../src/verdict/judge.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { dumpState } from "../../src/verdict/memory/target-state.ts";
import { emptyState, type Change } from "../../src/verdict/memory/judge-state.ts";
import { runs } from "../runs.ts";
import type { Condition } from "./condition.ts";
import { REGIONS, World } from "./world.ts";

const KEYS = ["fra/db-1", "fra/db-2", "ams/web-1"];
const CONDITIONS: Condition[] = ["ok", "refused", "silent", "hung", "error", "half", "reset", "body"];

/** Random happenings in a world: conditions change for all vantages or some, and vantages go mute. */
const happenings = fc.array(
  fc.record({
    key: fc.constantFrom(...KEYS),
    condition: fc.constantFrom(...CONDITIONS),
    vantages: fc.option(fc.subarray(REGIONS, { minLength: 1 }), { nil: undefined }),
    mute: fc.option(fc.constantFrom(...REGIONS), { nil: undefined }),
    forMs: fc.integer({ min: 100, max: 20_000 }),
  }),
  { minLength: 1, maxLength: 12 },
);

const live = (events: typeof happenings extends fc.Arbitrary<infer T> ? T : never): World => {
  const world = new World();
  for (const key of KEYS) world.place(key);
  world.run(12_000);
  for (const { key, condition, vantages, mute, forMs } of events) {
    world.set(key, condition, vantages);
    if (mute !== undefined) world.mute(mute);
    world.run(forMs);
  }
  return world;
};

/** An interval, and the time that a report takes. By then every vantage has looked. */
const LOOK_MS = 7_000;

const SIX = ["enam", "weur", "eeur", "apac-ne", "apac-se", "oc"];
const SIX_REFUSED: { condition: Condition; vantages: string[]; forMs: number }[] = [
  { condition: "error", vantages: ["weur"], forMs: 11_626 },
  { condition: "refused", vantages: SIX, forMs: 11_419 },
  { condition: "hung", vantages: ["enam", "eeur"], forMs: 14_886 },
  { condition: "refused", vantages: ["weur", "eeur", "oc"], forMs: 19_479 },
  { condition: "silent", vantages: SIX.slice(1), forMs: 8_652 },
  { condition: "refused", vantages: SIX, forMs: 19_188 },
];

describe("judge", () => {
  it("gives the same transitions and the same state when the evidence is judged again", () => {
    fc.assert(
      fc.property(happenings, (events) => {
        const world = live(events);
        let state = emptyState();
        const changes: Change[] = [];
        for (const { at, events: told } of world.journal) {
          const judgement = judge(state, told, at, TUNING);
          state = judgement.state;
          changes.push(...judgement.changes);
        }
        expect(changes).toEqual(world.changes);
        expect(dumpState(state)).toBe(dumpState(world.state));
      }),
      { numRuns: runs(25) },
    );
  });

  it("never changes the state it was given", () => {
    fc.assert(
      fc.property(happenings, (events) => {
        const world = live(events);
        const before = dumpState(world.state);
        for (const { events: told } of world.journal.slice(-5))
          judge(world.state, told, world.now + 60_000, TUNING);
        expect(dumpState(world.state)).toBe(before);
      }),
      { numRuns: runs(25) },
    );
  });

  it("numbers each target's transitions by one, and advises nothing a verdict does not allow", () => {
    fc.assert(
      fc.property(happenings, (events) => {
        const world = live(events);
        const last = new Map<string, number>();
        for (const { site, target, transition } of world.changes) {
          const key = `${site}/${target}`;
          expect(transition.sequence).toBe((last.get(key) ?? 0) + 1);
          last.set(key, transition.sequence);
          const { advice, to, confirmed } = transition;
          if (advice.failover) expect(["process_crashed", "node_dead"]).toContain(to);
          if (advice.failover) expect(confirmed).toBe(true);
          if (to === "alive" || to === "partitioned") expect(advice.routing).toBe("serve");
        }
      }),
      { numRuns: runs(40) },
    );
  });

  it("confirms no death or crash of a target that some sound vantage reaches throughout, and soon takes back what it called it", () => {
    const conditions = fc.array(
      fc.record({
        condition: fc.constantFrom(...CONDITIONS),
        vantages: fc.subarray(REGIONS.slice(1), { minLength: 1 }),
        forMs: fc.integer({ min: 100, max: 20_000 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(conditions, (events) => {
        const world = new World();
        for (const key of KEYS) world.place(key);
        world.run(12_000);
        for (const { condition, vantages, forMs } of events) {
          world.set("fra/db-1", condition, vantages);
          world.run(forMs);
        }
        world.run(LOOK_MS);
        const said = world.changes.filter(({ site, target }) => `${site}/${target}` === "fra/db-1");
        for (const [index, { transition }] of said.entries()) {
          expect(transition.advice.failover).toBe(false);
          if (!["node_dead", "process_crashed", "unreachable"].includes(transition.to)) continue;
          expect(transition.confirmed).toBe(false);
          const next = said[index + 1]?.transition;
          expect(Date.parse(next?.at ?? "") - Date.parse(transition.at)).toBeLessThan(LOOK_MS);
        }
      }),
      {
        numRuns: runs(60),
        // Six of seven vantages were refused, and no burst was left to ask the seventh before its turn.
        examples: [[SIX_REFUSED]],
      },
    );
  });

  it("takes a report once, however often it arrives", () => {
    const world = live([
      { key: "fra/db-1", condition: "refused", vantages: undefined, mute: undefined, forMs: 3_000 },
    ]);
    const again = world.journal.flatMap(({ events }) => events).filter(({ kind }) => kind === "report");
    const { changes, state } = judge(world.state, again, world.now, TUNING);
    expect(changes).toEqual([]);
    expect([...state.vantages.values()].map(({ reports }) => reports)).toEqual(
      [...world.state.vantages.values()].map(({ reports }) => reports),
    );
  });
});
