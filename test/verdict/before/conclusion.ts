/**
 * From counted evidence to what is true of the target now, or to nothing yet. Two cases: it is believed
 * not to serve, and a quorum has looked since the last answer (then belief names the cause, where the
 * votes agree with it), or somebody reaches it (then the question is for whom and how well).
 *
 * Rejected: belief alone. A model can be wrong, and a cause it does not know shows as the likeliest it
 * does. And a plain majority: it cannot tell 3 of 7 dead-to-us from a cut, and a stale vote weighs in it
 * as much as a fresh one.
 */
import type { Scope, Verdict } from "../../../src/domain/verdict.ts";
import * as because from "./because.ts";
import type { Belief } from "./beliefs.ts";
import { healthOf, type Health } from "./health.ts";
import { mergeFor } from "./merging.ts";
import type { JudgePolicy } from "./policy.ts";
import { neededVotes, quorumOf, type Quorum } from "./quorum.ts";
import { isHeardElsewhere, refusedAlone } from "./elsewhere.ts";
import { isCut } from "./partition.ts";
import type { Surroundings } from "./silence.ts";
import type { DrillMark, ShardState } from "./state.ts";
import type { View } from "./view.ts";
import { freshnessMs, type Vote } from "./votes.ts";

export interface Conclusion {
  /** `good`: nothing speaks against it; settling.ts decides when that is `alive`. */
  verdict: Exclude<Verdict, "alive"> | "good";
  scope: Scope;
  quorum: Quorum;
  /** Of a death: whether it is certain, or only as certain as it can be from outside. */
  proof: "inside" | "outside" | "none";
  cut: string[];
  because: string;
  /** The votes it rests on. */
  votes: Vote[];
  /** Of what answers: begin of the newest wrong answer of late; 0 for none. */
  amissAt: number;
  /** Of a crash: its witness has yet to say whether the host answers at all. */
  witnessAwaited: boolean;
}

/** What the evidence says, or null: not enough yet to change what was held. */
export const conclude = (
  shard: ShardState,
  view: View,
  around: Surroundings,
  belief: Belief,
  policy: JudgePolicy,
): Conclusion | null => {
  const quorum = quorumOf(view, mergeFor(view, around, belief), policy);
  const rest = {
    scope: "target" as const,
    quorum,
    proof: "none" as const,
    cut: [],
    votes: view.counted,
    amissAt: 0,
    witnessAwaited: false,
  };
  if (hasExpired(view, policy)) return { ...rest, verdict: "unknown", because: because.nothingFresh(view) };
  const failing = { ...rest, votes: view.failing };
  if (quorum.unanimous && persistent(view)) {
    // Whatever it is that the outside meets, it is not the target.
    if (around.insideServes && isKeptOut(quorum.kind, belief, policy))
      return { ...failing, verdict: "isolated", because: because.isolated(view, around) };
    if (belief.badness >= policy.downBelief)
      return concludeDown(shard, view, around, belief, failing, policy);
    if (quorum.kind === "wrong")
      return { ...failing, verdict: "gray", because: because.wrongEverywhere(view) };
    if (quorum.kind === "rejected")
      return { ...failing, verdict: "unreachable", because: because.rejected(view) };
    if (view.unheard === 0 && quorum.kind === null && answersSome(view))
      return { ...failing, verdict: "gray", because: because.mixed(view) };
  }
  const isLiving = view.dissent.length > 0 && belief.badness < policy.urgentBelief;
  return isLiving ? concludeLiving(shard, view, rest, policy) : undecided(view, rest, policy);
};

/** Nobody outside gets through: turned away, or silent for longer than loss explains. */
const isKeptOut = (kind: Quorum["kind"], { badness }: Belief, policy: JudgePolicy): boolean =>
  kind === "refused" ||
  kind === "rejected" ||
  kind === "hung" ||
  (kind !== "wrong" && badness >= policy.downBelief);

/** Nobody sound has looked for as long as a verdict holds. */
const hasExpired = (view: View, policy: JudgePolicy): boolean =>
  view.counted.length === 0 || view.now > (view.state.asOf ?? 0) + freshnessMs(view.state, policy);

/** With too few vantages for a quorum, one look each is not enough to name anything. */
const persistent = (view: View): boolean =>
  view.failing.length >= 3 || view.failing.every((vote) => vote.edge.recent.at(-2)?.outcome !== "ok");

type Rest = Omit<Conclusion, "verdict" | "because">;

/**
 * It does not serve. What it is called is the cause that is believed, where the vantages agree on
 * what they saw; where links explain the silence as well as death does, it is unreachable.
 */
