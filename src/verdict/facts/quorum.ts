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
  /** The kind on which the failing votes agree; null if they do not. */
  kind: VoteKind | null;
  /** Enough sound vantages in enough places agree, and nearly all have been heard. */
  met: boolean;
  /** All sound vantages there are agree, however few, wherever they stand. */
  unanimous: boolean;
  /** Until when the newest votes that make up the quorum are recent enough for failover; epoch ms. */
  until: number;
}

/** How many votes a quorum of this target needs. */
export const neededVotes = (seen: Seen, tuning: Tuning): number =>
  seen.target.policy.minVantages ??
  (seen.soundCount >= tuning.quorumOfMany ? tuning.quorumOfMany : tuning.quorum);

/** The kind that all failing votes share, except the few that may differ; or null. */
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

/** Whether a vantage of each provider has looked since the last answer, or has had an interval to look: one network may fail alone. */
const isProviderHeard = (
  { failing, failingSince, now, providers, target }: Seen,
  tuning: Tuning,
): boolean => {
  if (providers.size < 2 || now - failingSince >= target.intervalMs + tuning.okGraceMs) return true;
  const heard = new Set(failing.map(({ record }) => record.vantage.provider));
  return heard.size >= providers.size;
};

/** Nearly all vantages have been heard. */
const isHeard = (seen: Seen, tuning: Tuning): boolean =>
  seen.lastReacherHeard &&
  isProviderHeard(seen, tuning) &&
  seen.unheard <= Math.floor(tuning.unheardShare * seen.soundCount);

/** The part of a quorum that ignores where its vantages stand. */
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
 * No sound vantage outside has been served for two looks each, however each of them failed; and nearly all have been heard. After two
 * intervals and a timeout every vantage has had its turn. A vantage that reported no look by then is not waited for, and a small quorum in
 * two regions is enough. Two vantages are enough if no more are sound, and one only if there is no other.
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

/** Whether the vantage has looked twice since the last answer; a look that is still open does not count. */
const hasLookedTwice = ({ now, onset }: Seen, { edge }: Vote, tuning: Tuning): boolean =>
  edge.recent.filter((one) => one.begin > onset && voteKindOf(one, edge, now, tuning) !== null).length > 1;

/** Whether as many vantages as a quorum needs missed it twice each, or all had time to: two lost looks in a row are rare. */
export const isMissedTwice = (seen: Seen, tuning: Tuning): boolean =>
  hasBeenLong(seen) ||
  seen.failing.filter((vote) => hasLookedTwice(seen, vote, tuning)).length >= neededVotes(seen, tuning);

const regionsOf = (votes: readonly Vote[]): number =>
  new Set(votes.map(({ record }) => record.vantage.region)).size;

/**
 * When every vantage has had two turns since the last answer, and waited; epoch milliseconds. That answer came within an interval of the
 * first failure, if every vantage looks.
 */
export const longFrom = ({ failingSince, onset, target: { intervalMs, timeoutMs } }: Seen): number => {
  const unservedSince = onset === 0 ? failingSince : Math.max(onset, failingSince - intervalMs);
  return unservedSince + 2 * intervalMs + timeoutMs;
};

export const hasBeenLong = (seen: Seen): boolean => seen.now >= longFrom(seen);

/** Until when the last vantage that misses the target waits for a late answer: its path may only have become slow. */
export const slowUntil = ({ failing, lagMs, onset }: Seen, tuning: Tuning): number =>
  failing.reduce((last, { edge, kind }) => {
    const first = kind === "silent" ? edge.recent.find(({ begin }) => begin > onset) : undefined;
    return Math.max(last, (first?.begin ?? 0) + tuning.slowAnswerMs + lagMs);
  }, 0);

/**
 * Whether the target is as silent as the rest of its site. No vantage can probe hundreds of targets within a minute while each look waits:
 * if a quorum has missed a site that is believed unreachable, since anything in it was answered, two vantages of two regions that miss this
 * target are enough.
 */
export const isSilentWithSite = (
  seen: Seen,
  { siteMissedBy, siteUnreached }: { siteMissedBy: number; siteUnreached: number },
  tuning: Tuning,
): boolean =>
  siteUnreached >= tuning.namedBelief &&
  siteMissedBy >= neededVotes(seen, tuning) &&
  seen.failing.length >= tuning.hearing &&
  regionsOf(seen.failing) >= Math.min(tuning.hearing, neededVotes(seen, tuning)) &&
  seen.failing.every(({ kind }) => kind === "silent") &&
  seen.now >= slowUntil(seen, tuning);

/**
 * Whether loss may explain the trouble: some vantages meet silence, and the target may be up. If no vantage was turned away or answered
 * wrongly, the target may be gray as well, because lost answers look the same.
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

/** Whether this many vantages outside are a quorum by themselves, and nearly all of them. */
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

// How different kinds of votes combine, among each other and with the standing verdict: one trouble shows in several ways.

/** At least half of the failing votes are of this sort. */
const isMost = ({ failing }: Facts, is: (vote: Vote) => boolean): boolean =>
  2 * failing.filter((vote) => is(vote)).length >= failing.length;

/** Refused by the host or by something nearer. */
const isRefused = ({ kind }: Vote): boolean => kind === "refused" || kind === "rejected";

/** Half of the failing votes are refusals. */
export const isMostlyRefused = (facts: Facts): boolean => isMost(facts, isRefused);

/** This verdict stands, and no vantage has been served since. */
const isHeld = (verdict: Verdict, { dissent }: Facts, { standing }: TargetState): boolean =>
  standing.verdict === verdict && dissent.length === 0;

/**
 * After a crash only the host answers: while half of the votes, or two, are refusals, however fast, and no vantage is let in, it is the
 * same crash. For the other vantages the path is cut or packets are lost, and neither revives the process.
 */
export const isStillCrashed = (facts: Facts, state: TargetState, tuning: Tuning): boolean =>
  isHeld("process_crashed", facts, state) &&
  !facts.listens &&
  facts.failing.filter(isRefused).length >= Math.min(tuning.hearing, facts.failing.length / 2);

/**
 * The kind as which each vote counts; `hangs`: the target was seen to accept and not to answer. A frozen process accepts connections only
 * until its backlog is full, and is silent after that: once it was seen to go on accepting without an answer, later silence is the same
 * hang, unless a witness that had worked is silent too, or the whole site is. And if most refusals came all the way from the host, it
 * refuses, and the faster refusals count as the same.
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

/** The other kinds of votes that a target with this down verdict meets now and then. */
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
