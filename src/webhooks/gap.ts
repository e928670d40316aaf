/**
 * When a message is tried again: ten attempts over about a day, as Standard Webhooks suggests. The first gaps are short, so that failover
 * advice arrives within seconds of a receiver's restart.
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The wait after the first, second, … failed attempt; 23.7 hours in all. */
const GAPS_MS: readonly number[] = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  7 * HOUR,
  12 * HOUR,
];

export const MAX_ATTEMPTS = GAPS_MS.length + 1;

/** The longest wait that a receiver may ask for. */
export const RETRY_AFTER_MAX_MS = HOUR;

/** Share of a gap by which it is shorter or longer, so that messages that failed together do not return together. */
const JITTER = 0.2;

/**
 * How long to wait after `attempts` failed attempts, in milliseconds. `random`: 0 to 1. A receiver's Retry-After may make the wait longer
 * but never shorter, or ten attempts would be over in no time.
 */
export const gapMs = (attempts: number, random: number, retryAfterMs = 0): number => {
  const gap = GAPS_MS[Math.min(attempts, GAPS_MS.length) - 1] ?? 0;
  return Math.max(
    Math.round(gap * (1 - JITTER + 2 * JITTER * random)),
    Math.min(retryAfterMs, RETRY_AFTER_MAX_MS),
  );
};
