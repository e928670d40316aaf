/**
 * The word of vantages inside a target's own site, the only ones that can tell a dead host from one that
 * is cut off alone: a cut outside does not touch them. What they see is weighed after what the outside
 * saw last, and never counts for or against a quorum, which speaks of whom the world can reach.
 *
 * Rejected: them as paths among the others. Whatever they reach would be proven good, and each silence
 * outside would have to be explained anew after every look from inside.
 */
import type { TargetState, VantageRecord } from "./state.ts";

export type InsideWord =
  /** It is served there: dead, crashed or hung it is not. */
  | "served"
  | "refused"
  | "hung"
  /** It gets no answer, where another target of the site answers it. */
  | "missed";

const isServed = (outcome: string): boolean => outcome === "ok" || outcome === "app_error";

/** Newest looks since `since` of vantages inside the site that tell something; epoch milliseconds. */
export const insideWords = (
  state: TargetState,
  inside: readonly VantageRecord[],
  siblings: readonly TargetState[],
  since: number,
): InsideWord[] =>
  inside.flatMap((record): InsideWord[] => {
    const { id } = record.vantage;
    const sighting = state.edges.get(id)?.recent.at(-1);
    if (sighting === undefined || sighting.begin <= since || sighting.begin < record.trustedSince) return [];
    const { outcome, stage } = sighting;
    if (isServed(outcome)) return ["served"];
    if (outcome === "refused") return ["refused"];
    const isSilent = outcome === "connect_timeout" || outcome === "response_timeout" || outcome === "pending";
    if (!isSilent) return [];
    if (outcome === "response_timeout" || stage === "response") return ["hung"];
    const reachesOther = siblings.some(
      (sibling) => sibling !== state && (sibling.edges.get(id)?.lastOk ?? 0) > since,
    );
    return reachesOther ? ["missed"] : [];
  });
