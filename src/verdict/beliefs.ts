/**
 * How likely each hidden cause of a target's condition is, from the joint inference over its site.
 * `cut` stands for the host or its site being cut off from everybody outside, which shows the same
 * silence as death. The rules of conclusion.ts decide verdicts; beliefs say how sure one may be.
 */
import type { Beliefs } from "../domain/verdict.ts";
import { siteEvidence } from "./evidence.ts";
import { inferSite } from "./inference.ts";
import type { JudgePolicy } from "./policy.ts";
import type { ShardState } from "./state.ts";

const NOTHING_KNOWN: Beliefs = { up: 1, crashed: 0, dead: 0, hung: 0, gray: 0, cut: 0 };

/** One site's beliefs are wanted for each of its targets in turn; a state never changes, so they may be kept with it. */
const kept = new WeakMap<ShardState, Map<string, ReadonlyMap<string, Beliefs>>>();

/** Beliefs about one target at `now`. They sum to 1. */
export const beliefsOf = (
  shard: ShardState,
  { site, target }: { site: string; target: string },
  now: number,
  policy: JudgePolicy,
): Beliefs => {
  const sites = kept.get(shard) ?? new Map<string, ReadonlyMap<string, Beliefs>>();
  kept.set(shard, sites);
  const at = `${site}@${now}`;
  const known = sites.get(at) ?? inferred(shard, site, now, policy);
  sites.set(at, known);
  return known.get(`${site}/${target}`) ?? NOTHING_KNOWN;
};

const inferred = (
  shard: ShardState,
  site: string,
  now: number,
  policy: JudgePolicy,
): ReadonlyMap<string, Beliefs> => {
  const { evidence, keys } = siteEvidence(shard, site, now, policy);
  const { targets } = inferSite(evidence);
  return new Map(targets.map((beliefs, index) => [keys[index] ?? "", rounded(beliefs)]));
};

/** Short enough to print. */
const rounded = (beliefs: Beliefs): Beliefs => {
  const round = (value: number): number => Math.round(value * 1e6) / 1e6;
  return {
    up: round(beliefs.up),
    crashed: round(beliefs.crashed),
    dead: round(beliefs.dead),
    hung: round(beliefs.hung),
    gray: round(beliefs.gray),
    cut: round(beliefs.cut),
  };
};
