/**
 * What else can be seen when a target is silent: silence alone tells nothing, its surroundings do.
 * A witness that answers leaves the process; a sibling that answers on the same path leaves the
 * host; someone inside who reaches it, or its own heartbeat, leaves only the network.
 *
 * Rejected: counting siblings that answered within a window. What proves a path, and when, is proof.ts's.
 */
import { isBeating, isSignOfLife } from "./heartbeat.ts";
import { insideWords } from "./inside.ts";
import type { JudgePolicy } from "./policy.ts";
import { siblingsOf } from "./neighbours.ts";
import type { ShardState, TargetState } from "./state.ts";
import type { View } from "./view.ts";
import { freshnessMs, voteLifeMs, voteOf } from "./votes.ts";

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
  /** An inside vantage has been served by the target since it was first missed outside. */
  insideServes: boolean;
  /** That, or any other answer to one inside, or a heartbeat sent since. */
  lives: boolean;
  /** An inside vantage reaches a sibling and not the target. */
  insideMisses: boolean;
  /** It sends heartbeats, and the next is not late yet: whether it lives will be known. */
  heartbeatDue: boolean;
  signOfLife: string;
}

export const surroundingsOf = (shard: ShardState, view: View, policy: JudgePolicy): Surroundings => {
  const siblings = siblingsOf(shard, view.state);
  const answered = siblings.reduce<TargetState | undefined>(
    (best, sibling) => (sibling.proof.at > (best?.proof.at ?? 0) ? sibling : best),
    undefined,
  );
  const { state, now, failingSince } = view;
  const since = Math.max(failingSince, now - voteLifeMs(state, policy));
  const words = insideWords(
    state,
    view.inside.map(({ record }) => record),
    siblings,
    since,
  );
  const beat = state.heartbeat;
  const lives = beat !== null && isSignOfLife(beat, failingSince, now);
  const insideServes = words.includes("served");
  const insideReaches = words.some((word) => word !== "missed");
  return {
    ...witnessEvidence(view, policy),
    sibling: answered === undefined ? null : `${answered.target.site}/${answered.target.target}`,
    siblings: siblings.length,
    siblingsSilent: siblings.filter(({ silentAt }) => silentAt !== null).length,
    insideServes,
    lives: insideReaches || lives,
    insideMisses: !insideReaches && words.includes("missed"),
    heartbeatDue: beat !== null && !lives && isBeating(beat, now),
    signOfLife: insideReaches ? "an inside vantage reaches it" : lives ? "its heartbeats arrive" : "",
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
