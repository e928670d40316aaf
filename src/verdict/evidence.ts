/**
 * What a site's sightings leave to explain. Every answer, a refusal included, proves its target and
 * its path good (proof.ts); what came before is settled by it. So each silence counts by where it
 * begins: after both proofs it is the target's or the path's, after one of them it can only be the
 * other's, and after neither it was plain loss, of which the site's loss is learnt.
 *
 * Rejected: learnt loss alone as the lossy site's likelihood. It knows a site's loss only when the first verdict
 * has been wrong; beside it, a site that most packets do not reach is a state of its own.
 */
import { answeredBase, IN_FLIGHT_MS } from "./answers.ts";
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
} from "./likelihood.ts";
import { targetsOf } from "./neighbours.ts";
import type { BrokenChance } from "./observers.ts";
import { UNSEEN_SITE } from "./observations.ts";
import type { JudgePolicy } from "./policy.ts";
import type { ShardState, SiteRecord, TargetState, VantageRecord } from "./state.ts";
import { trailingSilences, type Silence } from "./trailing.ts";
import { kindOf, voteLifeMs } from "./votes.ts";

/** Loss is learnt from so short a time: it may begin and end within seconds. */
const LEARNT_WINDOW_MS = 8_000;
/** A site may have become lossy about so long ago … */
const LOSSY_SINCE_MS = [2_500, 5_000, 10_000];
const LOSS_WINDOW_MS = Math.max(LEARNT_WINDOW_MS, ...LOSSY_SINCE_MS);
/** … which every lost probe since speaks for and every answer against; nats. */
const LOST_NATS = Math.log(SILENT_WHEN_LOSSY / LIKELIHOOD.connect_timeout.up);
const ANSWERED_NATS = Math.log((1 - SILENT_WHEN_LOSSY) / LIKELIHOOD.ok.up);
/** … and a site is taken for an ordinary one as if so many of its probes had been seen before. */
const LOSS_PRIOR_LOOKS = 15;
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
  policy: JudgePolicy,
  priors: Priors,
  broken: BrokenChance,
): SiteCase => {
  const sound = [...shard.vantages.values()].filter(({ state }) => state === "sound");
  const records = sound.filter(({ vantage }) => vantage.site !== site);
  const inside = sound.filter(({ vantage }) => vantage.site === site);
  const targets = targetsOf(shard, site);
  const proofs = shard.sites.get(site) ?? UNSEEN_SITE;
  const recent = recentLoss(targets, records, proofs, now, policy);
  const lost = learntLoss(recent, now);
  const pathOnly = records.map((): Silences => ({ first: 0, repeats: 0 }));
  const missedBeside: number[] = [];
  const hangs: boolean[] = [];
  let newest = 0;
  const weighed = targets.map((state) => {
    const since = now - voteLifeMs(state, policy);
    const answered = answeredBase({ state, records, inside, siblings: targets, now, policy, priors, lost });
    const silent = silentChances(state, lost, answered.hangs);
    const base = { connected: answered.open, lossy: [...answered.open], cut: answered.cut };
    const before: Silences[] = [];
    const after: Silences[] = [];
    let missed = 0;
    for (const [path, { trustedSince, vantage }] of records.entries()) {
      const edge = state.edges.get(vantage.id);
      const silences =
        edge === undefined ? [] : trailingSilences(edge, Math.max(since, trustedSince), policy);
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

/** A probe of late whose fate is settled: answered, or lost though path and target are proven good since. */
interface Settled {
  begin: number;
  /** 0 for an answer; how much of the silence no fault explains. */
  lost: number;
}

const recentLoss = (
  targets: TargetState[],
  records: VantageRecord[],
  { paths }: SiteRecord,
  now: number,
  policy: JudgePolicy,
): Settled[] => {
  const settled: Settled[] = [];
  for (const state of targets)
    for (const { vantage } of records) {
      const edge = state.edges.get(vantage.id);
      if (edge === undefined) continue;
      const settledAt = Math.min(state.proof.at, paths.get(vantage.id)?.at ?? 0);
      for (let index = edge.recent.length - 1; index >= 0; index--) {
        const sighting = edge.recent[index];
        if (sighting === undefined || sighting.begin < now - LOSS_WINDOW_MS) break;
        if (sighting.begin > settledAt) continue;
        const kind = sighting.outcome === "ok" ? "ok" : kindOf(sighting, edge, policy);
        if (kind === null) continue;
        // A hang's first, and no loss, however much later answers begin.
        if (kind === "hung" && sighting.begin > state.proof.at - IN_FLIGHT_MS) continue;
        const isLost = kind === "silent" || kind === "hung";
        settled.push({ begin: sighting.begin, lost: isLost ? (sighting.weight ?? 1) : 0 });
      }
    }
  return settled;
};

/** Share of the site's probes that were lost of late though a later answer proved path and target good. */
const learntLoss = (recent: Settled[], now: number): number => {
  const lately = recent.filter(({ begin }) => begin >= now - LEARNT_WINDOW_MS);
  const lost = lately.reduce((sum, one) => sum + one.lost, LOSS_PRIOR_LOOKS * LIKELIHOOD.connect_timeout.up);
  return lost / (lately.length + LOSS_PRIOR_LOOKS);
};

/** How much better a lossy site explains what is settled, whenever within the window it became one; nats. */
const lossyNats = (recent: Settled[], now: number): number => {
  const each = LOSSY_SINCE_MS.map((ms) =>
    recent.reduce((nats, { begin, lost }) => {
      if (begin < now - ms) return nats;
      return nats + (lost > 0 ? lost * LOST_NATS : ANSWERED_NATS);
    }, 0),
  );
  const best = Math.max(...each);
  return best + Math.log(each.reduce((sum, nats) => sum + Math.exp(nats - best), 0) / each.length);
};
