/**
 * What else can be seen when a target is silent. Silence alone says nothing, but the target's surroundings narrow the fault down: a witness
 * that answers leaves the process, a sibling that answers on the same path leaves the host, and an inside vantage that reaches the target,
 * or its own heartbeat, leaves only the network.
 *
 * Rejected: counting siblings that answered within a window. Which answer proves a path, and when, is decided in
 * memory/observation-record.ts.
 */
import { isBeating, isSignOfLife } from "../memory/node.ts";
import { EMPTY_EDGE } from "../memory/observation-record.ts";
import type { Tuning } from "../tuning.ts";
import { siblingsOf } from "../memory/target-state.ts";
import type {
  Edge,
  ShardState,
  TargetState,
  VantageRecord,
  ObservationRecord,
} from "../memory/judge-state.ts";
import type { Seen } from "./facts.ts";
import { channelOf, hasFallenSilent, isClosedBefore } from "./channels.ts";
import { freshnessMs, isOpen, voteOf, type Vote } from "./votes.ts";

export interface Surroundings {
  /** A witness has answered since the target was first missed, if only by refusing as it always does: its host lives. */
  witnessAnswers: boolean;
  /** The witness has been served: a device that refuses for the target does not refuse for the whole host. */
  witnessServes: boolean;
  /** The witness has been served since the target was first missed, however long ago. */
  witnessAnswered: boolean;
  /** A witness that had worked is silent now. */
  witnessSilent: boolean;
  /** A witness that had worked until then refuses with it: more than one process does not listen. */
  witnessRefuses: boolean;
  /** A witness that had worked until then has been looked at by one vantage at most since. */
  witnessAwaited: boolean;
  /** The sibling that was answered last, for the sentence. */
  sibling: string | null;
  /** When any sibling was last served; epoch milliseconds, 0 for never. */
  siblingOkAt: number;
  siblings: number;
  /** The results of vantages inside the site since the target was first missed outside. */
  insideWords: readonly InsideWord[];
  /** A vantage inside has been served. */
  insideServes: boolean;
  /** A vantage inside has had any answer, or a heartbeat was sent since. */
  lives: boolean;
  /** An inside vantage reaches a sibling and not the target. */
  insideMisses: boolean;
  heartbeat: Heartbeats;
  signOfLife: string;
}

/** `alive`: one was sent since the target was first missed; `due`: none, and the next is not late yet. */
export type Heartbeats = "none" | "alive" | "due" | "late";

const heartbeatsOf = (
  { failingSince, now }: Seen,
  { heartbeat }: TargetState,
  tuning: Tuning,
): Heartbeats => {
  if (heartbeat === null) return "none";
  if (isSignOfLife(heartbeat, failingSince, now, tuning)) return "alive";
  return isBeating(heartbeat, now, tuning) ? "due" : "late";
};

export const surroundingsOf = (
  shard: ShardState,
  seen: Seen,
  state: TargetState,
  tuning: Tuning,
): Surroundings => {
  const siblings = siblingsOf(shard, state);
  const answered = siblings.reduce<TargetState | undefined>(
    (best, sibling) => (sibling.proof.at > (best?.proof.at ?? 0) ? sibling : best),
    undefined,
  );
  const { now, failingSince } = seen;
  const words = insideWords(state, seen.insiders, siblings, { now, since: failingSince }, tuning);
  const heartbeat = heartbeatsOf(seen, state, tuning);
  const lives = heartbeat === "alive";
  const insideServes = words.includes("served");
  const insideReaches = words.some((word) => word !== "missed");
  return {
    ...witnessEvidence(seen, state, tuning),
    sibling: answered === undefined ? null : `${answered.target.site}/${answered.target.target}`,
    siblingOkAt: siblings.reduce((newest, { okAt }) => Math.max(newest, okAt), 0),
    siblings: siblings.length,
    insideWords: words,
    insideServes,
    lives: insideReaches || lives,
    insideMisses: !insideReaches && words.includes("missed"),
    heartbeat,
    signOfLife: insideReaches ? "an inside vantage reaches it" : lives ? "its heartbeats arrive" : "",
  };
};

