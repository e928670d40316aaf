/** The input of the rules: one target's counted evidence and the beliefs about it, at one moment. Also what a rule is, and its result. */
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
  /** What the judge remembers of the target, the facts noted. */
  state: TargetState;
  belief: Belief;
  quorum: Quorum;
  tuning: Tuning;
  /** Whether we suspect ourselves, so that advice is frozen. */
  frozen: boolean;
  /** Until when the target is held back after our own absence; null where it is not. */
  heldUntil: number | null;
  /** What share of the targets fell silent at once, in words. */
  share: string;
  /** Whether all vantages needed have found it failing, and not by one look each, or it is silent with all of its site. */
  agreed: boolean;
  /** Whether that is so, and the target is believed not to serve. */
  down: boolean;
  /** Whether no vantage was served in two looks each, and loss on the way does not explain it; … */
  unserved: boolean;
  /** … or none was served for two intervals and a timeout, whatever explains it. */
  longUnserved: boolean;
  /** Whether loss on the way is enough to explain it. */
  lossExplains: boolean;
  /** Whether a quorum has missed it twice each, or it is silent with all of its site. */
  missedTwice: boolean;
  /** Whether some sound vantage reaches it, and it is believed to serve. */
  lives: boolean;
  /** Whether it is as silent as all of its site. */
  silentWithSite: boolean;
  /** How many siblings all sound vantages find silent too. */
  siblingsSilent: number;
  /** Each of these is costly, so it is found out once, where a rule asks. */
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

/** The parts that are the same for every target of one judgement. */
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

/** Whether the vantages were refused, and the target is believed to have crashed, or had crashed before. */
export const isCrash = ({ agreed, down, belief, facts, quorum, state, tuning }: Case): boolean =>
  quorum.kind === "refused" &&
  !facts.listens &&
  ((down && belief.beliefs.crashed >= tuning.namedBelief) ||
    (agreed && isStillCrashed(facts, state, tuning)));

/** The shared failure. Without agreement it is a hang where connections were accepted and not answered, unless most are refused. */
const metBy = ({ belief, facts, quorum: { kind } }: Case): VoteKind | null =>
  kind ?? (isMostlyRefused(facts) ? "refused" : belief.hangs ? "hung" : null);

/** Whether the target takes connections without an answer. A target that refuses does not hang. */
export const isHang = (c: Case): boolean =>
  c.down && c.belief.beliefs.hung >= c.tuning.namedBelief && metBy(c) === "hung";

/** Whether it hangs, or is silent, while its witness answers. */
export const isHangBesideWitness = (c: Case): boolean =>
  c.down && c.facts.witnessAnswers && (metBy(c) === "hung" || metBy(c) === "silent");

/** Whether silence is all that is known. */
export const isSilence = (c: Case): boolean =>
  c.down && (c.quorum.kind === "silent" || (c.quorum.kind === null && !answersSome(c)));

/**
 * How many vantages must have missed it and been answered beside it. Cut paths cannot contribute to that number; where they leave hardly a
 * quorum, the smaller number is enough.
 */
export const neededBeside = ({ facts, belief: { openPaths }, tuning }: Case): number => {
  const needed = Math.min(neededVotes(facts, tuning), facts.failing.length);
  return openPaths > needed ? needed : Math.min(needed, tuning.quorum);
};

/** Whether it is silent beside siblings that went on answering the same vantages, or was found dead before and nothing contradicts that. */
export const isDeath = (c: Case): boolean => {
  if (!isSilence(c) || haveSiblingsFollowed(c)) return false;
  if (c.state.standing.verdict === "node_dead" && isStillSo(c.facts, c.state)) return true;
  return c.belief.alone >= c.tuning.namedBelief && c.belief.missedBeside >= neededBeside(c);
};

/** Whether all siblings fell silent within an interval of it: one fault may have hit them all, which is not the death of one host. */
const haveSiblingsFollowed = ({ facts, siblingsSilent, siblingsWentOn }: Case): boolean =>
  facts.siblings > 0 && siblingsSilent === facts.siblings && !siblingsWentOn();

/** Whether some vantages get a connection or an answer from it, while others meet silence. */
export const answersSome = ({ facts }: Case): boolean =>
  facts.listens || facts.failing.some((vote) => vote.kind === "wrong" || vote.kind === "hung");

/** By when every vantage has looked again: an interval and a timeout after the newest failing look. */
export const nextLookBy = ({ facts: { failing, now, target } }: Case): number => {
  const newest = Math.max(0, ...failing.map(({ observation }) => observation.begin));
  return Math.max(now, newest + target.intervalMs + target.timeoutMs);
};

/** The proof of a death or a crash: another kind of evidence, outside vantages that have seen it for long enough, or neither. */
export type DeathProof = "second" | "outside" | "none";

interface Named {
  /** For automation and bug reports: never changed once it is published. */
  name: string;
  /** The reason for the rule. */
  why: string;
  when: (c: Case) => boolean;
}

interface Saying extends Named {
  /** `good`: no evidence is against the target; settling.ts decides when that is `alive`. */
  verdict: Exclude<Verdict, "alive"> | "good";
  /** One sentence from the evidence that decided. */
  say: (c: Case) => string;
  scope?: Scope;
  proof?: (c: Case) => DeathProof;
  /** Whether it rests only on the votes that failed. */
  byFailing?: true;
}

interface Waiting extends Named {
  verdict: "wait";
  /** What the rule waits for. */
  say: (c: Case) => string;
  /** The latest end of the wait; epoch milliseconds. */
  until: (c: Case) => number;
  /** Whether it goes on waiting although no vantage is served, since the trouble may be ours. */
  outlasts?: true;
}

export type Rule = Saying | Waiting;

export interface Conclusion {
  rule: string;
  /** `good`: no evidence is against the target; settling.ts decides when that is `alive`. */
  verdict: Exclude<Verdict, "alive"> | "good";
  scope: Scope;
  quorum: Quorum;
  proof: DeathProof;
  cut: string[];
  because: string;
  /** The votes it rests on. */
  votes: Vote[];
  /** Whether no vantage is served. */
  unserved: boolean;
  /** Where the target answers: begin of its newest recent wrong answer; 0 for none. */
  amissAt: number;
  /** For a crash: whether its witness has yet to show if the host answers at all. */
  witnessAwaited: boolean;
}

/** A conclusion, or what the judge waits for before it can conclude. */
export interface Decision {
  conclusion: Conclusion | null;
  waiting: Wait | null;
}
