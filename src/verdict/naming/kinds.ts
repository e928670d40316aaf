/** What the kinds of the votes come to, where they are several or where something stands already: one trouble is met in several ways. */
import type { Verdict } from "../../domain/verdict.ts";
import type { Belief } from "../belief/beliefs.ts";
import type { Facts } from "../facts/facts.ts";
import type { Kind } from "../facts/votes.ts";
import type { TargetState } from "../memory/state.ts";

/** At least half of those who fail are of this sort. */
const isMost = ({ failing }: Facts, is: (kind: Kind) => boolean): boolean =>
  2 * failing.filter(({ kind }) => is(kind)).length >= failing.length;

/** Half of those who fail are refused, by the host or by something nearer. */
export const isMostlyRefused = (facts: Facts): boolean =>
  isMost(facts, (kind) => kind === "refused" || kind === "rejected");

/** It stands as this, and nobody has been served since. */
const isHeld = (verdict: Verdict, { dissent }: Facts, { standing }: TargetState): boolean =>
  standing.verdict === verdict && dissent.length === 0;

/** After a crash nothing answers but the host: while most are refused, however fast, and nobody is let in, it is the same crash. */
export const isStillCrashed = (facts: Facts, state: TargetState): boolean =>
  isHeld("process_crashed", facts, state) && !facts.listens && isMostlyRefused(facts);

/**
 * What each kind is taken for. A frozen process accepts connections only until its backlog is full, and is silent after that: once it
 * was seen to go on accepting without an answer, later silence is the same hang, unless a witness that had worked is silent too, or
 * the whole site is. And where most refusals have come all the way from the host, it refuses, and the faster ones say nothing else.
 */
export const mergedBy = (
  facts: Facts,
  state: TargetState,
  { hangs }: Belief,
  isSiteSilent: boolean,
): ((kind: Kind) => Kind) => {
  const hang = !facts.witnessSilent && !isSiteSilent && (isHeld("process_hung", facts, state) || hangs);
  const crash = isStillCrashed(facts, state);
  const refusing = crash || isMost(facts, (kind) => kind === "refused");
  return (kind) => {
    if (kind === "silent" && crash) return "refused";
    if (kind === "silent" && hang) return "hung";
    return kind === "rejected" && refusing ? "refused" : kind;
  };
};

/** What else a target that is down for this reason may be found to be, now and then. */
const GOES_WITH: Partial<Record<Verdict, readonly Kind[]>> = {
  process_crashed: ["refused", "rejected", "silent"],
  process_hung: ["hung", "silent"],
  node_dead: ["silent"],
  isolated: ["hung", "refused", "rejected", "silent"],
};

/** The verdict still fits: the target has not been served since, and every failing vote is of a kind that goes with it. */
export const isStillSo = ({ failing, onset }: Facts, { standing }: TargetState): boolean =>
  onset <= standing.since &&
  failing.every(({ kind }) => GOES_WITH[standing.verdict]?.includes(kind) ?? false);
