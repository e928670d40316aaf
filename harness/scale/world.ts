import type { Key } from "../../scripts/detector-api.ts";
import { VANTAGES as REGIONS } from "../bench/detector.ts";
import { shardOf } from "../../src/domain/shard-of.ts";
import { hostOf } from "./nodes.ts";

/** What a run is asked for. */
export interface Scale {
  targets: number;
  shards: number;
  vantages: number;
  intervalMs: number;
}

/** Sites of a shard, so that one of them can be cut without most of the shard falling silent. */
const SITES_A_SHARD = 5;
/** One target of so many is killed, … */
const KILLED_OF = 100;
/** … and one site of so many is cut. */
const CUT_OF = 20;

/** Targets a shard holds. */
const MAX_TARGETS = 500;

/** What becomes of a target. `late`: killed as the object of its shard is ended. */
export type Fate = "stays" | "killed" | "cut" | "late";

export interface Placed {
  key: Key;
  shard: number;
  host: string;
  fate: Fate;
}

/** Names of sites by shard: the first ones that fall to it, so that every shard is as full as the others. */
const sitesOf = (shards: number): string[][] => {
  const sites: string[][] = Array.from({ length: shards }, () => []);
  for (let number = 0; sites.some(({ length }) => length < SITES_A_SHARD); number++) {
    const site = `site-${number}`;
    const of = sites[shardOf(site, shards)];
    if (of !== undefined && of.length < SITES_A_SHARD) of.push(site);
  }
  return sites;
};

/** Every target with its place and its fate. The object that is ended is that of the last shard. */
export const placedOf = ({ targets, shards }: Scale): Placed[] => {
  const sites = sitesOf(shards);
  const cut = sites.slice(0, Math.ceil((shards * SITES_A_SHARD) / CUT_OF)).map(([first]) => first);
  return Array.from({ length: targets }, (_, number): Placed => {
    const shard = number % shards;
    const nth = Math.floor(number / shards);
    const site = sites[shard]?.[nth % SITES_A_SHARD] ?? "";
    const isKilled = nth % KILLED_OF === 1 + (shard % (SITES_A_SHARD - 1));
    const fate = number === targets - 1 ? "late" : cut.includes(site) ? "cut" : isKilled ? "killed" : "stays";
    return { key: { site, target: `node-${number}` }, shard, host: hostOf(number), fate };
  });
};

/** What is wrong with a scale, in a sentence, or null. */
export const scaleProblem = ({ targets, shards, vantages, intervalMs }: Scale): string | null => {
  if (!(shards >= 1 && targets > 0 && targets % (KILLED_OF * shards) === 0))
    return `--targets must be a multiple of ${KILLED_OF} for each shard: one of ${KILLED_OF} is killed in every one`;
  if (targets / shards > MAX_TARGETS) return `--targets: a shard holds ${MAX_TARGETS}`;
  if (!(vantages >= 3 && vantages <= REGIONS.length))
    return `--vantages must be 3, a quorum, to ${REGIONS.length}`;
  return intervalMs >= 5_000 && intervalMs <= 3_600_000 ? null : "--interval must be 5 to 3600 seconds";
};
