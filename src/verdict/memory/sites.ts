/** The targets of each site, gathered once for every set of targets. */
import type { ShardState, TargetState } from "./state.ts";

const gathered = new WeakMap<ShardState["targets"], ReadonlyMap<string, readonly TargetState[]>>();

const bySite = ({ targets }: ShardState): ReadonlyMap<string, readonly TargetState[]> => {
  const known = gathered.get(targets);
  if (known !== undefined) return known;
  const sites = Map.groupBy(targets.values(), ({ target }) => target.site);
  gathered.set(targets, sites);
  return sites;
};

/** The targets of a site that are looked at. */
export const targetsOf = (shard: ShardState, site: string): TargetState[] =>
  (bySite(shard).get(site) ?? []).filter(({ target }) => !target.paused);

/** The other targets of its site that are looked at. */
export const siblingsOf = (shard: ShardState, { target }: TargetState): TargetState[] =>
  targetsOf(shard, target.site).filter((other) => other.target.target !== target.target);
