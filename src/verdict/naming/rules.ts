/**
 * From counted evidence to what is true of the target now: read from the top, the first rule that holds decides.
 * Two cases: it is believed not to serve, and a quorum has looked since the last answer (then belief names the cause,
 * where the votes agree with it), or somebody reaches it (then the question is for whom and how well). Where neither
 * can be said yet a rule waits, and says for what.
 *
 * Rejected: belief alone. A model can be wrong: a cause that it lacks appears as the most likely cause it has.
 * And a plain majority: it cannot tell 3 of 7 dead-to-us from a cut, and a stale vote weighs in it as much as a fresh one.
 */
import type { Scope, Verdict } from "../../domain/verdict.ts";
import * as because from "./sentences.ts";
import {
  answersSome,
  type Case,
  hasExpired,
  isCrash,
  isGray,
  isHeardOut,
  isKeptOut,
  isLossy,
  isSilence,
  neededBeside,
  nextLookBy,
  undecidedUntil,
} from "./case.ts";
import { neededVotes } from "../facts/quorum.ts";

/** Of a death: whether it is certain, or only as certain as it can be from outside. */
export type Proof = "inside" | "outside" | "none";

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
  proof?: (c: Case) => Proof;
  /** It rests on the votes that failed alone. */
  byFailing?: true;
}

interface Waiting extends Named {
  verdict: "wait";
  /** What is waited for. */
  say: (c: Case) => string;
  /** Until when at the latest; epoch milliseconds. */
  until: (c: Case) => number;
}

export type Rule = Saying | Waiting;