const concludeDown = (
  shard: ShardState,
  view: View,
  around: Surroundings,
  belief: Belief,
  rest: Rest,
  policy: JudgePolicy,
): Conclusion | null => {
  const { beliefs } = belief;
  const { kind } = rest.quorum;
  if (beliefs.crashed >= policy.namedBelief && kind === "refused") {
    if (around.witnessRefuses)
      return { ...rest, verdict: "unreachable", because: because.refusedWithWitness(view) };
    const { witnessAwaited } = around;
    if (witnessAwaited && view.now - view.failingSince < policy.unheardMs) return null;
    const alone = refusedAlone(shard, view, policy);
    if (alone === null) return null;
    return alone
      ? { ...rest, verdict: "process_crashed", because: because.crashed(view), witnessAwaited }
      : { ...rest, verdict: "unreachable", because: because.refusedTogether(view) };
  }
  if (around.witnessAnswers)
    return { ...rest, verdict: "process_hung", because: because.witnessAnswers(view) };
  if (beliefs.hung >= policy.namedBelief && (kind === "hung" || kind === null))
    return { ...rest, verdict: "process_hung", because: because.hung(view) };
  if (kind === "silent" || kind === null) return concludeSilence(shard, view, around, belief, rest, policy);
  return null;
};

const concludeSilence = (
  shard: ShardState,
  view: View,
  around: Surroundings,
  belief: Belief,
  rest: Rest,
  policy: JudgePolicy,
): Conclusion | null => {
  if (around.lives) return { ...rest, verdict: "isolated", because: because.isolated(view, around) };
  if (belief.alone >= policy.namedBelief && belief.missedBeside >= neededBeside(view, belief, policy)) {
    const proof = around.insideMisses ? "inside" : around.heartbeatDue ? "none" : "outside";
    return { ...rest, proof, verdict: "node_dead", because: because.dead(view, around) };
  }
  if (!isHeardOut(view, policy) || !isHeardElsewhere(shard, view, policy)) return null;
  if (around.siblings > 0 && around.siblingsSilent === around.siblings)
    return { ...rest, scope: "site", verdict: "unreachable", because: because.siteSilent(view, around) };
  return { ...rest, verdict: "unreachable", because: because.silentAlone(view, around) };
};

/**
 * So many must have missed it and been answered beside it. Cut paths can have no say in that; where
 * they leave hardly a quorum, the smaller number does.
 */
const neededBeside = (view: View, { openPaths }: Belief, policy: JudgePolicy): number => {
  const needed = Math.min(neededVotes(view, policy), view.failing.length);
  return openPaths > needed ? needed : Math.min(needed, policy.quorum);
};

/**
 * Where links alone may explain the silence, one vantage not heard may be the one that is answered:
 * all must have been, and after a while all but one.
 */
const isHeardOut = (view: View, policy: JudgePolicy): boolean =>
  view.unheard <= (view.now - view.failingSince >= policy.unheardMs ? 1 : 0);

/** It answers some, in ways of their own, and is silent to others. */
const answersSome = (view: View): boolean =>
  view.failing.some((vote) => vote.kind === "wrong" || vote.kind === "hung");

/** Nobody has a current `ok` and the rest do not agree or are too few: wait, but not for ever. */
const undecided = (view: View, rest: Rest, policy: JudgePolicy): Conclusion | null => {
  const limit = view.onset + view.state.target.intervalMs + freshnessMs(view.state, policy);
  const started =
    view.onset > 0 ? limit : (view.state.standing.heldSince ?? 0) + freshnessMs(view.state, policy);
  return view.now < started || view.state.standing.verdict === "unknown"
    ? null
    : { ...rest, verdict: "unknown", because: because.tooFew(view, policy) };
};

/** Somebody sound reaches it: partitioned, gray, or good. */
const concludeLiving = (shard: ShardState, view: View, rest: Rest, policy: JudgePolicy): Conclusion => {
  const cut = view.counted.filter((vote) => isCut(shard, view, vote, policy));
  const health = healthOf(view, new Set(cut), policy);
  if (isGray(health, policy))
    return { ...rest, verdict: "gray", because: because.sometimesWrong(view, health) };
  const names = cut.map((vote) => vote.record.vantage.id).toSorted();
  if (names.length > 0)
    return { ...rest, cut: names, verdict: "partitioned", because: because.partitioned(view, names) };
  if (isLossy(view, health, policy)) return { ...rest, verdict: "gray", because: because.lossy(health) };
  return { ...rest, amissAt: health.amissAt, verdict: "good", because: because.good(view) };
};

/** Often enough amiss: less so where the answers themselves are wrong than where they may have been lost. */
const isGray = ({ amiss, looked, wrong }: Health, policy: JudgePolicy): boolean =>
  (amiss >= policy.grayCount && amiss >= policy.amissShare * looked) ||
  (wrong >= policy.grayCount && wrong >= policy.grayShare * looked);

/** More is lost, on several paths and without any being cut, than is expected of this target. */
const isLossy = (view: View, health: Health, policy: JudgePolicy): boolean =>
  health.silent > 3 &&
  health.silentFrom > 1 &&
  health.silent / health.looked >= policy.lossyShare + (view.state.target.policy.expectedLoss ?? 0);

/** The drill behind the votes that speak against the target; a rehearsal among them makes all a rehearsal. */
export const drillOf = (votes: Vote[]): DrillMark | null => {
  const marks = votes.filter((vote) => vote.kind !== "ok").flatMap((vote) => vote.sighting.drill ?? []);
  return marks.find((mark) => !mark.live) ?? marks[0] ?? null;
};
