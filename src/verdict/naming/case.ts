/** What the rules look at: one target's counted evidence and the beliefs about it, at one moment. */
import type { Belief } from "../belief/beliefs.ts";
import { refusedAlone, isHeardElsewhere } from "../facts/elsewhere.ts";
import type { Facts } from "../facts/facts.ts";
import { type Living, livingOf } from "../facts/living.ts";
import type { PathLoss } from "../facts/loss.ts";
import type { Tuning } from "../tuning.ts";
import { neededVotes, quorumOf, type Quorum } from "../facts/quorum.ts";
import type { ShardState, TargetState } from "../memory/state.ts";
import { siblingsOf } from "../memory/target.ts";
import { freshnessMs, type Kind } from "../facts/votes.ts";

export interface Case {
  facts: Facts;
  /** What is remembered of the target, the facts noted. */
  state: TargetState;
  belief: Belief;
  quorum: Quorum;
  tuning: Tuning;
  /** We suspect ourselves: advice is frozen. */
  frozen: boolean;
  /** What share of the targets fell silent at once, in words. */
  share: string;
  /** Everybody who is needed has found it failing, and not by one look each. */
  agreed: boolean;
  /** That, and it is believed not to serve. */
  down: boolean;
  /** Some sound vantage reaches it, and it is believed to serve. */
  lives: boolean;
  /** Siblings that the whole sound world finds silent too. */
  siblingsSilent: number;
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
const persistent = ({ failing }: Facts, tuning: Tuning): boolean =>
  failing.length >= tuning.persistentFrom ||
  failing.every((vote) => vote.edge.recent.at(-2)?.outcome !== "ok");

/**
 * What each kind is taken for. A frozen process accepts connections only until its
 * backlog is full, and is silent after that: once it was seen to go on accepting without an answer,
 * later silence is the same hang, unless a witness that had worked is silent too. And where most
 * refusals have come all the way from the host, it refuses, and the faster ones say nothing else.
 */
const mergeFor = (facts: Facts, state: TargetState, belief: Belief): ((kind: Kind) => Kind) => {
  const { failing } = facts;
  const held = state.standing.verdict === "process_hung" && facts.dissent.length === 0;
  const hang = !facts.witnessSilent && (held || belief.hangs);
  const refusing = failing.filter((vote) => vote.kind === "refused").length * 2 >= failing.length;
  return (kind) => {
    if (kind === "silent" && hang) return "hung";
    return kind === "rejected" && refusing ? "refused" : kind;
  };
};

/** What is the same for every target of one judgement. */
export interface Round {
  shard: ShardState;
  /** What share of the targets fell silent at once, in words. */
  share: string;
  loss: PathLoss;
  tuning: Tuning;
}

export const caseOf = (
  { shard, share, loss, tuning }: Round,
  facts: Facts,
  state: TargetState,
  belief: Belief,
): Case => {
  const quorum = quorumOf(facts, mergeFor(facts, state, belief), tuning);
  const agreed = quorum.unanimous && persistent(facts, tuning);
  return {
    facts,
    state,
    belief,
    quorum,
    tuning,
    share,
    frozen: shard.frozenSince !== null,
    agreed,
    down: agreed && belief.badness >= tuning.downBelief,
    lives: facts.dissent.length > 0 && belief.badness < tuning.urgentBelief,
    siblingsSilent: siblingsOf(shard, state).filter(({ silentAt }) => silentAt !== null).length,
    refusedAlone: once(() => refusedAlone(shard, facts, state, tuning)),
    heardElsewhere: once(() => isHeardElsewhere(shard, facts, tuning)),
    living: once(() => livingOf(facts, state.recoveredAt ?? 0, loss, tuning)),
  };
};

/** Nobody sound has looked for as long as a verdict holds. */
export const hasExpired = ({ facts, state, tuning }: Case): boolean =>
  facts.counted.length === 0 || facts.now > (state.asOf ?? 0) + freshnessMs(facts, tuning);

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
export const neededBeside = ({ facts, belief: { openPaths }, tuning }: Case): number => {
  const needed = Math.min(neededVotes(facts, tuning), facts.failing.length);
  return openPaths > needed ? needed : Math.min(needed, tuning.quorum);
};

/**
 * Where links alone may explain the silence, one vantage not heard may be the one that is answered:
 * all must have been, and after a while all but one.
 */
export const isHeardOut = ({ facts, tuning }: Case): boolean =>
  facts.unheard <= (facts.now - facts.failingSince >= tuning.unheardMs ? 1 : 0);

/** It answers some, in ways of their own, and is silent to others. */
export const answersSome = ({ facts }: Case): boolean =>
  facts.failing.some((vote) => vote.kind === "wrong" || vote.kind === "hung");

/** Often enough amiss: less so where the answers themselves are wrong than where they may have been lost. */
export const isGray = ({ tuning, living }: Case): boolean => {
  const { amiss, looked, wrong } = living().health;
  return (
    (amiss >= tuning.grayCount && amiss >= tuning.amissShare * looked) ||
    (wrong >= tuning.grayCount && wrong >= tuning.grayShare * looked)
  );
};

/** More is lost, on several paths and without any being cut, than is expected of this target. */
export const isLossy = ({ facts, tuning, living }: Case): boolean => {
  const { health } = living();
  return (
    health.silent > tuning.lossySilences &&
    health.silentFrom > 1 &&
    health.silent / health.looked >= tuning.lossyShare + (facts.target.policy.expectedLoss ?? 0)
  );
};

/** Until when evidence that does not suffice is waited on; epoch milliseconds. */
export const undecidedUntil = ({ facts: { onset, target }, state, tuning }: Case): number => {
  const begun = onset > 0 ? onset + target.intervalMs : (state.standing.heldSince ?? 0);
  return begun + freshnessMs(state, tuning);
};

/** By when every vantage has looked again: an interval and a timeout after the newest failing look. */
export const nextLookBy = ({ facts: { failing, now, target } }: Case): number => {
  const newest = Math.max(0, ...failing.map(({ sighting }) => sighting.begin));
  const { intervalMs, timeoutMs } = target;
  return Math.max(now, newest + intervalMs + timeoutMs);
};
