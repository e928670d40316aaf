/**
 * Stands in for the judge where the simulator imports it: same answers, and each judgement is compared
 * with the old judge's. What the old one remembers goes along with the state that the new one gave.
 */
import { registerHooks } from "node:module";
import type { EvidenceEvent } from "../../../src/domain/evidence.ts";
import { compare, emptyPair, type Judgement, type Tuning, type Pair, type ShardState } from "./compare.ts";
import { Counting } from "./tally.ts";

let counting = new Counting();

/** Counts from nothing; answers what to count by. */
export const recount = (): Counting => (counting = new Counting());

const pairs = new WeakMap<ShardState, Pair>();

export const judge = (
  state: ShardState,
  events: readonly EvidenceEvent[],
  now: number,
  policy: Tuning,
): Judgement => {
  const pair = pairs.get(state) ?? { state, before: emptyPair().before };
  if (!pairs.has(state) && state.vantages.size + state.targets.size > 0)
    throw new Error("a state that no tapped judge gave");
  const compared = compare(pair, events, now, policy);
  pairs.set(compared.judgement.state, compared.after);
  counting.count(compared, now);
  return compared.judgement;
};

/** From now on the simulator's modules find this judge; those loaded before keep theirs. */
export const tapSimulator = (): void => {
  registerHooks({
    resolve: (specifier, context, next) =>
      context.parentURL?.includes("/test/sim/") === true && specifier.endsWith("/judge.ts")
        ? next(import.meta.url, context)
        : next(specifier, context),
  });
};
