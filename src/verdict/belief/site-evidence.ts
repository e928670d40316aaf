/**
 * What a site's observations leave to explain. Every answer, a refusal included, proves its target and its path good
 * (memory/observation-record.ts) and settles what came before. So each silence counts by where it begins: after both proofs the target or
 * the path explains it, after one of them only the other can, and before both it was plain loss (facts/loss.ts).
 */
import { keyOf } from "../../domain/plain/names.ts";
import { answeredBase } from "./answers.ts";
import type { FactsOn } from "../facts/facts.ts";
import {
  CAUSES,
  grownShare,
  LIKELIHOOD,
  LOSS_MAX,
  PATH_PRIOR_MAX,
  REPEATED_SILENCE_NATS,
  SILENT_WHEN_FULL,
  SILENT_WHEN_LOSSY,
  type Priors,
} from "../likelihood.ts";
import { type Edges, type Look, lossOf, lossyNats, outsideOf, settledLooks } from "../facts/loss.ts";
import { UNSEEN_SITE } from "../memory/target-state.ts";
import type { Tuning } from "../tuning.ts";
import type { Edge, ShardState, TargetState, VantageRecord } from "../memory/judge-state.ts";
import { trailingSilences, voteLifeMs, type Silence } from "../facts/votes.ts";

/** Silences on one edge, by weight: those that stand alone, and those that follow another. */
export interface Silences {
  first: number;
  repeats: number;
}

export const NO_SILENCES: Silences = { first: 0, repeats: 0 };

export type ByCause = readonly number[];
export type SiteState = "connected" | "lossy" | "cut";
export const SITE_STATES: readonly SiteState[] = ["connected", "lossy", "cut"];

/** What is left to explain of one site. Arrays run parallel to `paths`, and `ByCause` to CAUSES. */
export interface SiteEvidence {
  /** Log-weights of the site's states, given all that is the same for its targets. */
  site: Record<SiteState, number>;
  paths: {
    /** Chance that it was cut, or its vantage broke, since it was last proven open. */
    prior: number;
    /** Silences of targets that have answered others since: loss, or a cut of this path. */
    pathOnly: Silences;
  }[];
  targets: {
    /** Weights of the target's causes, given all that no path can explain. */
    base: Record<SiteState, ByCause>;
    /** Chance under each cause that a probe on an open path meets silence. */
    silent: Record<SiteState, ByCause>;
    /** Silences that the path or the target explains, up to the site's last proof and after it. */
    before: readonly Silences[];
    after: readonly Silences[];
  }[];
}

/** Chance of silence on an open path from a target that would have answered. */
export const PATH_SILENT: Record<SiteState, number> = {
  connected: LIKELIHOOD.connect_timeout.up,
  lossy: SILENT_WHEN_LOSSY,
  cut: LIKELIHOOD.connect_timeout.up,
};

/** Log-likelihood of silences if `once` is the log-likelihood of each alone. */
export const silenceNats = ({ first, repeats }: Silences, once: number): number =>
  first * once + repeats * Math.max(once, -REPEATED_SILENCE_NATS);

/** Chance that the vantage is broken, as far as that is known without looking at this site. */
export type BrokenChance = (record: VantageRecord, site: string) => number;

export interface SiteCase {
  /** Share of the packets sent to the site that are lost. */
  lost: number;
  evidence: SiteEvidence;
  targets: readonly TargetState[];
  records: readonly VantageRecord[];
  /** By target: vantages that missed it and have reached another target of the site since. */
  missedBeside: number[];
  /** Vantages that have missed any target of the site since anything of it was answered. */
  missedBy: number;
  /** By target: it goes on accepting connections without an answer. */
  hangs: boolean[];
  /** By target: whether it hangs if connections that it has not answered yet count as unanswered. */
  mayHang: boolean[];
}

/** The evidence of one site at `now`, from the sound vantages outside of it and its unpaused targets. */
export const siteCase = (
  shard: ShardState,
  site: string,
  factsOn: FactsOn,
  now: number,
  tuning: Tuning,
  priors: Priors,
  broken: BrokenChance,
): SiteCase => {
  const outside = outsideOf(shard, site);
  const { records, openAt, targets } = outside;
  const proofs = shard.sites.get(site) ?? UNSEEN_SITE;
  const looks = settledLooks(outside, now - Math.max(...tuning.lossySinceMs), now, tuning);
  const lost = learntLoss(looks, proofs.lost, now, tuning);
  const pathOnly = records.map(none);
  const missedBeside: number[] = [];
  const hangs: boolean[] = [];
  const mayHang: boolean[] = [];
  let newest = 0;
  const weighed = targets.map((state, index) => {
    const edges = outside.edges[index] as Edges;
    const since = now - voteLifeMs(state, tuning);
    const facts = factsOn(keyOf(site, state.target.target), state);
    const answered = answeredBase({ facts, state, edges, tuning, priors, lost });
    const silent = silentChances(state, lost, answered.hangs);
    const base = { connected: answered.open, lossy: [...answered.open], cut: answered.cut };
    const before: Silences[] = [];
    const after: Silences[] = [];
    let missed = 0;
    for (const [path, { trustedSince }] of records.entries()) {
      const silences = silencesOn(edges[path], Math.max(since, trustedSince), silent, tuning);
      const sorted = sortOut(silences, state.proof.at, openAt[path] ?? 0, proofs.proof.at);
      newest = Math.max(newest, silences.at(-1)?.begin ?? 0);
      before.push(sorted.before);
      after.push(sorted.after);
      addTo(pathOnly[path] as Silences, sorted.pathOnly);
      for (const site of SITE_STATES) addTargetOnly(base[site], sorted.targetOnly, silent[site]);
      if (isMissed(sorted.targetOnly, tuning)) missed += 1;
    }
    missedBeside.push(missed);
    hangs.push(answered.hangs);
    mayHang.push(answered.mayHang);
    return { base, silent, before, after };
  });
  const cut = priors.site * grownShare(newest - proofs.proof.at);
  return {
    lost,
    targets,
    records,
    missedBeside,
    missedBy: records.filter((_, path) => weighed.some(({ after }) => isMissed(after[path], tuning))).length,
    hangs,
    mayHang,
    evidence: {
      site: {
        connected: Math.log1p(-cut - priors.lossy),
        lossy: Math.log(priors.lossy) + lossyNats(looks, now, tuning),
        cut: Math.log(cut),
      },
      paths: records.map((record, path) => {
        const provenAt = openAt[path] ?? 0;
        const fresh = priors.path * grownShare(newest - provenAt);
        const own = standsCut(targets, record, provenAt) ? tuning.standingCutPrior : fresh;
        const prior = Math.min(PATH_PRIOR_MAX, own + (1 - own) * broken(record, site));
        return { prior, pathOnly: pathOnly[path] as Silences };
      }),
      targets: weighed,
    },
  };
};

