/** What a rule is, and what the first that holds comes to. */
import type { Scope, Verdict } from "../../domain/verdict.ts";
import type { Case } from "./case.ts";
import type { Quorum } from "../facts/quorum.ts";
import type { DrillMark, Wait } from "../memory/state.ts";
import type { Vote } from "../facts/votes.ts";

/**
 * What a death or a crash rests on. `second`: another kind of evidence shows it too. `outside`: the vantages outside have seen it for
 * long enough. `none`: not even that.
 */
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
  /** Nobody is served. */
  unserved: boolean;
  /** Where the target answers: begin of its newest recent wrong answer; 0 for none. */
  amissAt: number;
  /** Of a crash: its witness has yet to say whether the host answers at all. */
  witnessAwaited: boolean;
}

/** A conclusion, or what is waited for before there can be one. */
export interface Decision {
  conclusion: Conclusion | null;
  waiting: Wait | null;
}

/** The first rule that holds. Rules that wait are left out once nobody is served, since that has to be said. */
const firstHolding = (c: Case, rules: readonly Rule[]): Rule => {
  const rule = rules.find(
    (one) => one.when(c) && !(one.verdict === "wait" && c.unserved && one.outlasts !== true),
  );
  if (rule === undefined) throw new Error("the last rule holds always");
  return rule;
};

/** What the evidence says, by the first of the rules that holds. */
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

/** The drill behind the votes that speak against the target; a rehearsal among them makes all a rehearsal. */
export const drillOf = (votes: Vote[]): DrillMark | null => {
  const marks = votes.filter((vote) => vote.kind !== "ok").flatMap((vote) => vote.sighting.drill ?? []);
  return marks.find((mark) => !mark.live) ?? marks[0] ?? null;
};
