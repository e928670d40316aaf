/** What the rules look at: one target's counted evidence and the beliefs about it, at one moment; what a rule is, and what it comes to. */
import type { Belief } from "../belief/beliefs.ts";
import {
  haveSiblingsGoneOn,
  isHeardElsewhere,
  mayBeOurs,
  refusedAlone,
  refusedSiblings,
} from "../facts/elsewhere.ts";
import type { Facts } from "../facts/facts.ts";
import { heldUntil, type Living, livingOf } from "../facts/living.ts";
import type { PathLoss } from "../facts/loss.ts";
import type { Tuning } from "../tuning.ts";
import {
  hasBeenLong,
  isServedToNobody,
  isSilentWithSite,
  neededVotes,
  quorumOf,
  type Quorum,
  isLossEnough,
  isMissedTwice,
  isMostlyRefused,
  isStillCrashed,
  isStillSo,
  mergedBy,
} from "../facts/quorum.ts";
import type { ShardState, TargetState, Wait } from "../memory/judge-state.ts";
import { siblingsOf } from "../memory/target-state.ts";
import type { VoteKind, Vote } from "../facts/votes.ts";
import type { Scope, Verdict } from "../../domain/verdict.ts";

export interface Case {
  facts: Facts;
  /** What is remembered of the target, the facts noted. */
  state: TargetState;
  belief: Belief;
  quorum: Quorum;
  tuning: Tuning;
  /** We suspect ourselves: advice is frozen. */
  frozen: boolean;
  /** Until when it is held back after our own absence; null where it is not. */
  heldUntil: number | null;
  /** What share of the targets fell silent at once, in words. */
  share: string;
  /** Everybody who is needed has found it failing, and not by one look each. */
  agreed: boolean;
  /** That, and it is believed not to serve. */
  down: boolean;
  /** No vantage was served in two looks each, and loss on the way does not explain it; … */
  unserved: boolean;
  /** … or has not been for two intervals and a timeout, whatever explains it. */
  longUnserved: boolean;
  /** What was sent may have been lost. */
  lossExplains: boolean;
  /** A quorum has missed it twice each, or as all of its site. */
  missedTwice: boolean;
  /** Some sound vantage reaches it, and it is believed to serve. */
  lives: boolean;
  /** It is silent as all of its site is. */
  silentWithSite: boolean;
  /** Siblings that the whole sound world finds silent too. */
  siblingsSilent: number;
  /** Costly to find out, so each is found out once, where a rule asks. */
  refusedAlone: () => boolean | null;
  siblingsRefused: () => number;
  siblingsWentOn: () => boolean;
  heardElsewhere: () => boolean;
  mayBeOurs: () => boolean;
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

/** What is the same for every target of one judgement. */
export interface JudgementRound {
  shard: ShardState;
  /** What share of the targets fell silent at once, in words. */
  share: string;
  loss: PathLoss;
  tuning: Tuning;
}

export const caseOf = (
  { shard, share, loss, tuning }: JudgementRound,
  facts: Facts,
  state: TargetState,
  belief: Belief,
): Case => {
  const siblingsSilent = siblingsOf(shard, state).filter(({ silentAt }) => silentAt !== null).length;
  const isSiteSilent = facts.siblings > 0 && siblingsSilent === facts.siblings;
  const quorum = quorumOf(facts, mergedBy(facts, state, belief.hangs, isSiteSilent, tuning), tuning);
  const silentWithSite = isSilentWithSite(facts, belief, tuning);
  const agreed = silentWithSite || (quorum.unanimous && persistent(facts, tuning));
  const longUnserved = isServedToNobody(facts, tuning) && hasBeenLong(facts);
  const lossExplains = isLossEnough(facts, belief, tuning);
  return {
    facts,
    state,
    belief,
    quorum,
    tuning,
    share,
    heldUntil: heldUntil(shard, facts.target, facts.now, tuning),
    frozen: shard.frozenSince !== null,
    agreed,
    down: agreed && belief.pDown >= tuning.downBelief,
    unserved:
      longUnserved ||
      silentWithSite ||
      (isServedToNobody(facts, tuning) &&
        !lossExplains &&
        facts.failing.length >= neededVotes(facts, tuning)),
    longUnserved,
    lossExplains,
    missedTwice: silentWithSite || isMissedTwice(facts, tuning),
    silentWithSite,
    lives: facts.dissent.length > 0 && belief.pDown < tuning.urgentBelief,
    siblingsSilent,
    refusedAlone: once(() => refusedAlone(shard, facts, state, tuning)),
    siblingsRefused: once(() => refusedSiblings(shard, facts, state)),
    siblingsWentOn: once(() => haveSiblingsGoneOn(shard, facts, state, tuning)),
    heardElsewhere: once(() => isHeardElsewhere(shard, facts, tuning)),
    mayBeOurs: once(() => mayBeOurs(shard, facts, tuning)),
    living: once(() => livingOf(facts, state.recoveredAt ?? 0, loss, tuning)),
  };
};

/** The vantages were refused, and it is believed to have crashed, or had before. */
export const isCrash = ({ agreed, down, belief, facts, quorum, state, tuning }: Case): boolean =>
  quorum.kind === "refused" &&
  !facts.listens &&
  ((down && belief.beliefs.crashed >= tuning.namedBelief) ||
    (agreed && isStillCrashed(facts, state, tuning)));

/** What all are taken to meet who do not agree: a hang where connections were seen to be accepted and not answered, unless most are refused. */
const metBy = ({ belief, facts, quorum: { kind } }: Case): VoteKind | null =>
  kind ?? (isMostlyRefused(facts) ? "refused" : belief.hangs ? "hung" : null);

/** It takes connections without an answer. What is refused does not hang. */
export const isHang = (c: Case): boolean =>
  c.down && c.belief.beliefs.hung >= c.tuning.namedBelief && metBy(c) === "hung";

/** That, or nothing comes back, while its host answers elsewhere. */
export const isHangBesideWitness = (c: Case): boolean =>
  c.down && c.facts.witnessAnswers && (metBy(c) === "hung" || metBy(c) === "silent");

/** All that is known is that nothing comes back. */
export const isSilence = (c: Case): boolean =>
  c.down && (c.quorum.kind === "silent" || (c.quorum.kind === null && !answersSome(c)));

/**
 * So many must have missed it and been answered beside it. Cut paths can have no say in that; where
 * they leave hardly a quorum, the smaller number does.
 */
export const neededBeside = ({ facts, belief: { openPaths }, tuning }: Case): number => {
  const needed = Math.min(neededVotes(facts, tuning), facts.failing.length);
  return openPaths > needed ? needed : Math.min(needed, tuning.quorum);
};

/** Silent beside siblings that answered the same vantages, and went on doing so; or found to be so before, and nothing speaks against it. */
export const isDeath = (c: Case): boolean => {
  if (!isSilence(c) || haveSiblingsFollowed(c)) return false;
  if (c.state.standing.verdict === "node_dead" && isStillSo(c.facts, c.state)) return true;
  return c.belief.alone >= c.tuning.namedBelief && c.belief.missedBeside >= neededBeside(c);
};

/** All siblings fell silent within an interval of it: what befell it may have befallen them as well, and is no death of one host. */
const haveSiblingsFollowed = ({ facts, siblingsSilent, siblingsWentOn }: Case): boolean =>
  facts.siblings > 0 && siblingsSilent === facts.siblings && !siblingsWentOn();

/** It answers some, in ways of their own, and is silent to others. */
export const answersSome = ({ facts }: Case): boolean =>
  facts.listens || facts.failing.some((vote) => vote.kind === "wrong" || vote.kind === "hung");

/** By when every vantage has looked again: an interval and a timeout after the newest failing look. */
export const nextLookBy = ({ facts: { failing, now, target } }: Case): number => {
  const newest = Math.max(0, ...failing.map(({ observation }) => observation.begin));
  return Math.max(now, newest + target.intervalMs + target.timeoutMs);
};

/** What a death or a crash rests on: another kind of evidence, outside vantages that have seen it for long enough, or not even that. */
export type DeathProof = "second" | "outside" | "none";

interface Named {
  /** For automation and bug reports: never changed once it is published. */
  name: string;
  /** Why the rule is there. */
  why: string;
  when: (c: Case) => boolean;
}

interface Saying extends Named {
  /** `good`: nothing speaks against it; settling.ts decides when that is `alive`. */
  verdict: Exclude<Verdict, "alive"> | "good";
  /** One sentence from the evidence that decided. */
  say: (c: Case) => string;
  scope?: Scope;
  proof?: (c: Case) => DeathProof;
  /** It rests on the votes that failed alone. */
  byFailing?: true;
}

interface Waiting extends Named {
  verdict: "wait";
  /** What is waited for. */
  say: (c: Case) => string;
  /** Until when at the latest; epoch milliseconds. */
  until: (c: Case) => number;
  /** It goes on waiting although nobody is served: the trouble may be ours. */
  outlasts?: true;
}

export type Rule = Saying | Waiting;

export interface Conclusion {
  rule: string;
  /** `good`: nothing speaks against it; settling.ts decides when that is `alive`. */
  verdict: Exclude<Verdict, "alive"> | "good";
  scope: Scope;
  quorum: Quorum;
  proof: DeathProof;
  cut: string[];
  because: string;
  /** The votes it rests on. */
  votes: Vote[];
  /** No vantage is served. */
  unserved: boolean;
  /** Where the target answers: begin of its newest recent wrong answer; 0 for none. */
  amissAt: number;
  /** For a crash: its witness has yet to say whether the host answers at all. */
  witnessAwaited: boolean;
}

/** A conclusion, or what is waited for before there can be one. */
export interface Decision {
  conclusion: Conclusion | null;
  waiting: Wait | null;
}
