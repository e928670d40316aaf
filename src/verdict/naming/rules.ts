/**
 * From counted evidence to what is true of the target now: read from the top, the first rule that holds decides.
 * Two cases: it is believed not to serve, and a quorum has looked since the last answer (then belief names the cause,
 * where the votes agree with it), or somebody reaches it (then the question is for whom and how well). Where neither
 * can be said yet a rule waits, and says for what.
 *
 * Rejected: belief alone. A model can be wrong: a cause that it lacks appears as the most likely cause it has.
 * And a plain majority: it cannot tell 3 of 7 dead-to-us from a cut, and a stale vote weighs in it as much as a fresh one.
 */
import type { Rule } from "./conclusion.ts";
import { DOWN } from "./down.ts";
import * as because from "./sentences.ts";
import { hasExpired, isGray, isKeptOut, isLossy, undecidedUntil } from "./case.ts";
import { neededVotes } from "../facts/quorum.ts";

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
    say: because.paused,
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
