/**
 * How likely each hidden cause of a target's condition is, from the joint inference over its site. `cut` means that the host, its site or
 * all its paths are cut off from all vantages outside. Beliefs are kept with the state, so that a healthy site costs nothing: it is weighed
 * only while a vantage misses something there, and once more afterwards.
 *
 * Rejected: inferring at each read. A read would then cost as much as a judgement, and no verdict could rest on it.
 */
import { keyOf } from "../../domain/plain/names.ts";
import type { Beliefs } from "../../domain/verdict.ts";
import { type BrokenChance, silenceNats, siteCase, type SiteCase } from "./site-evidence.ts";
import { inferSite, type SitePosterior } from "./inference.ts";
import {
  BELIEF_STEPS,
  BROKEN_NATS_MAX,
  CALM,
  CAUSES,
  CONTROL_DOWN,
  LIKELIHOOD,
  PRIOR_MAX,
  PRIORS,
  type Priors,
  UNEXPLAINED_SILENCE,
} from "../likelihood.ts";
import type { FactsOn } from "../facts/facts.ts";
import { workingControls } from "../facts/channels.ts";
import { trailingSilences } from "../facts/votes.ts";
import { isSaidGone } from "../memory/node.ts";
import { targetsOf, UNSEEN_SITE, withTargets } from "../memory/target-state.ts";
import type { Tuning } from "../tuning.ts";
import type { ShardState, SiteRecord, TargetState, VantageRecord } from "../memory/judge-state.ts";

/** The beliefs about one target and its surroundings. */
export interface Belief {
  beliefs: Beliefs;
  /** Probability that the target does not serve: neither up nor gray. */
  pDown: number;
  /** Probability that its host alone is dead or cut off. */
  alone: number;
  siteCut: number;
  /** Probability that its site's link or every path to it is cut; and how many vantages have missed the site since its last answer. */
  siteUnreached: number;
  siteMissedBy: number;
  /** Vantages that missed it and have reached another target of its site since. */
  missedBeside: number;
  /** It goes on accepting connections without an answer. */
  hangs: boolean;
  /** Whether the target hangs if the connections that it has accepted and not answered yet count as unanswered. */
  mayHang: boolean;
  /** Outside paths to its site that are not believed cut. */
  openPaths: number;
}

/** The belief of a target that every vantage reaches: it may have failed since the last look. */
export const CALM_BELIEF: Belief = {
  beliefs: CALM,
  pDown: CALM.crashed + CALM.dead + CALM.hung + CALM.cut,
  alone: CALM.dead + CALM.cut,
  siteCut: 0,
  siteUnreached: 0,
  siteMissedBy: 0,
  missedBeside: 0,
  hangs: false,
  mayHang: false,
  openPaths: 0,
};

export interface Inferred {
  shard: ShardState;
  /** By key; only the targets of sites in trouble. */
  known: ReadonlyMap<string, Belief>;
}

