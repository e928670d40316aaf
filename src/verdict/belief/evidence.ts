/**
 * What a site's sightings leave to explain. Every answer, a refusal included, proves its target and
 * its path good (proof.ts); what came before is settled by it. So each silence counts by where it
 * begins: after both proofs it is the target's or the path's, after one of them it can only be the
 * other's, and after neither it was plain loss (loss.ts).
 */
import { answeredBase } from "./answers.ts";
import {
  silenceNats,
  SITE_STATES,
  type Silences,
  type SiteEvidence,
  type SiteState,
} from "./site-evidence.ts";
import {
  CAUSES,
  LIKELIHOOD,
  PRIOR_GAP_MS,
  SILENT_WHEN_FULL,
  SILENT_WHEN_LOSSY,
  type Priors,
} from "../likelihood.ts";
import { learntLoss, lossyNats, recentLoss } from "../facts/loss.ts";
import { targetsOf } from "../memory/sites.ts";
import type { BrokenChance } from "./observers.ts";
import { UNSEEN_SITE } from "../intake/observations.ts";
import type { Tuning } from "../tuning.ts";
import type { ShardState, TargetState, VantageRecord } from "../memory/state.ts";
import { trailingSilences, type Silence } from "../facts/trailing.ts";
import { voteLifeMs } from "../facts/votes.ts";

/** A fault may be this young, for the shortest time between proof and silence; share of PRIOR_GAP_MS. */
const YOUNGEST = 0.05;

/** A path that stands as cut needs no new explanation: what was silent on it tells of nothing else. */
const STANDING_CUT = 0.5;

export interface SiteCase {
  evidence: SiteEvidence;
  targets: TargetState[];
  records: VantageRecord[];
  /** By target: vantages that missed it and have reached another target of the site since. */
  missedBeside: number[];
  /** By target: it goes on accepting connections without an answer. */
  hangs: boolean[];
}

/** The evidence of one site at `now`, from the sound vantages outside of it and its unpaused targets. */
export const siteCase = (
  shard: ShardState,
  site: string,
  now: number,
  tuning: Tuning,
  priors: Priors,
  broken: BrokenChance,
): SiteCase => {
  const sound = [...shard.vantages.values()].filter(({ state }) => state === "sound");
  const records = sound.filter(({ vantage }) => vantage.site !== site);
  const inside = sound.filter(({ vantage }) => vantage.site === site);
  const targets = targetsOf(shard, site);
  const proofs = shard.sites.get(site) ?? UNSEEN_SITE;
  const recent = recentLoss(targets, records, proofs, now, tuning);
  const lost = learntLoss(recent, now);
  const pathOnly = records.map((): Silences => ({ first: 0, repeats: 0 }));
  const missedBeside: number[] = [];
  const hangs: boolean[] = [];
  let newest = 0;
  const weighed = targets.map((state) => {
    const since = now - voteLifeMs(state, tuning);
    const answered = answeredBase({ state, records, inside, siblings: targets, now, tuning, priors, lost });
    const silent = silentChances(state, lost, answered.hangs);
    const base = { connected: answered.open, lossy: [...answered.open], cut: answered.cut };
    const before: Silences[] = [];
    const after: Silences[] = [];
    let missed = 0;
    for (const [path, { trustedSince, vantage }] of records.entries()) {
      const edge = state.edges.get(vantage.id);
      const silences =
        edge === undefined ? [] : trailingSilences(edge, Math.max(since, trustedSince), tuning);
      const a = proofs.paths.get(vantage.id)?.at ?? 0;
      const sorted = sortOut(silences, state.proof.at, a, proofs.proof.at);
      newest = Math.max(newest, silences.at(-1)?.begin ?? 0);
      before.push(sorted.before);
      after.push(sorted.after);
      addTo(pathOnly[path] as Silences, sorted.pathOnly);
      for (const site of SITE_STATES) addTargetOnly(base[site], sorted.targetOnly, silent[site]);
      if (sorted.targetOnly.first + sorted.targetOnly.repeats >= 0.5) missed += 1;
    }
    missedBeside.push(missed);
    hangs.push(answered.hangs);
    return { base, silent, before, after };
  });
  const young = (provenAt: number): number =>
    Math.min(1, Math.max(YOUNGEST, (newest - provenAt) / PRIOR_GAP_MS));
  const cut = priors.site * young(proofs.proof.at);
  return {
    targets,
    records,
    missedBeside,
    hangs,
    evidence: {
      site: {
        connected: Math.log1p(-cut - priors.lossy),
        lossy: Math.log(priors.lossy) + lossyNats(recent, now),
        cut: Math.log(cut),
      },
      paths: records.map((record, path) => {
        const provenAt = proofs.paths.get(record.vantage.id)?.at ?? 0;
        const own = standsCut(targets, record, provenAt) ? STANDING_CUT : priors.path * young(provenAt);
        return {
          prior: Math.min(0.999, own + (1 - own) * broken(record, site)),
          pathOnly: pathOnly[path] as Silences,
        };
      }),
      targets: weighed,
    },
  };
};

/** Whether the path stands as cut from one of the targets, and has not been proven open since. */
const standsCut = (targets: TargetState[], { vantage }: VantageRecord, provenAt: number): boolean =>
  targets.some(({ standing }) => provenAt < standing.since && standing.cut.includes(vantage.id));

interface Sorted {
  before: Silences;
  after: Silences;
  pathOnly: Silences;
  targetOnly: Silences;
}

const NOTHING: Silences = { first: 0, repeats: 0 };
const ALL_NOTHING: Sorted = { before: NOTHING, after: NOTHING, pathOnly: NOTHING, targetOnly: NOTHING };

/** By where they begin: `target`, `path` and `site` are when each was last proven good. */
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

const addTo = (sums: Silences, { first, repeats }: Silences): void => {
  sums.first += first;
  sums.repeats += repeats;
};

/** Silences on a path that has answered for another target since: the target's own. */
const addTargetOnly = (base: number[], silences: Silences, silent: readonly number[]): void => {
  if (silences.first + silences.repeats === 0) return;
  for (const [at] of CAUSES.entries())
    base[at] = (base[at] ?? 0) * Math.exp(silenceNats(silences, silent[at] ?? 1));
};

/** Chance of silence on an open path, by the site's state and the cause: nobody loses less than the site does. */
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
  const usual = chances(Math.min(0.95, lost + (target.policy.expectedLoss ?? 0)));
  return { connected: usual, lossy: chances(Math.max(SILENT_WHEN_LOSSY, lost)), cut: usual };
};
