/** What the rules look at: one target's counted evidence and the beliefs about it, at one moment. */
import { mergeFor } from "./merging.ts";
import type { Belief } from "../belief/beliefs.ts";
import { refusedAlone, isHeardElsewhere } from "../facts/elsewhere.ts";
import { healthOf, type Health } from "../facts/health.ts";
import { isCut } from "../facts/partition.ts";
import type { Tuning } from "../tuning.ts";
import { neededVotes, quorumOf, type Quorum } from "../facts/quorum.ts";
import type { Surroundings } from "../facts/surroundings.ts";
import type { ShardState } from "../memory/state.ts";
import type { View } from "../facts/view.ts";
import { freshnessMs } from "../facts/votes.ts";

/** How a target that somebody reaches fares. */
export interface Living {
  /** Ids of the vantages that are cut off from it, sorted. */
  cut: string[];
  health: Health;
}

export interface Case {
  shard: ShardState;
  view: View;
  around: Surroundings;
  belief: Belief;
  quorum: Quorum;
  tuning: Tuning;
  /** What share of the targets fell silent at once, in words. */
  share: string;
  /** Everybody who is needed has found it failing, and not by one look each. */
  agreed: boolean;
  /** That, and it is believed not to serve. */
  down: boolean;
  /** Some sound vantage reaches it, and it is believed to serve. */
  lives: boolean;
  /** Costly to find out, so each is found out once, where a rule asks. */
  refusedAlone: () => boolean | null;
  heardElsewhere: () => boolean;
  living: () => Living;
}

/** The value of `find`, found at the first call. */
const once = <T>(find: () => T): (() => T) => {
  let found: { value: T } | undefined;
  return () => (found ??= { value: find() }).value;
};

/** With too few vantages for a quorum, one look each is not enough to name anything. */
const persistent = ({ failing }: View): boolean =>
  failing.length >= 3 || failing.every((vote) => vote.edge.recent.at(-2)?.outcome !== "ok");

export const caseOf = (
  shard: ShardState,
  view: View,
  around: Surroundings,
  belief: Belief,
  share: string,
  tuning: Tuning,
): Case => {
  const quorum = quorumOf(view, mergeFor(view, around, belief), tuning);
  const agreed = quorum.unanimous && persistent(view);
  return {
    shard,
    view,
    around,
    belief,
    quorum,
    tuning,
    share,
    agreed,
    down: agreed && belief.badness >= tuning.downBelief,
    lives: view.dissent.length > 0 && belief.badness < tuning.urgentBelief,
    refusedAlone: once(() => refusedAlone(shard, view, tuning)),
    heardElsewhere: once(() => isHeardElsewhere(shard, view, tuning)),
    living: once(() => {
      const cut = view.counted.filter((vote) => isCut(shard, view, vote, tuning));
      const health = healthOf(view, new Set(cut), tuning);
      return { cut: cut.map(({ record }) => record.vantage.id).toSorted(), health };
    }),
  };
};

/** Nobody sound has looked for as long as a verdict holds. */
export const hasExpired = ({ view, tuning }: Case): boolean =>
  view.counted.length === 0 || view.now > (view.state.asOf ?? 0) + freshnessMs(view.state, tuning);

/** Nobody outside gets through: turned away, or silent for longer than loss explains. */
export const isKeptOut = ({ quorum: { kind }, belief, tuning }: Case): boolean =>
  kind === "refused" ||
  kind === "rejected" ||
  kind === "hung" ||
  (kind !== "wrong" && belief.badness >= tuning.downBelief);

/** It is believed to have crashed, and the vantages were refused. */
export const isCrash = ({ down, belief, quorum, tuning }: Case): boolean =>
  down && belief.beliefs.crashed >= tuning.namedBelief && quorum.kind === "refused";

/** All that is known is that nothing comes back. */
export const isSilence = ({ down, quorum: { kind } }: Case): boolean =>
  down && (kind === "silent" || kind === null);

/**
 * So many must have missed it and been answered beside it. Cut paths can have no say in that; where
 * they leave hardly a quorum, the smaller number does.
 */
export const neededBeside = ({ view, belief: { openPaths }, tuning }: Case): number => {
  const needed = Math.min(neededVotes(view, tuning), view.failing.length);
  return openPaths > needed ? needed : Math.min(needed, tuning.quorum);
};

/**
 * Where links alone may explain the silence, one vantage not heard may be the one that is answered:
 * all must have been, and after a while all but one.
 */
export const isHeardOut = ({ view, tuning }: Case): boolean =>
  view.unheard <= (view.now - view.failingSince >= tuning.unheardMs ? 1 : 0);

/** It answers some, in ways of their own, and is silent to others. */
export const answersSome = ({ view }: Case): boolean =>
  view.failing.some((vote) => vote.kind === "wrong" || vote.kind === "hung");

/** Often enough amiss: less so where the answers themselves are wrong than where they may have been lost. */
export const isGray = ({ tuning, living }: Case): boolean => {
  const { amiss, looked, wrong } = living().health;
  return (
    (amiss >= tuning.grayCount && amiss >= tuning.amissShare * looked) ||
    (wrong >= tuning.grayCount && wrong >= tuning.grayShare * looked)
  );
};

/** More is lost, on several paths and without any being cut, than is expected of this target. */
export const isLossy = ({ view, tuning, living }: Case): boolean => {
  const { health } = living();
  return (
    health.silent > 3 &&
    health.silentFrom > 1 &&
    health.silent / health.looked >= tuning.lossyShare + (view.state.target.policy.expectedLoss ?? 0)
  );
};

/** Until when evidence that does not suffice is waited on; epoch milliseconds. */
export const undecidedUntil = ({ view, tuning }: Case): number => {
  const { onset, state } = view;
  const begun = onset > 0 ? onset + state.target.intervalMs : (state.standing.heldSince ?? 0);
  return begun + freshnessMs(state, tuning);
};

/** By when every vantage has looked again: an interval and a timeout after the newest failing look. */
export const nextLookBy = ({ view: { failing, now, state } }: Case): number => {
  const newest = Math.max(0, ...failing.map(({ sighting }) => sighting.begin));
  const { intervalMs, timeoutMs } = state.target;
  return Math.max(now, newest + intervalMs + timeoutMs);
};
