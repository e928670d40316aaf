/**
 * When a node's heartbeats count as arriving. Two windows over the times between arrivals, a short and
 * a long one, and the larger mean wins: the short one follows a network that has become slow, the long one is
 * not fooled by a few that came in a bunch. From the two-window failure detector (Tomsic, Sens, Garcia,
 * Arantes and Sopena, "2W-FD", 2015), which refines the arrival estimate of Chen, Toueg and Aguilera (2002).
 *
 * Rejected: phi over the gaps' distribution. Heartbeats that ride over TCP come regularly or not at all, and a
 * deviation near zero makes any delay a death.
 */
import type { HeartbeatRecord } from "./state.ts";

const SHORT_WINDOW = 4;
const LONG_WINDOW = 24;
/** Taken for the period before two have arrived. */
const DEFAULT_MS = 10_000;
/** Beyond the expected arrival, one more period, so that one may be missed; no less than this. */
const LEAST_MARGIN_MS = 1_500;
/** A longer silence between two is an outage, and tells nothing of the usual gap. */
const OUTAGE_PERIODS = 4;

const mean = (gaps: readonly number[]): number => gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;

/** The time after the newest at which the next is expected, in milliseconds. */
export const periodMs = ({ everyMs, gaps }: HeartbeatRecord): number => {
  if (gaps.length === 0) return everyMs ?? DEFAULT_MS;
  return Math.max(mean(gaps.slice(-SHORT_WINDOW)), mean(gaps));
};

/** From when on they are late; epoch milliseconds. */
export const lateAt = (heartbeat: HeartbeatRecord): number => {
  const expectedMs = periodMs(heartbeat);
  return heartbeat.at + expectedMs + Math.max(LEAST_MARGIN_MS, expectedMs);
};

/** Whether the newest one is not late yet at `now`. */
export const isBeating = (heartbeat: HeartbeatRecord, now: number): boolean => now <= lateAt(heartbeat);

/** One under way when a node died arrives this much later at most. */
const UNDER_WAY_MS = 1_000;

/** Whether one arrived that can only have been sent since the node was first missed, at `missedAt`. */
export const isSignOfLife = (heartbeat: HeartbeatRecord, missedAt: number, now: number): boolean =>
  heartbeat.at > missedAt + UNDER_WAY_MS && isBeating(heartbeat, now);

/** The record with one more arrival. `isFirst`: of its boot, so that the time before says nothing. */
export const beaten = (
  before: HeartbeatRecord | null,
  at: number,
  everyMs: number | null,
  isFirst: boolean,
): HeartbeatRecord => {
  if (before === null) return { at, everyMs, gaps: [] };
  const gap = at - before.at;
  const isOutage = isFirst || gap > OUTAGE_PERIODS * periodMs(before);
  const changed = everyMs !== before.everyMs;
  const gaps = changed ? [] : isOutage ? before.gaps : [...before.gaps, gap].slice(-LONG_WINDOW);
  return { at: Math.max(at, before.at), everyMs, gaps };
};
