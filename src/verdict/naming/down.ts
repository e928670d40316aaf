/**
 * The rules for a target that serves no outside vantage: what befell it, as far as belief and votes agree, and what to wait for. Where no
 * vantage is served and no cause has a name, the last rule says just that.
 */
import {
  type Case,
  type Rule,
  answersSome,
  isCrash,
  isDeath,
  isHang,
  isHangBesideWitness,
  isSilence,
  nextLookBy,
} from "./case.ts";
import * as because from "./because.ts";
import { isStillSo, slowUntil } from "../facts/quorum.ts";
import { NEVER } from "../memory/judge-state.ts";
import { isSaidGone } from "../memory/node.ts";

/** Whether a second kind of evidence shows the crash: its witness serves, its supervisor said so, or an inside vantage is refused too. */
export const isCrashSeenOtherwise = ({ facts, state }: Case): boolean =>
  facts.witnessServes || isSaidGone(state) || (!facts.insideServes && facts.insideWords.includes("refused"));

/**
 * Where links alone may explain the silence, one vantage without a report may be the one that is answered. So all must have reported, and
 * after a while all except one. A site whose paths have become slow is as silent at first.
 */
export const isHeardOut = (c: Case): boolean => {
  const { failingSince, now, unheard } = c.facts;
  const isHeard = unheard <= (now - failingSince >= c.tuning.unheardMs ? 1 : 0);
  return c.silentWithSite || (isHeard && now >= slowUntil(c.facts, c.tuning));
};

/** Whether no vantage gets anything back, believed down or not. */
const isSilentToAll = (c: Case): boolean => isSilence(c) || (c.unserved && c.quorum.kind === "silent");

