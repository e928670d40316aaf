/**
 * Cloudflare Load Balancing monitors.
 *
 * Source: Cloudflare Load Balancing docs, "Monitors" (Health monitor regions) and "Create monitor"; API
 * reference, load balancer monitor (interval 60, timeout 5, retries 2, consecutive_down 0, consecutive_up 0).
 * - Three data centers a region look; a region is healthy if the majority of its data centers pass, the
 *   endpoint if the majority of regions is healthy.
 * - Retries happen on a timeout only, at once; a refusal or a wrong answer fails immediately.
 * - The shortest interval is 60 s (Pro), 15 s (Business) or 10 s (Enterprise).
 *
 * Simplified: three neighbouring outside places stand for the data centers of one region where the world's own
 * regions hold fewer than three, what is left over joins the last ones. Whether data centers look in step is not
 * documented: they get random phases. One check at a time. The last word of a data center that cannot report stands.
 */
import type { Place, Reality } from "../reality.ts";
import { atRateInTurn, isTimeout, outsiders, type Looker } from "./checker.ts";
import type { Rule } from "./rule.ts";
import { phaseMs } from "./stream.ts";
import { countResult, freshStreak } from "./streak.ts";

const PER_REGION = 3;
const TIMEOUT_MS = 5_000;

export interface Cloudflare {
  intervalMs: number;
  /** More tries after a timeout. */
  retries?: number;
  /** Failures in a row that make a data center say unhealthy; the default 0 acts as 1. */
  consecutiveDown?: number;
}

const lookWithRetries =
  (reality: Reality, retries: number): Looker =>
  (place, key, atMs) => {
    let tookMs = 0;
    for (let probes = 1; ; probes += 1) {
      const seen = reality.probe(place, key, Math.round(atMs + tookMs), TIMEOUT_MS);
      tookMs += seen.tookMs;
      if (!isTimeout(seen) || probes > retries) return { healthy: seen.outcome === "ok", tookMs, probes };
    }
  };

const byRegion = (a: Place, b: Place): number =>
  a.region < b.region ? -1 : a.region > b.region ? 1 : a.id < b.id ? -1 : 1;

/** Places so ordered that each three in a row are one region. */
export const inThrees = (places: readonly Place[]): Place[] => {
  const sorted = places.toSorted(byRegion);
  const regions = Map.groupBy(sorted, (place) => place.region);
  const isReal = [...regions.values()].every((region) => region.length >= PER_REGION);
  return isReal ? [...regions.values()].flatMap((region) => region.slice(0, PER_REGION)) : sorted;
};

const isMajority = (count: number, of: number): boolean => count * 2 > of;

export const cloudflare = ({ intervalMs, retries = 2, consecutiveDown = 1 }: Cloudflare): Rule => ({
  name: `cloudflare ${intervalMs / 1_000}s${consecutiveDown === 1 ? "" : ` x${consecutiveDown}`}`,
  checkers: (reality, key, fromMs) =>
    inThrees(outsiders(reality)).map(({ id }) => ({
      place: id,
      firstAt: fromMs + phaseMs(reality.seed, `cloudflare ${id} ${key}`, intervalMs),
      look: lookWithRetries(reality, retries),
      pace: atRateInTurn(intervalMs),
    })),
  opinion: (checkers) => {
    const regions = Math.max(1, Math.floor(checkers / PER_REGION));
    const streaks = Array.from({ length: checkers }, freshStreak);
    const regionOf = (checker: number): number => Math.min(regions - 1, Math.floor(checker / PER_REGION));
    const isHealthy = (region: number): boolean => {
      const own = streaks.filter((_, checker) => regionOf(checker) === region);
      return isMajority(own.filter((streak) => streak.healthy).length, own.length);
    };
    return {
      weigh: (arrival, say) => {
        if (!countResult(streaks[arrival.checker]!, arrival.healthy, consecutiveDown, 1)) return;
        let healthy = 0;
        for (let region = 0; region < regions; region += 1) healthy += isHealthy(region) ? 1 : 0;
        say(arrival.at, !isMajority(healthy, regions));
      },
    };
  },
});
