/**
 * From counted evidence to what is true of the target now: read from the top, the first rule that holds decides. There are two cases.
 * Either the target is believed not to serve, and a quorum has looked since the last answer: then belief names the cause, where the votes
 * agree with it. Or some vantage reaches it: then the question is which vantages do, and how well. Where neither can be decided yet a rule
 * waits, and says for what.
 *
 * Rejected: belief alone. A model can be wrong: a cause that it lacks appears as the most likely cause it has. Also rejected: a plain
 * majority. It does not distinguish 3 of 7 dead-to-us from a cut, and a stale vote weighs in it as much as a fresh one.
 */
import { answersSome, type Case, type Conclusion, type Decision, type Rule } from "./case.ts";
import { DOWN } from "./down.ts";
import * as because from "./because.ts";
import { neededVotes } from "../facts/quorum.ts";
import type { DrillMark } from "../memory/judge-state.ts";
import { type Vote, freshnessMs } from "../facts/votes.ts";

/**
 * Whether no outside vantage gets through: each is turned away, or meets silence for longer than loss explains, whatever the silence is
 * taken for. Loss makes some vantages look as if they were let in and never answered.
 */
export const isKeptOut = (c: Case): boolean => {
  const { kind } = c.quorum;
  if (kind === "wrong") return false;
  const isTurnedAway = kind !== "silent" && c.facts.failing.some((vote) => vote.kind === kind);
  if (isTurnedAway && !c.lossExplains) return true;
  return c.belief.pDown >= c.tuning.downBelief ? c.missedTwice : c.unserved && !answersSome(c);
};

/** Whether no sound vantage has looked for as long as a verdict holds. */
export const hasExpired = ({ facts, state, tuning }: Case): boolean =>
  facts.counted.length === 0 || facts.now > (state.asOf ?? 0) + freshnessMs(facts, tuning);

/** Whether it is amiss often enough. A smaller share suffices where the answers themselves are wrong than where they may have been lost. */
export const isGray = ({ tuning, living }: Case): boolean => {
  const { amiss, looked, wrong } = living().health;
  return (
    (amiss >= tuning.grayCount && amiss >= tuning.amissShare * looked) ||
    (wrong >= tuning.grayCount && wrong >= tuning.grayShare * looked)
  );
};

/** Whether more is lost, on several paths and without any being cut, than is expected of this target. */
export const isLossy = ({ facts, tuning, living }: Case): boolean => {
  const { health } = living();
  return (
    health.silent > tuning.lossySilences &&
    health.silentFrom > 1 &&
    health.silent / health.looked >= tuning.lossyShare + (facts.target.policy.expectedLoss ?? 0)
  );
};

/** Until when the judge waits on evidence that does not suffice; epoch milliseconds. */
export const undecidedUntil = ({ facts: { onset, target }, state, tuning }: Case): number => {
  const begun = onset > 0 ? onset + target.intervalMs : (state.standing.heldSince ?? 0);
  return begun + freshnessMs(state, tuning);
};

