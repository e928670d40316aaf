/**
 * Agreement, on top of belief, because a model can be wrong. The numbers follow the CA/Browser
 * Forum's multi-perspective corroboration (Baseline Requirements 3.2.2.9): several perspectives in
 * more than one region, of which one, or two of many, may differ.
 *
 * Rejected: waiting until no old `ok` is left. One vantage whose look was lost then holds up all others for an interval.
 */
import type { Tuning } from "../tuning.ts";
import type { Seen, Facts } from "./facts.ts";
import { type VoteKind, voteKindOf, type Vote } from "./votes.ts";
import type { Verdict } from "../../domain/verdict.ts";
import type { TargetState, VantageRecord } from "../memory/judge-state.ts";

export interface Quorum {
  /** What the failing votes agree on; null where they do not. */
  kind: VoteKind | null;
  /** Enough sound vantages in enough places agree, and next to nobody has yet to be heard. */
  met: boolean;
  /** The same of those there are, however few, wherever they stand. */
  unanimous: boolean;
  /** Until when the newest votes that make up the quorum are recent enough for failover; epoch ms. */
  until: number;
}

/** How many votes a quorum of this target needs. */
export const neededVotes = (seen: Seen, tuning: Tuning): number =>
  seen.target.policy.minVantages ??
  (seen.soundCount >= tuning.quorumOfMany ? tuning.quorumOfMany : tuning.quorum);