const NO_WITNESS = {
  witnessAnswers: false,
  witnessServes: false,
  witnessAnswered: false,
  witnessSilent: false,
  witnessRefuses: false,
  witnessAwaited: false,
};

/** The witness as seen by vantages whose path to it worked in the target's good time. */
const witnessEvidence = (
  { counted, failing, onset, now, target }: Seen,
  state: TargetState,
  tuning: Tuning,
): typeof NO_WITNESS => {
  if (!target.hasWitness) return NO_WITNESS;
  // Until the target was missed, the witness may have answered before the fault, which breaks off connections under way.
  const missed = failing.filter(({ kind }) => kind !== "wrong");
  const missedFrom = Math.min(now, ...missed.map(({ edge }) => firstMissOf(edge, onset) ?? now));
  const fresh = now - freshnessMs(state, tuning);
  const newest = Math.max(fresh, Math.min(now, ...missed.map(({ observation }) => observation.begin)));
  const first = Math.max(fresh, missedFrom);
  // A port that was closed counts as closed also for vantages that have not looked since.
  const isClosed = isClosedBefore(state.witness.values(), state, onset);
  const isGone = hasFallenSilent(state.witness, state, onset, tuning);
  let working = 0;
  let witnessAnswered = false;
  const seen = counted.flatMap(({ edge: own, record }) => {
    const edge = state.witness.get(record.vantage.id);
    const channel = channelOf(edge, state, onset, tuning);
    // A vantage that alone was refused stands behind something that refuses: its refusal says nothing of the host.
    if (channel === "dead" || (channel === "refuses" && !isClosed)) return [];
    if (isGone && (edge?.lastOk ?? 0) <= onset) return [];
    if (channel === "answers" && !isClosed) working += 1;
    // One clock shows which came first; two clocks do not.
    const ownFrom = firstMissOf(own, onset);
    const from = ownFrom ?? missedFrom + tuning.proofGuardMs;
    witnessAnswered ||= (edge?.lastOk ?? 0) >= from;
    const vote = voteOf(record, edge, first, now, tuning);
    return vote === null ? [] : [{ ...vote, from, isUsual: isClosed }];
  });
  // Something that refuses for the whole host may stand nearer to us than the host.
  const refuses = ({ kind }: Vote): boolean => kind === "refused" || kind === "rejected";
  const recent = seen.filter(({ observation, from }) => observation.begin >= Math.max(newest, from));
  const served = recent.filter(({ kind }) => kind === "ok").length;
  // If a port has always been closed, its refusal is the host's answer; but a device that refuses for the whole host, target included,
  // answers the same way.
  const isRefusedToo = failing.some(refuses);
  const answers = served + recent.filter((vote) => refuses(vote) && vote.isUsual && !isRefusedToo).length;
  const silent = recent.filter(({ kind }) => kind === "silent").length;
  // A refusal is searched for over a longer time, against answers as old: rounds with a witness are rare once no burst is left to ask for
  // one.
  const refused = seen.filter((vote) => refuses(vote) && !vote.isUsual).length;
  const servedSince = seen.filter(
    ({ kind, observation, from }) => kind === "ok" && observation.begin >= from,
  ).length;
  const witnessServes = served > silent + refused;
  return {
    witnessAnswers: answers > silent + refused,
    witnessServes,
    witnessAnswered: witnessAnswered || witnessServes,
    witnessSilent: silent > answers + refused,
    witnessRefuses: working > 0 && refused > 0 && refused >= Math.max(answers, servedSince),
    witnessAwaited: working > 0 && seen.length < Math.min(tuning.witnesses, working, failing.length),
  };
};

const firstMissOf = ({ recent }: Edge, onset: number): number | undefined =>
  recent.find(({ begin }) => begin > onset)?.begin;

