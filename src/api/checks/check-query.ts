/**
 * From a verdict to the one bit a poller understands. Pollers take every error for that bit's bad
 * value, so the same knowledge has three polarities: `/up` errs towards serving, `/avoid` and
 * `/failover` err towards leaving things as they are.
 */
import type { Vantage } from "../../domain/vantage.ts";
import type { Routing, VerdictAnswer } from "../../domain/verdict.ts";

/** The options that a poller may add to its question. */
export interface CheckOptions {
  /** A vantage or region whose view is asked for. */
  from: string | undefined;
  /** Take `gray` for down. */
  grayIsDown: boolean;
  /** Take `partitioned` for down, whatever the region. */
  partitionIsDown: boolean;
}

/** What a `from` is: `unknown` to the deployment, known but `uncounted`, a region that counts, or a remote vantage. */
export type FromStanding =
  | { kind: "unknown" | "uncounted" }
  | { kind: "region"; region: string }
  | { kind: "remote"; isCut: boolean };

/** Finds a vantage or region among the configured ones and those in the answer. */
export const standingOf = (
  from: string,
  answer: VerdictAnswer,
  vantages: readonly Vantage[],
): FromStanding => {
  const uncounted = answer.notCounted.some(({ vantage }) => vantage === from);
  const region = vantages.find(({ id }) => id === from)?.region ?? from;
  const { reachableFrom, unreachableFrom, evidence } = answer;
  const shown = evidence.map(({ vantage }) => vantage);
  const counted = [...reachableFrom, ...unreachableFrom, ...shown].includes(from);
  const known =
    counted ||
    uncounted ||
    Object.hasOwn(answer.advice.regions, region) ||
    vantages.some((vantage) => vantage.region === region);
  if (!known) return { kind: "unknown" };
  // The answer does not say which region a remote vantage is in, but it says whether the vantage is cut off.
  if (counted && !vantages.some(({ id }) => id === from))
    return { kind: "remote", isCut: unreachableFrom.includes(from) };
  return uncounted || !Object.hasOwn(answer.advice.regions, region)
    ? { kind: "uncounted" }
    : { kind: "region", region };
};

/** Where traffic should go, with the poller's slant. An operator's override of the routing outranks any slant. */
export const routingOf = (
  answer: VerdictAnswer,
  slant: CheckOptions,
  vantages: readonly Vantage[],
): Routing => {
  if (answer.override?.advice?.routing !== undefined) return answer.advice.routing;
  if (slant.grayIsDown && answer.verdict === "gray") return "avoid";
  if (slant.partitionIsDown && answer.verdict === "partitioned") return "avoid";
  if (slant.from === undefined || answer.stale) return answer.advice.routing;
  const standing = standingOf(slant.from, answer, vantages);
  if (standing.kind === "remote" && standing.isCut && answer.verdict === "partitioned") return "avoid";
  const regional = standing.kind === "region" ? answer.advice.regions[standing.region] : undefined;
  return regional ?? answer.advice.routing;
};
