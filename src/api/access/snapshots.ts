import type { ShardSnapshot, CountedTarget } from "../../domain/snapshot.ts";
import { shardOf } from "../../domain/shard-of.ts";
import { requireSite, readableSites } from "./auth.ts";
import type { ApiContext } from "../context.ts";
import { ApiError } from "../errors/api-error.ts";
import { readShard, shardsOf } from "../aggregators/shard-calls.ts";

/**
 * The shards to ask about one site, or about all sites that the token reads. Throws ApiError `forbidden` for a site that the token does not
 * read.
 */
export const shardsFor = (c: ApiContext, site: string | undefined): number[] => {
  if (site !== undefined) requireSite(c.get("grant"), site);
  const config = c.get("config");
  const sites = site === undefined ? readableSites(c) : [site];
  if (sites === undefined) return shardsOf(config);
  return [...new Set(sites.map((one) => shardOf(one, config.shards)))].toSorted((a, b) => a - b);
};

/** One shard's snapshot, of a site or of all sites that the token reads. Throws ApiError `unavailable`. */
export const readSnapshot = async (
  c: ApiContext,
  shard: number,
  site: string | undefined,
): Promise<ShardSnapshot> => {
  const at = { env: c.env, config: c.get("config") };
  const census = JSON.parse(await readShard(at, shard, (a) => a.census(site ?? null))) as ShardSnapshot;
  const allowed = readableSites(c);
  if (allowed === undefined) return census;
  // Webhooks concern all sites, so a token for some sites sees none.
  return {
    ...census,
    webhooks: [],
    targets: census.targets.filter(({ verdict }) => allowed.includes(verdict.site)),
  };
};

/** The targets of these snapshots, by site and then target. Throws ApiError `not-found` for a site without any. */
export const targetsIn = (censuses: ShardSnapshot[], site: string | undefined): CountedTarget[] => {
  const targets = censuses.flatMap((census) => census.targets);
  if (site !== undefined && targets.length === 0)
    throw new ApiError("not-found", `there is no site "${site}"`, [
      { path: "site", message: "has no target" },
    ]);
  // Each shard lists its targets in order, and a site is in one shard only.
  return targets.toSorted(({ verdict: a }, { verdict: b }) =>
    a.site === b.site ? 0 : a.site < b.site ? -1 : 1,
  );
};

/** All targets of a site, or of the deployment. One shard that does not answer fails all: half a list looks whole. */
export const readTargets = async (c: ApiContext, site: string | undefined): Promise<CountedTarget[]> =>
  targetsIn(await Promise.all(shardsFor(c, site).map((shard) => readSnapshot(c, shard, site))), site);