/** The kind all failing votes share but for the few that may differ, or null. */
const agreedKind = (votes: Vote[], merge: (kind: VoteKind) => VoteKind, tuning: Tuning): VoteKind | null => {
  const counts = new Map<VoteKind, number>();
  for (const vote of votes) {
    const kind = merge(vote.kind);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const [kind, count] = [...counts].toSorted((a, b) => b[1] - a[1])[0] ?? [null, 0];
  const allowed = votes.length >= tuning.lenientFrom ? 2 : votes.length > 2 ? 1 : 0;
  return votes.length - count <= allowed ? kind : null;
};

/**
 * Of every provider whose network the vantages stand in, somebody has looked since the last answer, or has had
 * an interval to: what one network meets may be that network's own trouble.
 */
const isProviderHeard = (
  { failing, failingSince, now, providers, target }: Seen,
  tuning: Tuning,
): boolean => {
  if (providers.size < 2 || now - failingSince >= target.intervalMs + tuning.okGraceMs) return true;
  const heard = new Set(failing.map(({ record }) => record.vantage.provider));
  return heard.size >= providers.size;
};

/** Next to nobody has yet to be heard. */
const isHeard = (seen: Seen, tuning: Tuning): boolean =>
  seen.lastReacherHeard &&
  isProviderHeard(seen, tuning) &&
  seen.unheard <= Math.floor(tuning.unheardShare * seen.soundCount);

/** The part of a quorum that does not ask where its vantages stand. */
export const agreementOf = (
  seen: Seen,
  merge: (kind: VoteKind) => VoteKind,
  tuning: Tuning,
): Pick<Quorum, "kind" | "unanimous"> => {
  const { failing, soundCount } = seen;
  const isEnough = failing.length > 0 && failing.length >= Math.min(neededVotes(seen, tuning), soundCount);
  return {
    kind: agreedKind(failing, merge, tuning),
    unanimous: isEnough && isHeard(seen, tuning),
  };
};

/**
 * Nobody sound outside has been served for two looks each, however each of them failed; and next to nobody has yet to be heard. After
 * two intervals and a timeout every vantage has had its turn. A vantage that told of no look by then is not waited for, and a small
 * quorum in two regions is enough. Two vantages are enough where no more are sound, and one only where there is no other.
 */
export const isServedToNobody = (seen: Seen, tuning: Tuning): boolean => {
  const { failing, soundCount, target } = seen;
  const all = Math.min(neededVotes(seen, tuning), soundCount);
  const few = Math.min(all, tuning.quorum, soundCount - 1);
  const isLong = hasBeenLong(seen) && (failing.length >= all || regionsOf(failing) > 1);
  const needed = Math.max(isLong ? few : all, Math.min(tuning.hearing, target.vantages.length));
  return (
    failing.length >= needed &&
    (isLong || (isHeard(seen, tuning) && !seen.lastReacherOwes)) &&
    failing.every((vote) => hasLookedTwice(seen, vote, tuning))
  );
};

/** Since the last answer; what is still open is no look. */
const hasLookedTwice = ({ now, onset }: Seen, { edge }: Vote, tuning: Tuning): boolean =>
  edge.recent.filter((one) => one.begin > onset && voteKindOf(one, edge, now, tuning) !== null).length > 1;

/** As many as a quorum needs have missed it twice each, or everybody has had the time to: a look that is lost is seldom followed by another. */
export const isMissedTwice = (seen: Seen, tuning: Tuning): boolean =>
  hasBeenLong(seen) ||
  seen.failing.filter((vote) => hasLookedTwice(seen, vote, tuning)).length >= neededVotes(seen, tuning);

const regionsOf = (votes: readonly Vote[]): number =>
  new Set(votes.map(({ record }) => record.vantage.region)).size;

/**
 * When everybody has had two turns since the last answer, and waited; epoch milliseconds. That answer came within an interval of the
 * first failure, where everybody looks.
 */
export const longFrom = ({ failingSince, onset, target: { intervalMs, timeoutMs } }: Seen): number => {
  const unservedSince = onset === 0 ? failingSince : Math.max(onset, failingSince - intervalMs);
  return unservedSince + 2 * intervalMs + timeoutMs;
};

export const hasBeenLong = (seen: Seen): boolean => seen.now >= longFrom(seen);

/** Until when the last of those who miss it waits, who may be answered late: its way may only have become slow. */
export const slowUntil = ({ failing, lagMs, onset }: Seen, tuning: Tuning): number =>
  failing.reduce((last, { edge, kind }) => {
    const first = kind === "silent" ? edge.recent.find(({ begin }) => begin > onset) : undefined;
    return Math.max(last, (first?.begin ?? 0) + tuning.slowAnswerMs + lagMs);
  }, 0);

/**
 * It is silent as all of its site is. Hundreds of targets cannot be looked at by everybody within a minute while each look waits: where
 * a quorum has missed the site, which is believed out of everybody's reach, since anything of it was answered, two of two regions who miss
 * this target are enough.
 */
export const isSilentWithSite = (
  facts: Facts,
  { siteMissedBy, siteUnreached }: { siteMissedBy: number; siteUnreached: number },
  tuning: Tuning,
): boolean =>
  siteUnreached >= tuning.namedBelief &&
  siteMissedBy >= neededVotes(facts, tuning) &&
  facts.failing.length >= tuning.hearing &&
  regionsOf(facts.failing) >= Math.min(tuning.hearing, neededVotes(facts, tuning)) &&
  facts.failing.every(({ kind }) => kind === "silent") &&
  facts.now >= slowUntil(facts, tuning);

/**
 * Some are silent to it, and it may be up. Where loss is all that can be seen, since nobody was turned away or answered wrongly,
 * it may be gray as well: lost answers look like that.
 */
export const isLossEnough = (
  { failing }: Pick<Seen, "failing">,
  { pDown, beliefs: { up } }: { pDown: number; beliefs: { up: number } },
  tuning: Tuning,
): boolean => {
  const isUnseen = failing.every(({ kind }) => kind === "silent" || kind === "hung");
  const serves = isUnseen ? 1 - pDown : up;
  return serves > 1 - tuning.downBelief && failing.some(({ kind }) => kind === "silent");
};

/** `merge` maps kinds that mean the same in this episode onto one another. */
export const quorumOf = (seen: Seen, merge: (kind: VoteKind) => VoteKind, tuning: Tuning): Quorum => {
  const { failing } = seen;
  const { kind, unanimous } = agreementOf(seen, merge, tuning);
  const needed = neededVotes(seen, tuning);
  const providers = new Set(failing.map((vote) => vote.record.vantage.provider)).size;
  const spread =
    regionsOf(failing) >= Math.min(2, needed) && providers >= (seen.target.policy.providers ?? 1);
  const { intervalMs, timeoutMs } = seen.target;
  const nth = failing.map((vote) => vote.observation.begin).toSorted((a, b) => b - a)[needed - 1];
  return {
    kind,
    met: kind !== null && failing.length >= needed && spread && isHeard(seen, tuning),
    unanimous,
    until: nth === undefined ? 0 : nth + intervalMs + timeoutMs + tuning.reportMarginMs,
  };
};

/** So many of these vantages outside are a quorum by themselves, and next to all of them. */
export const isQuorumAmong = (
  some: readonly VantageRecord[],
  all: readonly VantageRecord[],
  { policy }: Seen["target"],
  { quorum, quorumOfMany, unheardShare }: Tuning,
): boolean => {
  const windows = (of = some): number => new Set(of.map(({ colo, vantage }) => colo ?? vantage.id)).size;
  const providers = (of = some): number => new Set(of.map(({ vantage }) => vantage.provider)).size;
  return (
    windows() >= Math.max(quorum, policy.minVantages ?? (windows(all) < quorumOfMany ? 0 : quorumOfMany)) &&
    new Set(some.map(({ vantage }) => vantage.region)).size > 1 &&
    providers() >= Math.max(policy.providers ?? 1, Math.min(2, providers(all))) &&
    all.length - some.length <= unheardShare * all.length
  );
};

// What the kinds of the votes come to where they are several, or where something stands already: one trouble is met in several ways.

/** At least half of those who fail are of this sort. */
const isMost = ({ failing }: Facts, is: (vote: Vote) => boolean): boolean =>
  2 * failing.filter((vote) => is(vote)).length >= failing.length;

/** By the host or by something nearer. */
const isRefused = ({ kind }: Vote): boolean => kind === "refused" || kind === "rejected";

/** Half of those who fail are refused. */
export const isMostlyRefused = (facts: Facts): boolean => isMost(facts, isRefused);

/** It stands as this, and nobody has been served since. */
const isHeld = (verdict: Verdict, { dissent }: Facts, { standing }: TargetState): boolean =>
  standing.verdict === verdict && dissent.length === 0;

/**
 * After a crash nothing answers but the host: while half are refused, or two, however fast, and nobody is let in, it is the same crash. To the
 * others the way is cut, or what they sent is lost, and neither revives it.
 */
export const isStillCrashed = (facts: Facts, state: TargetState, tuning: Tuning): boolean =>
  isHeld("process_crashed", facts, state) &&
  !facts.listens &&
  facts.failing.filter(isRefused).length >= Math.min(tuning.hearing, facts.failing.length / 2);

/**
 * What each kind is taken for; `hangs`: it was seen to accept and not to answer. A frozen process accepts connections only until its backlog is full, and is silent after that: once it
 * was seen to go on accepting without an answer, later silence is the same hang, unless a witness that had worked is silent too, or
 * the whole site is. And where most refusals have come all the way from the host, it refuses, and the faster ones say nothing else.
 */
export const mergedBy = (
  facts: Facts,
  state: TargetState,
  hangs: boolean,
  isSiteSilent: boolean,
  tuning: Tuning,
): ((kind: VoteKind) => VoteKind) => {
  const hang =
    !facts.witnessSilent &&
    !isSiteSilent &&
    (hangs || (state.standing.confirmed && isHeld("process_hung", facts, state)));
  const crash = isStillCrashed(facts, state, tuning);
  const refusing = crash || isMost(facts, ({ kind }) => kind === "refused");
  return (kind) => {
    if (kind === "silent" && crash) return "refused";
    if (kind === "silent" && hang) return "hung";
    return kind === "rejected" && refusing ? "refused" : kind;
  };
};

/** What else a target that is down for this reason may be found to be, now and then. */
const GOES_WITH: Partial<Record<Verdict, readonly VoteKind[]>> = {
  process_crashed: ["refused", "rejected", "silent"],
  process_hung: ["hung", "silent"],
  node_dead: ["silent"],
  isolated: ["hung", "refused", "rejected", "silent"],
};

/** The verdict still fits: the target has not been served since, and every failing vote is of a kind that goes with it. */
export const isStillSo = ({ failing, onset }: Facts, { standing }: TargetState): boolean =>
  onset <= standing.since &&
  failing.every(({ kind }) => GOES_WITH[standing.verdict]?.includes(kind) ?? false);
