/**
 * How long a lease is held. It counts from the sending of the renewal that was answered, since the detector cannot have begun to count
 * before (Gray and Cheriton, "Leases", 1989), and on clocks of this machine that are never set. A strict lease must end here before it ends
 * at the detector: two thirds of it are for renewing it, a sixth for the fence to do its work, and a sixth for killing what the fence has
 * left, on a machine that may be slow.
 */
import { uptime } from "node:os";

/** When the fence begins, as a part of the lease: the second renewal in a row, each a third apart, has then found no answer. */
const FENCE_AT = 2 / 3;
/** When whatever the fence has left is killed, as a part of the lease. */
const KILL_AT = 5 / 6;
/** How many times a leader asks within one lease. */
const RENEWALS = 3;
/** The longest pace: often enough to learn of a planned change, however long the lease. */
const LONGEST_PACE_MS = 5_000;
/** Asking more often helps only where the lease is shorter than three of these. */
const SHORTEST_PACE_MS = 1_000;
/** Agents that were started together must not ask together. */
const SPREAD = 0.1;

/**
 * A moment of this machine. The monotonic clock stands still while the machine sleeps; uptime does not, and is read in hundredths of a
 * second.
 */
export interface ClockReading {
  monotonicMs: number;
  uptimeMs: number;
}

/** Every process of one machine reads the same. */
export const readingNow = (): ClockReading => ({
  monotonicMs: Number(process.hrtime.bigint()) / 1e6,
  uptimeMs: uptime() * 1_000,
});

/** The longer of the times by the two clocks. */
export const elapsedMs = (from: ClockReading, to: ClockReading): number =>
  Math.max(0, to.monotonicMs - from.monotonicMs, to.uptimeMs - from.uptimeMs);

/** A lease as its holder counts it. */
export interface HeldLease {
  epoch: number;
  leaseMs: number;
  isStrict: boolean;
  /** When the newest renewal that was answered was sent. */
  sent: ClockReading;
}

/** `held`: go on; `fence`: stop leading; `kill`: kill what still leads. An advisory lease is held until another member leads. */
export type Phase = "held" | "fence" | "kill";

export const phaseOf = ({ sent, leaseMs, isStrict }: HeldLease, now: ClockReading): Phase => {
  if (!isStrict) return "held";
  const part = elapsedMs(sent, now) / leaseMs;
  if (part < FENCE_AT) return "held";
  return part < KILL_AT ? "fence" : "kill";
};

/** How long a fence that begins now may take before what is left is killed. */
export const fenceLimitMs = (
  { sent, leaseMs, isStrict }: HeldLease,
  now: ClockReading,
  limitMs: number,
): number => (isStrict ? Math.max(0, Math.min(limitMs, leaseMs * KILL_AT - elapsedMs(sent, now))) : limitMs);

/**
 * The lease after an answer to a renewal; null where the answer comes too late: the service stops by the clock, whatever is answered later.
 * An answer to an earlier renewal than the newest answered one changes nothing.
 */
export const renewedLease = (hold: HeldLease, answer: HeldLease, now: ClockReading): HeldLease | null => {
  if (phaseOf(hold, now) !== "held" || phaseOf(answer, now) !== "held") return null;
  return answer.sent.monotonicMs < hold.sent.monotonicMs ? hold : answer;
};

const spread = (ms: number, random: number): number => ms * (1 - SPREAD * random);

/** From one call of a leader to its next. `random`: 0 to 1. */
export const leaderPaceMs = (leaseMs: number, random: number): number =>
  spread(Math.min(leaseMs / RENEWALS, LONGEST_PACE_MS), random);

/** … of a leader that got no answer: several times more before the fence begins. */
export const retryPaceMs = (leaseMs: number, random: number): number =>
  spread(Math.min(leaseMs / (2 * RENEWALS), SHORTEST_PACE_MS), random);

/** … of a member that does not lead: a third of what is left of the leader's lease. `leftMs` is null where it is unknown or none leads. */
export const followerPaceMs = (leftMs: number | null, random: number): number =>
  Math.max(SHORTEST_PACE_MS, spread(Math.min((leftMs ?? 0) / RENEWALS, LONGEST_PACE_MS), random));

/** How long one call may take, so that the next one comes in time. */
export const askLimitMs = (hold: HeldLease | null): number =>
  hold === null ? LONGEST_PACE_MS : Math.min(hold.leaseMs / RENEWALS, LONGEST_PACE_MS);

/** A guard that has not answered within this time is stopped or hangs, and must be replaced while there is time. */
export const answerWithinMs = (hold: HeldLease | null): number =>
  Math.min(SHORTEST_PACE_MS, Math.max(200, (hold?.leaseMs ?? Infinity) / 12));
