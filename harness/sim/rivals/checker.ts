/**
 * One place that looks at one target again and again: the part that all comparators share. What counts as
 * healthy (the looker) and when to look next (the pace) are the rule's own.
 *
 * Simplified for all: a result reaches whoever decides if the place can report at the moment it knows it,
 * and is lost otherwise; a place that does not run sends nothing. None of the documents says more.
 */
import type { Place, Reality, Seen } from "../reality.ts";

/** What one check came to: retries are part of the check. */
export interface Look {
  healthy: boolean;
  /** From begin until the checker knew. */
  tookMs: number;
  probes: number;
}

/** Looks once, from `place` at `key`, beginning at `atMs`. */
export type Looker = (place: string, key: string, atMs: number) => Look;

/** When the check after one that began at `beganAt` begins. */
export type Pace = (beganAt: number, tookMs: number) => number;

/** A check's result, as the deciding side receives it. */
export interface Arrival {
  /** Index among the rule's checkers. */
  checker: number;
  beganAt: number;
  at: number;
  healthy: boolean;
}

export interface Checker {
  place: string;
  firstAt: number;
  look: Looker;
  pace: Pace;
}

/** At a fixed rate, whatever the last check does. */
export const atRate =
  (intervalMs: number): Pace =>
  (beganAt) =>
    beganAt + intervalMs;

/** At a fixed rate, but one check at a time. */
export const atRateInTurn =
  (intervalMs: number): Pace =>
  (beganAt, tookMs) =>
    beganAt + Math.max(intervalMs, tookMs);

/** So long after the last check ended. */
export const afterEnd =
  (intervalMs: number): Pace =>
  (beganAt, tookMs) =>
    beganAt + tookMs + intervalMs;

/** The places that stand outside every site: none of the comparators has any inside. */
export const outsiders = (reality: Reality): Place[] =>
  reality.places.filter((place) => place.site === undefined);

/** One probe, healthy if it ended `ok`. */
export const plainLooker =
  (reality: Reality, timeoutMs: number): Looker =>
  (place, key, atMs) => {
    const seen = reality.probe(place, key, atMs, timeoutMs);
    return { healthy: seen.outcome === "ok", tookMs: seen.tookMs, probes: 1 };
  };

/** Whether a probe ended in silence, before or after the connection opened. */
export const isTimeout = (seen: Seen): boolean =>
  seen.outcome === "connect_timeout" || seen.outcome === "response_timeout";

/** When what a place knows at `atMs` reaches its collector; undefined where it never does. */
export const arrivalOf = (reality: Reality, place: string, atMs: number): number | undefined =>
  reality.canReport(place, atMs) ? atMs + reality.transportMs(place, atMs) : undefined;
