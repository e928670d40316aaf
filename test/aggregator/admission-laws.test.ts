import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPace } from "../../src/aggregator/admission.ts";
import { capacityOf, weightOf } from "../../src/domain/capacity.ts";
import { completeTarget, type TargetConfig, TargetSchema } from "../../src/domain/target.ts";
import { emptyState, type ShardState } from "../../src/verdict/memory/judge-state.ts";
import { targetState, vantage } from "../verdict/made.ts";

const IDS = ["weur", "oc", "lab-1"];
const ROSTER = IDS.map((id) => ({ id, kind: "regional" as const, region: id, provider: "net" }));

interface Wish {
  intervalMs: number;
  hasWitness: boolean;
  paused: boolean;
  vantages: string[];
}

const wish = fc.record<Wish>({
  intervalMs: fc.integer({ min: 5_000, max: 120_000 }),
  hasWitness: fc.boolean(),
  paused: fc.boolean(),
  vantages: fc.subarray(IDS, { minLength: 1 }),
});

const configOf = ({ intervalMs, hasWitness, paused, vantages }: Wish): TargetConfig =>
  completeTarget(
    TargetSchema.parse({
      url: "tcp://192.0.2.1:5432",
      intervalMs,
      vantages,
      paused,
      ...(hasWitness ? { witness: "tcp://192.0.2.1:22" } : {}),
    }),
  );

/** A shard with these targets. Each vantage is sound and has five slots; `held`: how long its looks take, null where that is not known. */
const stateOf = (wishes: Wish[], held: (number | null)[]): ShardState => ({
  ...emptyState(),
  vantages: new Map(
    IDS.map((id, index) => [
      id,
      vantage(id, { turns: { due: 0, missed: 0, slots: 5, heldMs: held[index] ?? null } }),
    ]),
  ),
  targets: new Map(wishes.map((each, n) => [`fra/db-${n}`, targetState({ target: each }, `fra/db-${n}`)])),
});

const ask = (state: ShardState, target: string, wanted: Wish) =>
  checkPace(state, { site: "fra", target, config: configOf(wanted) }, ROSTER);

const shard = fc.record({
  wishes: fc.array(wish, { minLength: 1, maxLength: 60 }),
  held: fc.array(fc.option(fc.integer({ min: 1, max: 20_000 })), { minLength: 3, maxLength: 3 }),
});

describe("whatever a shard holds, and however fast its vantages are", () => {
  it("a new target is admitted just where each of its vantages can take it, else the interval named would be", () => {
    fc.assert(
      fc.property(shard, wish, ({ wishes, held }, wanted) => {
        const state = stateOf(wishes, held);
        const fits = wanted.vantages.every((id) => {
          const asked = [...wishes, wanted].reduce(
            (sum, each) => sum + (each.vantages.includes(id) ? weightOf(each) : 0),
            0,
          );
          return asked <= capacityOf({ slots: 5, heldMs: held[IDS.indexOf(id)] ?? null }) + 1e-9;
        });
        const answer = ask(state, "one-more", wanted);
        expect(answer.ok).toBe(fits || wanted.paused);
        if (answer.ok) return;
        const { detail, reason, path } = answer.refusal;
        expect([reason, path, detail.length <= 300]).toEqual(["capacity", "intervalMs", true]);
        const longer = /use an intervalMs of (\d+) or more/.exec(detail)?.[1];
        if (longer !== undefined)
          expect(ask(state, "one-more", { ...wanted, intervalMs: Number(longer) }).ok).toBe(true);
        else expect(ask(state, "one-more", { ...wanted, intervalMs: 3_600_000 }).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("what makes a target no heavier is admitted", () => {
    const lighter = fc.record({
      longerMs: fc.nat({ max: 60_000 }),
      paused: fc.boolean(),
      fewer: fc.boolean(),
    });
    fc.assert(
      fc.property(shard, lighter, ({ wishes, held }, { longerMs, paused, fewer }) => {
        const [old] = wishes as [Wish];
        const wanted = {
          ...old,
          intervalMs: old.intervalMs + longerMs,
          paused: old.paused || paused,
          vantages: fewer ? old.vantages.slice(0, 1) : old.vantages,
        };
        expect(ask(stateOf(wishes, held), "db-0", wanted)).toEqual({ ok: true, value: null });
      }),
      { numRuns: 200 },
    );
  });
});
