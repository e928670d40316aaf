/**
 * How likely each hidden cause of a target's condition is, from the joint inference over its site.
 * `cut` stands for the host, its site or all its paths being cut off from everybody outside. Beliefs
 * are kept with the state, so that a healthy site costs nothing: it is only weighed while somebody
 * misses something there, and once more when that is over.
 *
 * Rejected: inferring when somebody asks. A read then costs what a judgement costs, and no verdict can rest on it.
 */
import { keyOf } from "../../domain/name.ts";
import type { Beliefs } from "../../domain/verdict.ts";
import { siteCase, type SiteCase } from "./evidence.ts";
import { inferSite, type SitePosterior } from "./inference.ts";
import { PRIORS, type Priors } from "../likelihood.ts";
import { targetsOf } from "../memory/sites.ts";
import { isSaidGone } from "../memory/notice.ts";
import { UNSEEN_SITE } from "../intake/observations.ts";
import { brokenChances } from "./observers.ts";
import type { Tuning } from "../tuning.ts";
import type { ShardState, SiteRecord, TargetState, VantageRecord } from "../memory/state.ts";

/** What is believed of one target, and of what surrounds it. */
export interface Belief {
  beliefs: Beliefs;
  /** That it does not serve: neither up nor gray. */
  badness: number;
  /** That its host alone is dead or cut off. */
  alone: number;
  siteCut: number;
  /** Vantages that missed it and have reached another target of its site since. */
  missedBeside: number;
  /** It goes on accepting connections without an answer. */
  hangs: boolean;
  /** Outside paths to its site that are not believed cut. */
  openPaths: number;
}

/** Of a target that everybody reaches: what may have happened since the last look. */
const CALM: Beliefs = { up: 0.9994, crashed: 1e-4, dead: 1e-4, hung: 1e-4, gray: 2e-4, cut: 1e-4 };
export const CALM_BELIEF: Belief = {
  beliefs: CALM,
  badness: 4e-4,
  alone: 2e-4,
  siteCut: 0,
  missedBeside: 0,
  hangs: false,
  openPaths: 0,
};

export interface Inferred {
  shard: ShardState;
  /** By key; of the targets of sites in trouble. */
  known: ReadonlyMap<string, Belief>;
}

/** Silences older than any vote says are not looked for. */
const OLDEST_MS = 120_000;

/** Weighs these sites at `now`, those in trouble in full, and keeps what is believed with the state. */
export const inferSites = (
  shard: ShardState,
  sites: Iterable<string>,
  now: number,
  tuning: Tuning,
): Inferred => {
  const known = new Map<string, Belief>();
  const changed: [string, TargetState][] = [];
  const records = new Map<string, SiteRecord>();
  const priors = scaled(tuning.priorFactor);
  let broken: ReturnType<typeof brokenChances> | undefined;
  for (const site of sites) {
    const states = targetsOf(shard, site);
    if (states.every(isCalm)) {
      for (const state of states) if (state.beliefs !== CALM) changed.push(calmOf(state));
      continue;
    }
    broken ??= brokenChances(shard, now - OLDEST_MS, tuning, priors);
    const weighed = siteCase(shard, site, now, tuning, priors, broken);
    const posterior = inferSite(weighed.evidence);
    for (const [index, state] of weighed.targets.entries()) {
      const belief = beliefOf(weighed, posterior, index);
      const key = keyOf(site, state.target.target);
      known.set(key, belief);
      changed.push([
        key,
        {
          ...state,
          beliefs: belief.beliefs,
          proof: { ...state.proof, badness: ownBadness(posterior, index) },
        },
      ]);
    }
    records.set(site, suspected(shard.sites.get(site) ?? UNSEEN_SITE, weighed, posterior));
  }
  if (changed.length === 0) return { shard, known };
  const targets = new Map(shard.targets);
  for (const [key, state] of changed) targets.set(key, state);
  if (broken === undefined) return { shard: { ...shard, targets }, known };
  const suspects = new Map(shard.sites);
  for (const [site, record] of records) suspects.set(site, record);
  return { shard: { ...shard, targets, sites: suspects, vantages: doubted(shard, broken) }, known };
};

/** Everybody's newest look was an `ok`, and nothing stands against it. */
const isCalm = (state: TargetState): boolean =>
  !state.troubled &&
  !isSaidGone(state) &&
  (state.standing.verdict === "alive" || state.standing.verdict === "unknown");

const scaled = (factor: number): Priors => {
  const entries = Object.entries(PRIORS).map(([cause, prior]): [string, number] => [
    cause,
    Math.min(0.1, prior * factor),
  ]);
  return Object.fromEntries(entries) as unknown as Priors;
};

const calmOf = (state: TargetState): [string, TargetState] => [
  keyOf(state.target.site, state.target.target),
  { ...state, beliefs: CALM, proof: { ...state.proof, badness: 0 } },
];

const beliefOf = (
  { evidence, hangs, missedBeside }: SiteCase,
  { siteCut, pathCut, targets }: SitePosterior,
  index: number,
): Belief => {
  const { up, crashed, dead, hung, gray, cut, alone } = targets[index] as SitePosterior["targets"][number];
  return {
    beliefs: rounded({ up, crashed, dead, hung, gray, cut }),
    badness: 1 - up - gray,
    alone,
    siteCut,
    missedBeside: missedBeside[index] ?? 0,
    hangs: hangs[index] ?? false,
    openPaths: evidence.paths.filter((_, path) => (pathCut[path] ?? 0) < 0.5).length,
  };
};

/** That something is wrong with the target itself, and not with its links. */
const ownBadness = ({ targets }: SitePosterior, index: number): number => {
  const { crashed, hung, alone } = targets[index] as SitePosterior["targets"][number];
  return Math.min(1, crashed + hung + alone);
};

const suspected = (
  record: SiteRecord,
  { records }: SiteCase,
  { siteCut, pathCut }: SitePosterior,
): SiteRecord => {
  const paths = new Map(record.paths);
  for (const [index, { vantage }] of records.entries()) {
    const path = paths.get(vantage.id);
    if (path !== undefined) paths.set(vantage.id, { ...path, badness: pathCut[index] ?? 0 });
  }
  return { proof: { ...record.proof, badness: siteCut }, paths };
};

const doubted = (
  { vantages }: ShardState,
  broken: ReturnType<typeof brokenChances>,
): ReadonlyMap<string, VantageRecord> =>
  new Map(
    [...vantages].map(([id, record]) => [
      id,
      { ...record, proof: { ...record.proof, badness: broken(record, "") } },
    ]),
  );

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