export const RULES: readonly Rule[] = [
  {
    name: "frozen",
    why: "Where most of the world falls silent at once the likelier cause is on our side.",
    when: ({ shard, view }) => shard.frozenSince !== null && view.state.silentAt !== null,
    verdict: "unknown",
    say: ({ share }) => because.frozen(share),
  },
  {
    name: "paused",
    why: "Nobody looks at it.",
    when: ({ view }) => view.state.target.paused,
    verdict: "unknown",
    say: because.paused,
  },
  {
    name: "nothing-fresh",
    why: "Evidence that has run out says nothing of now.",
    when: hasExpired,
    verdict: "unknown",
    say: ({ view }) => because.nothingFresh(view),
  },
  {
    name: "kept-out",
    why: "An inside vantage is served: whatever it is that the outside meets, it is not the target.",
    when: (c) => c.agreed && c.around.insideServes && isKeptOut(c),
    verdict: "isolated",
    say: ({ view, around }) => because.isolated(view, around),
    byFailing: true,
  },
  {
    name: "refused-with-witness",
    why: "More than one process of the host does not listen: something refuses for the whole host.",
    when: (c) => isCrash(c) && c.around.witnessRefuses,
    verdict: "unreachable",
    say: ({ view }) => because.refusedWithWitness(view),
    byFailing: true,
  },
  {
    name: "crash-awaits-witness",
    why: "A witness that had worked would show at once whether the host refuses as a whole.",
    when: (c) =>
      isCrash(c) && c.around.witnessAwaited && c.view.now - c.view.failingSince < c.tuning.unheardMs,
    verdict: "wait",
    say: () => "its witness has not been looked at since",
    until: ({ view, tuning }) => view.failingSince + tuning.unheardMs,
  },
  {
    name: "crash-awaits-siblings",
    why: "Something in front of the site would refuse for all of it: one sibling that answers rules that out.",
    when: (c) => isCrash(c) && c.refusedAlone() === null,
    verdict: "wait",
    say: () => "it is not known yet whether its siblings are refused too",
    until: (c) => Math.max(c.view.failingSince + c.tuning.unheardMs, nextLookBy(c)),
  },
  {
    name: "crashed",
    why: "A refusal that comes from the host itself: it answers, and nobody listens.",
    when: (c) => isCrash(c) && c.refusedAlone() === true,
    verdict: "process_crashed",
    say: ({ view }) => because.crashed(view),
    byFailing: true,
  },
  {
    name: "refused-together",
    why: "Its siblings were refused at the same time: something in front of them refuses.",
    when: isCrash,
    verdict: "unreachable",
    say: ({ view }) => because.refusedTogether(view),
    byFailing: true,
  },
  {
    name: "hung-beside-witness",
    why: "Its host answers on another port.",
    when: (c) => c.down && c.around.witnessAnswers,
    verdict: "process_hung",
    say: ({ view }) => because.witnessAnswers(view),
    byFailing: true,
  },
  {
    name: "hung",
    why: "It takes connections and never answers.",
    when: ({ down, belief, quorum: { kind }, tuning }) =>
      down && belief.beliefs.hung >= tuning.namedBelief && (kind === "hung" || kind === null),
    verdict: "process_hung",
    say: ({ view }) => because.hung(view),
    byFailing: true,
  },
  {
    name: "sign-of-life",
    why: "Silent to everybody outside, and yet it lives.",
    when: (c) => isSilence(c) && c.around.lives,
    verdict: "isolated",
    say: ({ view, around }) => because.isolated(view, around),
    byFailing: true,
  },
  {
    name: "dead",
    why: "The same paths carried answers of a sibling since: what is silent is the host.",
    when: (c) =>
      isSilence(c) && c.belief.alone >= c.tuning.namedBelief && c.belief.missedBeside >= neededBeside(c),
    verdict: "node_dead",
    say: ({ view, around }) => because.dead(view, around),
    proof: ({ around }) => (around.insideMisses ? "inside" : around.heartbeatDue ? "none" : "outside"),
    byFailing: true,
  },
  {
    name: "silence-awaits-vantages",
    why: "Where links alone may explain the silence, who has not looked may be answered.",
    when: (c) => isSilence(c) && !isHeardOut(c),
    verdict: "wait",
    say: ({ view: { unheard } }) =>
      `${unheard} ${unheard === 1 ? "vantage has" : "vantages have"} not looked since`,
    until: (c) => Math.max(c.view.failingSince + c.tuning.unheardMs, nextLookBy(c)),
  },
  {
    name: "silence-awaits-others",
    why: "Who loses everything at once hears nothing more, of anybody: then the trouble may be ours.",
    when: (c) => isSilence(c) && !c.heardElsewhere(),
    verdict: "wait",
    say: () => "those who miss it have not been answered by anything else since",
    until: nextLookBy,
  },
  {
    name: "site-silent",
    why: "None of the site answers: a cut site and a dead one look the same.",
    when: (c) => isSilence(c) && c.around.siblings > 0 && c.around.siblingsSilent === c.around.siblings,
    verdict: "unreachable",
    scope: "site",
    say: ({ view, around }) => because.siteSilent(view, around),
    byFailing: true,
  },
  {
    name: "silent-alone",
    why: "Silent to all, and nothing tells its death from a cut.",
    when: isSilence,
    verdict: "unreachable",
    say: ({ view, around }) => because.silentAlone(view, around),
    byFailing: true,
  },
  {
    name: "down-unnamed",
    why: "It is believed not to serve, and the votes do not bear out any cause.",
    when: ({ down }) => down,
    verdict: "wait",
    say: () => "what the vantages saw does not tell yet why it does not serve",
    until: nextLookBy,
  },
  {
    name: "wrong-everywhere",
    why: "It answers, and wrongly.",
    when: ({ agreed, quorum }) => agreed && quorum.kind === "wrong",
    verdict: "gray",
    say: ({ view }) => because.wrongEverywhere(view),
    byFailing: true,
  },
  {
    name: "rejected",
    why: "Refused by something nearer than the host: that tells nothing of the host.",
    when: ({ agreed, quorum }) => agreed && quorum.kind === "rejected",
    verdict: "unreachable",
    say: ({ view }) => because.rejected(view),
    byFailing: true,
  },
  {
    name: "mixed",
    why: "It answers some in ways of their own, and everybody has been heard.",
    when: (c) => c.agreed && c.view.unheard === 0 && c.quorum.kind === null && answersSome(c),
    verdict: "gray",
    say: ({ view }) => because.mixed(view),
    byFailing: true,
  },
  {
    name: "sometimes-wrong",
    why: "It serves, and too often wrongly or not at all.",
    when: (c) => c.lives && isGray(c),
    verdict: "gray",
    say: ({ view, living }) => because.sometimesWrong(view, living().health),
  },
  {
    name: "partitioned",
    why: "Some have missed it for longer than loss explains while others are answered.",
    when: (c) => c.lives && c.living().cut.length > 0,
    verdict: "partitioned",
    say: ({ view, living }) => because.partitioned(view, living().cut),
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
    say: ({ view }) => because.good(view),
  },
  {
    name: "undecided",
    why: "Nobody has a current answer, and the rest do not agree or are too few yet.",
    when: (c) => c.view.now < undecidedUntil(c) || c.view.state.standing.verdict === "unknown",
    verdict: "wait",
    say: ({ view, tuning }) => `${neededVotes(view, tuning)} vantages must agree, and too few do`,
    until: undecidedUntil,
  },
  {
    name: "too-few",
    why: "It has stayed open for too long to go on with what was held.",
    when: () => true,
    verdict: "unknown",
    say: ({ view, tuning }) => because.tooFew(view, tuning),
  },
];
