import type { Check } from "../../client/check-calls.ts";
import type { Place } from "../../client/paths.ts";
import type { VerdictFields } from "../../client/verdict-fields.ts";
import { fromInstant } from "../../domain/plain/rfc3339.ts";
import { nameOf } from "../shared/arguments/place.ts";

/** The detector's two answers, and their time. */
export interface GateFacts {
  place: Place;
  verdict: VerdictFields;
  failover: Check;
  /** The detector's time when it answered, in epoch milliseconds. */
  now: number;
  /** The newest sequence seen before. */
  seen: number;
}

/** `Date` has whole seconds. An observation may be newer than the answer by at most this. */
const CLOCK_TOLERANCE_MS = 5_000;

/** An operator's override that advises failover also confirms it. */
const isOrdered = ({ override }: VerdictFields, now: number): boolean =>
  override?.advice?.failover === true && fromInstant(override.until) > now;

const unprovenBy = (verdict: VerdictFields, now: number): string | undefined => {
  const { asOf, validUntil } = verdict;
  if (verdict.paused || verdict.verdict === "alive" || verdict.verdict === "unknown")
    return `the answer contradicts itself: failover of what is ${verdict.paused ? "paused" : verdict.verdict}`;
  if (!verdict.confirmed) return `${verdict.verdict} is not confirmed: ${verdict.because}`;
  if (verdict.stale || validUntil === null || asOf === null)
    return `the verdict is stale: as of ${asOf ?? "never"}`;
  if (!(fromInstant(validUntil) > now)) return `the verdict was valid until ${validUntil} only`;
  if (!(fromInstant(asOf) <= now + CLOCK_TOLERANCE_MS)) return `the verdict is of the future: as of ${asOf}`;
  return undefined;
};

/** Why a successor may not take the target's place; undefined if it may. */
export const closedBecause = ({ place, verdict, failover, now, seen }: GateFacts): string | undefined => {
  if (nameOf(verdict) !== nameOf(place)) return `the answer is about ${nameOf(verdict)}`;
  if (verdict.sequence < seen)
    return `sequence ${verdict.sequence} is older than ${seen}, which was seen before`;
  if (!verdict.advice.failover)
    return `failover is not advised: ${verdict.verdict}, ${verdict.advice.reason || verdict.because}`;
  if (failover.sequence !== verdict.sequence || failover.verdict !== verdict.verdict)
    return `it is changing: sequence ${verdict.sequence}, then "${failover.line}"`;
  if (!failover.bit) return `the detector holds: ${failover.line}`;
  return isOrdered(verdict, now) ? undefined : unprovenBy(verdict, now);
};
