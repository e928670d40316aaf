/**
 * Amazon Route 53 health checks.
 *
 * Source: Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is
 * healthy", and API Reference, HealthCheckConfig (RequestInterval, FailureThreshold).
 * - Each checker holds the endpoint healthy or not after FailureThreshold results in a row, both ways; default 3.
 * - Unhealthy when 18 % of the checkers or fewer report it healthy.
 * - HTTP: a TCP connection within 4 s and a 2xx or 3xx within 2 s after connecting.
 * - RequestInterval 30 s (default) or 10 s; checkers in different data centers do not coordinate.
 * - Healthy until there is enough data.
 *
 * Simplified: the checkers are the world's outside places, not Amazon's; each keeps one random phase for ever. The
 * API Reference counts the interval from a response to the next request, which would add up to 8 s to the
 * detection of a silent death; we take the shorter reading, from request to request, in its favour. The
 * last word of a checker that cannot report stands.
 */
import type { Reality } from "../reality.ts";
import { atRate, isTimeout, outsiders, type Look, type Looker } from "./checker.ts";
import type { Rule } from "./rule.ts";
import { phaseMs } from "./stream.ts";
import { countResult, freshStreak } from "./streak.ts";

const CONNECT_MS = 4_000;
const RESPONSE_MS = 2_000;

export interface Route53 {
  intervalMs: 10_000 | 30_000;
  /** 1 to 10. */
  failureThreshold?: number;
  /** Share of healthy checkers up to which the endpoint is unhealthy; .18 is not for users to change. */
  share?: number;
}

/** A probe by HTTP with its two deadlines; the world's probes know only one for the whole. */
const look = (reality: Reality, place: string, key: string, atMs: number): Look => {
  const seen = reality.probe(place, key, atMs, CONNECT_MS + RESPONSE_MS);
  const { connectMs } = seen;
  if (connectMs === undefined || connectMs > CONNECT_MS) {
    const gaveUp = isTimeout(seen) || seen.tookMs > CONNECT_MS;
    return { healthy: false, tookMs: gaveUp ? CONNECT_MS : seen.tookMs, probes: 1 };
  }
  const deadlineMs = connectMs + RESPONSE_MS;
  if (seen.tookMs > deadlineMs) return { healthy: false, tookMs: deadlineMs, probes: 1 };
  return { healthy: seen.outcome === "ok", tookMs: seen.tookMs, probes: 1 };
};

export const route53 = ({ intervalMs, failureThreshold = 3, share = 0.18 }: Route53): Rule => ({
  name: `route53 ${intervalMs / 1_000}s${failureThreshold === 3 ? "" : ` x${failureThreshold}`}${share === 0.18 ? "" : ` ${share * 100}%`}`,
  checkers: (reality, key, fromMs) => {
    const looker: Looker = (place, target, atMs) => look(reality, place, target, atMs);
    return outsiders(reality).map(({ id }) => ({
      place: id,
      firstAt: fromMs + phaseMs(reality.seed, `route53 ${id} ${key}`, intervalMs),
      look: looker,
      pace: atRate(intervalMs),
    }));
  },
  opinion: (checkers) => {
    const streaks = Array.from({ length: checkers }, freshStreak);
    let healthy = checkers;
    return {
      weigh: (arrival, say) => {
        const streak = streaks[arrival.checker]!;
        if (!countResult(streak, arrival.healthy, failureThreshold, failureThreshold)) return;
        healthy += streak.healthy ? 1 : -1;
        say(arrival.at, healthy <= share * checkers);
      },
    };
  },
});