export const RULES: readonly Rule[] = [
  {
    name: "catching-up",
    why: "What waited for us is the past, and one vantage's part of it is not what all saw.",
    when: (c) => c.heldUntil !== null,
    verdict: "wait",
    say: () => "the detector was away, and not all vantages have reported since",
    until: (c) => c.heldUntil ?? c.facts.now,
    outlasts: true,
  },
  {
    name: "frozen",
    why: "Where most of the world falls silent at once the likelier cause is on our side.",
    when: ({ frozen, state }) => frozen && state.silentAt !== null,
    verdict: "unknown",
    say: ({ share }) => because.frozen(share),
  },
  {
    name: "paused",
    why: "Nobody looks at it.",
    when: ({ facts }) => facts.target.paused,
    verdict: "unknown",
    say: ({ facts }) => facts.target.barred ?? because.paused(),
  },
  {
    name: "nothing-fresh",
    why: "Evidence that has run out says nothing of now.",
    when: hasExpired,
    verdict: "unknown",
    say: ({ facts }) => because.nothingFresh(facts),
  },
  {
    name: "kept-out",
    why: "An inside vantage is served: whatever it is that the outside meets, it is not the target.",
    when: (c) => (c.agreed || c.unserved) && c.facts.insideServes && isKeptOut(c),
    verdict: "isolated",
    say: ({ facts }) => because.isolated(facts),
    byFailing: true,
  },
  ...DOWN,
  {
    name: "sometimes-wrong",
    why: "It serves, and too often wrongly or not at all.",
    when: (c) => c.lives && isGray(c),
    verdict: "gray",
    say: ({ facts, living }) => because.sometimesWrong(facts, living().health),
  },
  {
    name: "partitioned",
    why: "Some have missed it for longer than loss explains while others are answered.",
    when: (c) => c.lives && c.living().cut.length > 0,
    verdict: "partitioned",
    say: ({ facts, living }) => because.partitioned(facts, living().cut),
  },
  {
    name: "lossy",
    why: "More is lost on the way to it than is expected, and no path is cut.",
    when: (c) => c.lives && isLossy(c),
    verdict: "gray",
    say: ({ living }) => because.lossy(living().health),
  },
  {
    name: "good",
    why: "Somebody sound is answered as expected, and nothing speaks against it.",
    when: ({ lives }) => lives,
    verdict: "good",
    say: ({ facts }) => because.good(facts),
  },
  {
    name: "undecided",
    why: "Nobody has a current answer, and the rest do not agree or are too few yet.",
    when: (c) => c.facts.now < undecidedUntil(c) || c.state.standing.verdict === "unknown",
    verdict: "wait",
    say: ({ facts, tuning }) => `${neededVotes(facts, tuning)} vantages must agree, and too few do`,
    until: undecidedUntil,
  },
  {
    name: "too-few",
    why: "It has stayed open for too long to go on with what was held.",
    when: () => true,
    verdict: "unknown",
    say: ({ facts, tuning }) => because.tooFew(facts, tuning),
  },
];

/**
 * The first rule that holds. Rules that wait are left out once no vantage is served, unless they outlast that, since it has to be
 * published.
 */
const firstHolding = (c: Case, rules: readonly Rule[]): Rule => {
  const rule = rules.find(
    (one) => one.when(c) && !(one.verdict === "wait" && c.unserved && one.outlasts !== true),
  );
  if (rule === undefined) throw new Error("the last rule holds always");
  return rule;
};

/** The decision from the evidence, by the first of the rules that holds. */
export const conclude = (c: Case, rules: readonly Rule[]): Decision => {
  const rule = firstHolding(c, rules);
  if (rule.verdict === "wait")
    return { conclusion: null, waiting: { rule: rule.name, what: rule.say(c), until: rule.until(c) } };
  const { quorum, facts } = c;
  const conclusion: Conclusion = {
    rule: rule.name,
    verdict: rule.verdict,
    scope: rule.scope ?? "target",
    quorum,
    proof: rule.proof?.(c) ?? "none",
    cut: rule.verdict === "partitioned" ? c.living().cut : [],
    because: rule.say(c),
    votes: rule.byFailing === true ? facts.failing : facts.counted,
    unserved: c.unserved,
    amissAt: rule.verdict === "good" ? c.living().health.amissAt : 0,
    witnessAwaited: rule.name === "crashed" && facts.witnessAwaited,
  };
  return { conclusion, waiting: null };
};

/** The drill behind the votes against the target. One rehearsal among them makes the whole a rehearsal. */
export const drillOf = (votes: Vote[]): DrillMark | null => {
  const marks = votes.filter((vote) => vote.kind !== "ok").flatMap((vote) => vote.observation.drill ?? []);
  return marks.find((mark) => !mark.live) ?? marks[0] ?? null;
};