export const DOWN: readonly Rule[] = [
  {
    name: "refused-with-witness",
    why: "More than one process of the host does not listen: something refuses for the whole host.",
    when: (c) => isCrash(c) && c.facts.witnessRefuses,
    verdict: "unreachable",
    say: ({ facts }) => because.refusedWithWitness(facts),
    byFailing: true,
  },
  {
    name: "crash-awaits-witness",
    why: "A witness that had worked would show at once whether the host refuses as a whole.",
    when: (c) =>
      isCrash(c) && c.facts.witnessAwaited && c.facts.now - c.facts.failingSince < c.tuning.unheardMs,
    verdict: "wait",
    say: () => "its witness has not been looked at since",
    until: ({ facts, tuning }) => facts.failingSince + tuning.unheardMs,
  },
  {
    name: "crash-awaits-siblings",
    why: "Something in front of the site would refuse for all of it: one sibling that answers rules that out.",
    when: (c) => isCrash(c) && c.refusedAlone() === null,
    verdict: "wait",
    say: () => "it is not known yet whether its siblings are refused too",
    until: (c) => Math.max(c.facts.failingSince + c.tuning.unheardMs, nextLookBy(c)),
  },
  {
    name: "crashed",
    why: "A refusal that comes from the host itself: it answers, and nobody listens.",
    when: (c) => isCrash(c) && c.refusedAlone() === true,
    verdict: "process_crashed",
    say: ({ facts, state }) => because.crashed(facts, state),
    proof: (c) => (isCrashSeenOtherwise(c) ? "second" : "outside"),
    byFailing: true,
  },
  {
    name: "refused-together",
    why: "Its siblings were refused at the same time: something in front of them refuses.",
    when: (c) => isCrash(c) && c.refusedAlone() === false,
    verdict: "unreachable",
    say: ({ facts, siblingsRefused }) => because.refusedTogether(facts, siblingsRefused()),
    byFailing: true,
  },
  {
    name: "hung-beside-witness",
    why: "Its host answers on another port.",
    when: isHangBesideWitness,
    verdict: "process_hung",
    say: ({ facts }) => because.witnessAnswers(facts),
    byFailing: true,
  },
  {
    name: "hung",
    why: "It takes connections and never answers.",
    when: isHang,
    verdict: "process_hung",
    say: ({ facts }) => because.hung(facts),
    byFailing: true,
  },
  {
    name: "silence-awaits-answers",
    why: "Who has let somebody in may answer yet: then its silence to others is a full queue, and no death.",
    when: (c) =>
      isSilence(c) && !c.longUnserved && c.belief.mayHang && !c.belief.hangs && c.facts.openUntil < NEVER,
    verdict: "wait",
    outlasts: true,
    say: () => "connections that it took may be answered yet",
    until: ({ facts }) => facts.openUntil,
  },
  {
    name: "silence-awaits-looks",
    why: "It lives: then one look each that met silence may have been lost.",
    when: (c) => c.facts.lives && isSilence(c) && !c.missedTwice,
    verdict: "wait",
    say: () => "it shows a sign of life, and too few who miss it have looked twice",
    until: nextLookBy,
  },
  {
    name: "sign-of-life",
    why: "Silent to everybody outside, and yet it lives.",
    when: (c) => c.facts.lives && isSilentToAll(c),
    verdict: "isolated",
    say: ({ facts }) => because.isolated(facts),
    byFailing: true,
  },
  {
    name: "death-awaits-heartbeat",
    why: "What looks like a death from outside is none if its next heartbeat arrives.",
    when: (c) => isDeath(c) && c.facts.heartbeat === "due",
    verdict: "unreachable",
    say: ({ facts }) => because.heartbeatDue(facts),
    byFailing: true,
  },
  {
    name: "dead",
    why: "The same paths carried answers of a sibling since: what is silent is the host.",
    when: isDeath,
    verdict: "node_dead",
    say: ({ facts }) => because.dead(facts),
    proof: ({ facts, siblingsWentOn }) =>
      facts.insideMisses ? "second" : siblingsWentOn() ? "outside" : "none",
    byFailing: true,
  },
  {
    name: "silence-awaits-vantages",
    why: "Where links alone may explain the silence, who has not looked may be answered.",
    when: (c) => isSilence(c) && !isHeardOut(c),
    verdict: "wait",
    say: ({ facts: { unheard } }) =>
      unheard === 0
        ? "a late answer may still come"
        : `${unheard} ${unheard === 1 ? "vantage has" : "vantages have"} not looked since`,
    until: (c) =>
      slowUntil(c.facts, c.tuning) > c.facts.now
        ? slowUntil(c.facts, c.tuning)
        : Math.max(c.facts.failingSince + c.tuning.unheardMs, nextLookBy(c)),
  },
  {
    name: "silence-awaits-others",
    why: "Who loses everything at once hears nothing more, of anybody: then the trouble may be ours.",
    when: (c) => isSilentToAll(c) && (c.mayBeOurs() || (!c.longUnserved && !c.heardElsewhere())),
    verdict: "wait",
    outlasts: true,
    say: () => "those who miss it have not been answered by enough else since",
    until: nextLookBy,
  },
  {
    name: "site-silent",
    why: "Nothing of the site answers: a cut site and a dead one look the same.",
    when: (c) =>
      isSilence(c) && (c.silentWithSite || (c.facts.siblings > 0 && c.siblingsSilent === c.facts.siblings)),
    verdict: "unreachable",
    scope: "site",
    say: ({ facts, siblingsSilent }) => because.siteSilent(facts, siblingsSilent),
    byFailing: true,
  },
  {
    name: "silent-alone",
    why: "Silent to all, and nothing tells its death from a cut.",
    when: isSilence,
    verdict: "unreachable",
    say: ({ facts }) => because.silentAlone(facts),
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
    say: ({ facts }) => because.wrongEverywhere(facts),
    byFailing: true,
  },
  {
    name: "rejected",
    why: "Refused by something nearer than the host: that tells nothing of the host.",
    when: ({ agreed, quorum }) => agreed && quorum.kind === "rejected",
    verdict: "unreachable",
    say: ({ facts }) => because.rejected(facts),
    byFailing: true,
  },
  {
    name: "mixed",
    why: "It answers some in ways of their own, and everybody has been heard.",
    when: (c) =>
      answersSome(c) &&
      (c.unserved || (c.agreed && (c.facts.listens || (c.facts.unheard === 0 && c.quorum.kind === null)))),
    verdict: "gray",
    say: ({ facts }) => because.mixed(facts),
    byFailing: true,
  },
  {
    name: "still-down",
    why: "Nobody is served, and nothing that was met since speaks against what befell it.",
    when: (c) => c.unserved && isStillSo(c.facts, c.state),
    verdict: "wait",
    outlasts: true,
    say: () => "what the vantages saw last tells nothing new",
    until: nextLookBy,
  },
  {
    name: "unserved",
    why: "Nobody is served, whatever it is that befalls each of them.",
    when: ({ unserved }) => unserved,
    verdict: "unreachable",
    say: ({ facts }) => because.unserved(facts),
    byFailing: true,
  },
];
