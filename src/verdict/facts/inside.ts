/**
 * The word of vantages inside a target's own site, the only ones that can tell a dead host from one that
 * is cut off alone: a cut outside does not touch them. What they see is weighed after what the outside
 * saw last, and never counts for or against a quorum, which speaks of whom the world can reach.
 *
 * Rejected: them as paths among the others. Whatever they reach would be proven good, and each silence
 * outside would have to be explained anew after every look from inside.
 */
import type { Sighting, TargetState, VantageRecord } from "../memory/state.ts";

export type InsideWord =
  /** It is served there: dead, crashed or hung it is not. */
  | "served"
  | "refused"
  | "hung"
  /** It goes without an answer, where another target of the site answers it. */
  | "missed";

const isServed = (outcome: string): boolean => outcome === "ok" || outcome === "app_error";

/** Looks in a row that must miss it: one packet is soon lost, and a death confirmed on that word. */
const MISSES = 2;

const isSilent = ({ outcome }: Sighting): boolean =>
  outcome === "connect_timeout" || outcome === "response_timeout" || outcome === "pending";

/** What vantages inside the site have met since `since`; epoch milliseconds. Those it tells nothing of say nothing. */
export const insideWords = (
  state: TargetState,
  inside: readonly VantageRecord[],
  siblings: readonly TargetState[],
  since: number,
): InsideWord[] =>
  inside.flatMap((record): InsideWord[] => {
    const { id } = record.vantage;
    const after = Math.max(since, record.trustedSince - 1);
    const seen = state.edges.get(id)?.recent.filter(({ begin }) => begin > after) ?? [];
    const silent = seen.length - 1 - seen.findLastIndex((sighting) => !isSilent(sighting));
    const newest = silent < MISSES ? seen[seen.length - 1 - silent] : seen.at(-1);
    if (newest === undefined) return [];
    if (isServed(newest.outcome)) return ["served"];
    if (newest.outcome === "refused") return ["refused"];
    if (!isSilent(newest)) return [];
    if (newest.outcome === "response_timeout" || newest.stage === "response") return ["hung"];
    const first = seen.at(-MISSES)?.begin ?? 0;
    // … while others of the site answer it, after the first of them.
    const reachesOther = siblings.some(
      (sibling) => sibling !== state && (sibling.edges.get(id)?.lastOk ?? 0) > first,
    );
    return reachesOther ? ["missed"] : [];
  });
