/**
 * What else can be seen when a target is silent: silence alone tells nothing, its surroundings do.
 * A witness that answers leaves the process; a sibling that answers on the same path leaves the
 * host; someone inside who reaches it, or its own heartbeat, leaves only the network.
 *
 * Rejected: counting siblings that answered within a window. What proves a path, and when, is proof.ts's.
 */
import { isBeating } from "./heartbeat.ts";
import type { JudgePolicy } from "./policy.ts";
import { siblingsOf } from "./neighbours.ts";
import type { ShardState, TargetState } from "./state.ts";
import type { View } from "./view.ts";
import { freshnessMs, voteOf } from "./votes.ts";

export interface Surroundings {
  /** A witness has answered since the onset. */
  witnessAnswers: boolean;
  /** A witness that had worked is silent now. */
  witnessSilent: boolean;
  /** The sibling that was answered last, for the sentence. */
  sibling: string | null;
  siblings: number;
  /** Siblings that the whole sound world finds silent too. */
  siblingsSilent: number;
  /** An inside vantage reaches the target, or its heartbeat arrives. */
  insideReaches: boolean;
  /** An inside vantage reaches a sibling and not the target. */
  insideMisses: boolean;
  signOfLife: string;
}

export const surroundingsOf = (shard: ShardState, view: View, policy: JudgePolicy): Surroundings => {
  const siblings = siblingsOf(shard, view.state);
  const answered = siblings.reduce<TargetState | undefined>(
    (best, sibling) => (sibling.proof.at > (best?.proof.at ?? 0) ? sibling : best),
    undefined,
  );
  const inside = insideEvidence(view, siblings, policy);
  const heartbeat = view.state.heartbeat !== null && isBeating(view.state.heartbeat, view.now);
  return {
    ...witnessEvidence(view, policy),
    sibling: answered === undefined ? null : `${answered.target.site}/${answered.target.target}`,
    siblings: siblings.length,
    siblingsSilent: siblings.filter(({ silentAt }) => silentAt !== null).length,
    insideReaches: inside.reaches || heartbeat,
    insideMisses: inside.misses,
    signOfLife: heartbeat ? "its heartbeats arrive" : inside.reaches ? "an inside vantage reaches it" : "",
  };
};

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