/** Weighs these sites at `now`, those in trouble in full, and keeps what is believed with the state. */
export const inferSites = (
  shard: ShardState,
  sites: Iterable<string>,
  factsOn: FactsOn,
  now: number,
  tuning: Tuning,
): Inferred => {
  const known = new Map<string, Belief>();
  const changed: [string, TargetState][] = [];
  const records = new Map<string, SiteRecord>();
  const priors = scaled(tuning.priorFactor);
  let broken: BrokenChance | undefined;
  for (const site of sites) {
    const states = targetsOf(shard, site);
    if (states.every(isCalm)) {
      for (const state of states) if (state.beliefs !== CALM) changed.push(calmOf(state));
      const record = shard.sites.get(site);
      if (record !== undefined && record.lost !== null) records.set(site, { ...record, lost: null });
      continue;
    }
    broken ??= brokenChances(shard, now - tuning.oldestMs, tuning, priors);
    const weighed = siteCase(shard, site, factsOn, now, tuning, priors, broken);
    const posterior = inferSite(weighed.evidence);
    for (const [index, state] of weighed.targets.entries()) {
      const belief = beliefOf(weighed, posterior, index, tuning);
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
  if (changed.length + records.size === 0) return { shard, known };
  const suspects = new Map(shard.sites);
  for (const [site, record] of records) suspects.set(site, record);
  const weighed = { ...withTargets(shard, changed), sites: suspects };
  return { shard: broken === undefined ? weighed : { ...weighed, vantages: doubted(shard, broken) }, known };
};

const RESTING: ReadonlySet<string> = new Set(["alive", "unknown"]);

/** The newest look of each vantage was an `ok`, and no other evidence contradicts it. */
const isCalm = (state: TargetState): boolean =>
  !state.troubled && !isSaidGone(state) && RESTING.has(state.standing.verdict);

const scaled = (factor: number): Priors =>
  Object.fromEntries(
    Object.entries(PRIORS).map(([cause, prior]) => [cause, Math.min(PRIOR_MAX, prior * factor)]),
  ) as unknown as Priors;

const calmOf = (state: TargetState): [string, TargetState] => [
  keyOf(state.target.site, state.target.target),
  { ...state, beliefs: CALM, proof: { ...state.proof, badness: 0 } },
];

const beliefOf = (
  { evidence, hangs, mayHang, missedBeside, missedBy }: SiteCase,
  { siteCut, unreached, pathCut, targets }: SitePosterior,
  index: number,
  tuning: Tuning,
): Belief => {
  const { up, crashed, dead, hung, gray, cut, alone } = targets[index] as SitePosterior["targets"][number];
  return {
    beliefs: rounded({ up, crashed, dead, hung, gray, cut }),
    pDown: 1 - up - gray,
    alone,
    siteCut,
    siteUnreached: unreached,
    siteMissedBy: missedBy,
    missedBeside: missedBeside[index] ?? 0,
    hangs: hangs[index] ?? false,
    mayHang: mayHang[index] ?? false,
    openPaths: evidence.paths.filter((_, path) => (pathCut[path] ?? 0) < tuning.openPathBelief).length,
  };
};

/** Probability that something is wrong with the target itself, and not with its links. */
const ownBadness = ({ targets }: SitePosterior, index: number): number => {
  const { crashed, hung, alone } = targets[index] as SitePosterior["targets"][number];
  return Math.min(1, crashed + hung + alone);
};

const suspected = (
  record: SiteRecord,
  { lost, records }: SiteCase,
  { siteCut, pathCut }: SitePosterior,
): SiteRecord => {
  const paths = new Map(record.paths);
  for (const [index, { vantage }] of records.entries()) {
    const path = paths.get(vantage.id);
    if (path !== undefined) paths.set(vantage.id, { ...path, badness: pathCut[index] ?? 0 });
  }
  return { ...record, proof: { ...record.proof, badness: siteCut }, lost, paths };
};

const doubted = ({ vantages }: ShardState, broken: BrokenChance): ReadonlyMap<string, VantageRecord> =>
  new Map(
    [...vantages].map(([id, record]) => [
      id,
      { ...record, proof: { ...record.proof, badness: broken(record, "") } },
    ]),
  );

const shortened = (chance: number): number => Math.round(chance * BELIEF_STEPS) / BELIEF_STEPS;

/** Short enough to print. */
const rounded = (beliefs: Beliefs): Beliefs =>
  Object.fromEntries(CAUSES.map((cause) => [cause, shortened(beliefs[cause])])) as Beliefs;

/**
 * How likely it is that a vantage itself has broken since anything last answered it, judged by what it misses elsewhere: a message from
 * every other site and from its controls; linear in the edges of troubled targets. A vantage that fails everywhere explains its silences
 * here, and its path needs no cut of its own. One message says at most what one cut path would: a site whose path from this vantage may be
 * cut cannot make the vantage broken alone. Rejected: enumerating vantages with paths, which doubles the configurations of every site for
 * what one number carries.
 */
const brokenChances = (shard: ShardState, since: number, tuning: Tuning, priors: Priors): BrokenChance => {
  const messages = new Map<string, Map<string, number>>();
  for (const state of shard.targets.values())
    if (state.troubled && !state.target.paused) addMessages(messages, shard, state, since, tuning);
  return (record, site) => {
    let nats = Math.log(priors.vantage / (1 - priors.vantage)) + controlNats(record, since, tuning);
    for (const [other, silence] of messages.get(record.vantage.id) ?? [])
      if (other !== site)
        nats += Math.log(
          LIKELIHOOD.connect_timeout.dead /
            (priors.path * LIKELIHOOD.connect_timeout.dead + (1 - priors.path) * Math.exp(silence)),
        );
    const odds = Math.exp(Math.min(nats, BROKEN_NATS_MAX));
    return odds / (1 + odds);
  };
};

/** Adds, by vantage and site, how likely its silences since its last answer are while it is sound. */
const addMessages = (
  messages: Map<string, Map<string, number>>,
  { vantages }: ShardState,
  state: TargetState,
  since: number,
  tuning: Tuning,
): void => {
  const once = Math.log(silentChance(state));
  for (const [id, edge] of state.edges) {
    const record = vantages.get(id);
    // Observations older than the vantage's own proof say nothing about it.
    if (record === undefined || (edge.recent.at(-1)?.begin ?? 0) <= record.proof.at) continue;
    const silences = { first: 0, repeats: 0 };
    for (const { begin, weight, isRepeat } of trailingSilences(edge, since, tuning))
      if (begin > record.proof.at) silences[isRepeat ? "repeats" : "first"] += weight;
    if (silences.first + silences.repeats === 0) continue;
    const sites = messages.get(id) ?? new Map<string, number>();
    messages.set(id, sites);
    const { site } = state.target;
    sites.set(site, (sites.get(site) ?? 0) + silenceNats(silences, once));
  }
};

/** Chance of silence from a target under its last beliefs: a dead target's silence says nothing about the vantage. */
const silentChance = ({ beliefs }: TargetState): number =>
  CAUSES.reduce(
    (chance, cause) => chance + beliefs[cause] * LIKELIHOOD.connect_timeout[cause],
    UNEXPLAINED_SILENCE,
  );

const controlNats = (record: VantageRecord, since: number, tuning: Tuning): number => {
  let nats = 0;
  for (const [, { answered, begin }] of workingControls(record, tuning))
    if (!answered && begin > record.proof.at && begin >= since) nats -= Math.log(CONTROL_DOWN);
  return nats;
};
