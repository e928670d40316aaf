/**
 * What else can be seen when a target is silent: silence alone tells nothing, its surroundings do.
 * A witness that answers leaves the process; a sibling that answers on the same path leaves the
 * host; someone inside who reaches it, or its own heartbeat, leaves only the network.
 */
import type { JudgePolicy } from "./policy.ts";
import { neededVotes } from "./quorum.ts";
import type { ShardState, TargetState } from "./state.ts";
import { freshnessMs, kindOf, silentRun, voteOf, type View, type Vote } from "./votes.ts";

export interface Surroundings {
  /** A witness has answered since the onset. */
  witnessAnswers: boolean;
  /** A witness that had worked is silent now. */
  witnessSilent: boolean;
  /** A sibling answered, after the target was silent, on enough of the same paths. */
  siblingAnswers: boolean;
  /** The sibling that did, for the sentence. */
  sibling: string | null;
  siblings: number;
  /** Siblings that are as silent as the target. */
  siblingsSilent: number;
  /** An inside vantage reaches the target, or its heartbeat arrives. */
  insideReaches: boolean;
  /** An inside vantage reaches a sibling and not the target. */
  insideMisses: boolean;
  signOfLife: string;
}

/** Heartbeats count as arriving for this many of their periods. */
const HEARTBEAT_PERIODS = 3;
const HEARTBEAT_DEFAULT_MS = 10_000;
/** Probes of one tick begin within this time of each other. */
const SAME_TICK_MS = 250;

export const surroundingsOf = (shard: ShardState, view: View, policy: JudgePolicy): Surroundings => {
  const siblings = siblingsOf(shard, view.state);
  const answered = siblings.find((sibling) => answersBeside(view, sibling, policy));
  const inside = insideEvidence(view, siblings, policy);
  const heartbeat = heartbeatArrives(view);
  return {
    ...witnessEvidence(view, policy),
    siblingAnswers: answered !== undefined,
    sibling: answered === undefined ? null : `${answered.target.site}/${answered.target.target}`,
    siblings: siblings.length,
    siblingsSilent: siblings.filter((sibling) => silentBeside(view, sibling, policy)).length,
    insideReaches: inside.reaches || heartbeat,
    insideMisses: inside.misses,
    signOfLife: heartbeat ? "its heartbeats arrive" : inside.reaches ? "an inside vantage reaches it" : "",
  };
};

/** The other targets of the site that are looked at. */
export const siblingsOf = (shard: ShardState, state: TargetState): TargetState[] =>
  [...shard.targets.values()].filter(
    (other) => other !== state && other.target.site === state.target.site && !other.target.paused,
  );

const witnessEvidence = (
  view: View,
  policy: JudgePolicy,
): { witnessAnswers: boolean; witnessSilent: boolean } => {
  const none = { witnessAnswers: false, witnessSilent: false };
  if (!view.state.target.hasWitness) return none;
  const since = Math.max(view.onset, view.now - freshnessMs(view.state, policy));
  const votes = view.counted
    .map((vote) => {
      const edge = view.state.witness.get(vote.record.vantage.id);
      return { vote: voteOf(vote.record, edge, since + 1, policy), worked: edge?.lastOk !== null };
    })
    .filter(({ vote }) => vote !== null);
  // A refusal is an answer of the host too, and here the host is what is asked for.
  const answers = votes.filter(({ vote }) => vote?.kind === "ok" || vote?.kind === "refused").length;
  const silent = votes.filter(({ vote, worked }) => vote?.kind === "silent" && worked).length;
  return { witnessAnswers: answers > silent, witnessSilent: silent > answers };
};

/** When this vantage first missed the target after its last good word. */
const firstMiss = (view: View, vote: Vote, policy: JudgePolicy): number =>
  silentRun(vote.edge, view.onset, policy)[0]?.begin ?? vote.sighting.begin;

/**
 * Whether the sibling answered, between the first and the last time they missed the target, on as
 * many paths as a quorum needs. An answer after the last miss tells nothing: a whole site may just
 * have come back. And one or two answers are what remains of a site whose links lose most packets.
 */
const answersBeside = (view: View, sibling: TargetState, policy: JudgePolicy): boolean => {
  const answered = view.failing.filter((vote) => {
    const edge = sibling.edges.get(vote.record.vantage.id);
    const from = firstMiss(view, vote, policy) - SAME_TICK_MS;
    const until = vote.sighting.begin + SAME_TICK_MS;
    return edge?.recent.some((sighting) => {
      const kind = kindOf(sighting, edge, policy);
      const between = sighting.begin >= from && sighting.begin <= until;
      return between && kind !== null && kind !== "silent" && kind !== "rejected";
    });
  });
  return answered.length > 0 && answered.length >= Math.min(neededVotes(view, policy), view.failing.length);
};

/** Whether the sibling's newest votes from the same vantages are silences too. */
const silentBeside = (view: View, sibling: TargetState, policy: JudgePolicy): boolean => {
  const since = view.now - freshnessMs(sibling, policy);
  const votes = view.failing
    .map((vote) => voteOf(vote.record, sibling.edges.get(vote.record.vantage.id), since, policy))
    .filter((vote) => vote !== null);
  const silent = votes.filter((vote) => vote.kind === "silent").length;
  return silent >= Math.min(policy.quorum, view.failing.length) && votes.length - silent <= 1;
};

const insideEvidence = (
  view: View,
  siblings: TargetState[],
  policy: JudgePolicy,
): { reaches: boolean; misses: boolean } => {
  const reaches = view.inside.some((vote) => vote.kind !== "silent" && vote.sighting.begin > view.onset);
  const misses = view.inside.some((vote) => {
    if (vote.kind !== "silent" || vote.sighting.begin <= view.onset) return false;
    return siblings.some((sibling) => {
      const edge = sibling.edges.get(vote.record.vantage.id);
      return voteOf(vote.record, edge, view.onset + 1, policy)?.kind === "ok";
    });
  });
  return { reaches, misses: misses && !reaches };
};

const heartbeatArrives = ({ state, now }: View): boolean => {
  if (state.heartbeat === null) return false;
  const period = state.heartbeat.everyMs ?? HEARTBEAT_DEFAULT_MS;
  return now - state.heartbeat.at <= HEARTBEAT_PERIODS * period;
};
