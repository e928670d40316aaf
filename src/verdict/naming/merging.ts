/**
 * Kinds of votes that mean the same in this episode. Rejected: counting them apart. A full backlog would
 * turn a hang into a death, and one middlebox of many a crash into nothing.
 */
import type { Belief } from "../belief/beliefs.ts";
import type { Surroundings } from "../facts/surroundings.ts";
import type { View } from "../facts/view.ts";
import type { Kind } from "../facts/votes.ts";

/**
 * What each kind is taken for. A frozen process accepts connections only until its
 * backlog is full, and is silent after that: once it was seen to go on accepting without an answer,
 * later silence is the same hang, unless a witness that had worked is silent too. And where most
 * refusals have come all the way from the host, it refuses, and the faster ones say nothing else.
 */
export const mergeFor = (view: View, around: Surroundings, belief: Belief): ((kind: Kind) => Kind) => {
  const { failing, state } = view;
  const held = state.standing.verdict === "process_hung" && view.dissent.length === 0;
  const hang = !around.witnessSilent && (held || belief.hangs);
  const refusing = failing.filter((vote) => vote.kind === "refused").length * 2 >= failing.length;
  return (kind) => {
    if (kind === "silent" && hang) return "hung";
    return kind === "rejected" && refusing ? "refused" : kind;
  };
};