/**
 * The results of vantages inside a target's own site. Only these separate a dead host from one that is merely cut off: a cut outside does
 * not touch them. They are weighed after the last results from outside, and never count for or against a quorum, which is about what the
 * world can reach. Rejected: treating them as ordinary paths. Whatever they reach would be proven good, and each silence outside would have
 * to be explained anew after every look from inside.
 */
export type InsideWord =
  /** It is served there, so it is not dead, crashed or hung. */
  | "served"
  | "refused"
  | "hung"
  /** It gives no answer, while another target of the site answers the same vantage. */
  | "missed";

const isServed = (outcome: string): boolean => outcome === "ok" || outcome === "app_error";

const isSilent = ({ outcome }: ObservationRecord): boolean =>
  outcome === "connect_timeout" || outcome === "response_timeout" || outcome === "pending";

/**
 * The results of these vantages since `since` (epoch milliseconds); none for a vantage whose looks are inconclusive. Misses outdo an
 * answer, its age does not: where half of the packets are lost inside, the next answer may take long.
 */
const insideWords = (
  state: TargetState,
  inside: readonly VantageRecord[],
  siblings: readonly TargetState[],
  { now, since }: { now: number; since: number },
  tuning: Tuning,
): InsideWord[] =>
  inside.flatMap((record): InsideWord[] => {
    const { id } = record.vantage;
    const edge = state.edges.get(id) ?? EMPTY_EDGE;
    if (record.state !== "sound") return (edge.lastOk ?? 0) > since ? ["served"] : [];
    // What the vantage missed while it was in doubt is no evidence; its answers count all the same.
    const isTold = (one: ObservationRecord): boolean =>
      one.begin >= record.trustedSince || isServed(one.outcome);
    const seen = edge.recent.filter((one) => one.begin > since && isTold(one) && !isOpen(one, now));
    const silences = seen.slice(seen.findLastIndex((observation) => !isSilent(observation)) + 1);
    const isMissed = outlastsLoss(silences, lossInside(id, [state, ...siblings]), state, tuning);
    const newest = isMissed ? silences.at(-1) : seen[seen.length - 1 - silences.length];
    if (newest === undefined) return [];
    const word = wordOf(newest);
    if (word !== "missed") return word === null ? [] : [word];
    const first = silences[0]?.begin ?? 0;
    // A miss counts only if other targets of the site answer the vantage after its first silence.
    const reachesOther = siblings.some((sibling) => (sibling.edges.get(id)?.lastOk ?? 0) > first);
    return reachesOther ? ["missed"] : [];
  });

/** What one look shows by itself; null for nothing. */
const wordOf = (look: ObservationRecord): InsideWord | null => {
  if (isServed(look.outcome)) return "served";
  if (look.outcome === "refused") return "refused";
  if (!isSilent(look)) return null;
  return look.outcome === "response_timeout" || look.stage === "response" ? "hung" : "missed";
};

/** Silent for at least an interval, and more often in a row than loss inside explains. */
const outlastsLoss = (
  silences: readonly ObservationRecord[],
  loss: number,
  { target }: TargetState,
  tuning: Tuning,
): boolean => {
  const [first, last] = [silences[0], silences.at(-1)];
  if (first === undefined || last === undefined || last.begin - first.begin < target.intervalMs) return false;
  return silences.length >= Math.log(tuning.insideByLoss) / Math.log(loss);
};

/** Share of the looks from inside that were lost although an answer came later, as if one of two more had been: Laplace's rule. */
const lossInside = (id: string, targets: readonly TargetState[]): number => {
  let [lost, looked] = [1, 2];
  for (const { edges } of targets) {
    const edge = edges.get(id);
    for (const observation of edge?.recent ?? []) {
      if (observation.begin > (edge?.lastOk ?? 0)) break;
      looked += 1;
      if (isSilent(observation)) lost += 1;
    }
  }
  return lost / looked;
};