/**
 * The share of looks that a site loses, from its recent settled looks. If there are too few, the last known share stays. Rejected: the
 * usual loss in its place. Nothing settles once a lossy site is cut, so its losses would look like a death.
 */
const learntLoss = (looks: readonly Look[], known: number | null, now: number, tuning: Tuning): number => {
  const recent = looks.filter(({ begin }) => begin >= now - tuning.siteLossMs);
  return known !== null && recent.length < tuning.lossLooks ? known : lossOf(recent, tuning);
};

const silencesOn = (
  edge: Edge | undefined,
  since: number,
  { connected: [usual = 1] }: Record<SiteState, ByCause>,
  tuning: Tuning,
): readonly Silence[] =>
  edge === undefined ? [] : trailingSilences(edge, since, tuning).map((one) => inItsTime(one, usual));

/** The silence, weighed down if more was lost at the time it began than the usual share. */
const inItsTime = (silence: Silence, usual: number): Silence =>
  silence.lost <= usual
    ? silence
    : { ...silence, weight: (silence.weight * Math.log(Math.min(LOSS_MAX, silence.lost))) / Math.log(usual) };

/** Whether the path stands as cut from one of the targets, and has not been proven open since. */
const standsCut = (targets: readonly TargetState[], { vantage }: VantageRecord, provenAt: number): boolean =>
  targets.some(({ standing }) => provenAt < standing.since && standing.cut.includes(vantage.id));

interface Sorted {
  before: Silences;
  after: Silences;
  pathOnly: Silences;
  targetOnly: Silences;
}

const [before, after, pathOnly, targetOnly] = [NO_SILENCES, NO_SILENCES, NO_SILENCES, NO_SILENCES];
const ALL_NOTHING: Sorted = { before, after, pathOnly, targetOnly };

/** Sorts silences by where they begin: `target`, `path` and `site` are when each was last proven good. */
const sortOut = (silences: readonly Silence[], target: number, path: number, site: number): Sorted => {
  if (silences.length === 0) return ALL_NOTHING;
  const sorted: Sorted = { before: none(), after: none(), pathOnly: none(), targetOnly: none() };
  for (const { begin, weight, isRepeat } of silences) {
    const into =
      begin > target
        ? begin <= path
          ? sorted.targetOnly
          : begin > site
            ? sorted.after
            : sorted.before
        : begin > path
          ? sorted.pathOnly
          : null;
    if (into !== null) into[isRepeat ? "repeats" : "first"] += weight;
  }
  return sorted;
};

const none = (): Silences => ({ first: 0, repeats: 0 });
const weightOf = ({ first, repeats }: Silences): number => first + repeats;
const isMissed = (all = NO_SILENCES, tuning: Tuning): boolean => weightOf(all) >= tuning.missedWeight;

const addTo = (sums: Silences, { first, repeats }: Silences): void => {
  sums.first += first;
  sums.repeats += repeats;
};

/** Adds silences on a path that has answered for another target since: only the target explains them. */
const addTargetOnly = (base: number[], silences: Silences, silent: readonly number[]): void => {
  if (weightOf(silences) === 0) return;
  for (const [at] of CAUSES.entries())
    base[at] = (base[at] ?? 0) * Math.exp(silenceNats(silences, Math.log(silent[at] ?? 1)));
};

/** Chance of silence on an open path, by the site's state and the cause: no target loses less than its site does. */
const silentChances = (
  { target }: TargetState,
  lost: number,
  hangs: boolean,
): Record<SiteState, number[]> => {
  const chances = (floor: number): number[] =>
    CAUSES.map((cause) => {
      const usual = LIKELIHOOD.connect_timeout[cause];
      return cause === "hung" && hangs ? SILENT_WHEN_FULL : Math.max(usual, floor);
    });
  const usual = chances(Math.min(LOSS_MAX, lost + (target.policy.expectedLoss ?? 0)));
  return { connected: usual, lossy: chances(Math.max(SILENT_WHEN_LOSSY, lost)), cut: usual };
};
