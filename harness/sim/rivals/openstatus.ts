/**
 * openstatus.
 *
 * Source: its documentation, "Incident" (at least 50 % of the checks failing) and "Timing" (timeout 45 s by default), and
 * the source of openstatusHQ/openstatus: apps/workflows/src/cron/checker.ts (all regions dispatched at once, every 30 s at
 * the fastest, `retry` 3), apps/checker/handlers/checker.go (retries with exponential backoff inside the check, a wrong
 * status retried once), apps/workflows/src/checker/{transition,quorum}.ts.
 * - A region's status changes with its latest check, if that was dispatched after the one that set it.
 * - On each change: regions with the new status × 2 ≥ all regions, and the monitor takes that status. So at an even
 *   split whoever changed last wins; and a region that falls silent keeps its vote for ever.
 * - Backoff (cenkalti/backoff's defaults): 500 ms × 1.5 a time, each ± 50 %.
 *
 * Simplified: regions are the world's outside places; dispatch through a task queue takes no time; `degraded` is not modelled.
 */
import type { Reality } from "../reality.ts";
import { atRate, outsiders, type Looker } from "./checker.ts";
import type { Rule } from "./rule.ts";
import { drawOf, phaseMs } from "./stream.ts";

const BACKOFF_MS = 500;
const BACKOFF_FACTOR = 1.5;
const WRONG_STATUS_TRIES = 2;

export interface Openstatus {
  /** 30 s is the fastest on offer; a function of the number of regions, to spend a given budget. */
  intervalMs: number | ((places: number) => number);
  /** Default: 45 s, as documented. */
  timeoutMs?: number;
  retries?: number;
  /** Share of regions that decides. */
  share?: number;
  name: string;
}

const lookWithBackoff =
  (reality: Reality, retries: number, timeoutMs: number): Looker =>
  (place, key, atMs) => {
    let tookMs = 0;
    for (let probes = 1; ; probes += 1) {
      const seen = reality.probe(place, key, Math.round(atMs + tookMs), timeoutMs);
      tookMs += seen.tookMs;
      const tries = seen.outcome === "app_error" ? Math.min(WRONG_STATUS_TRIES, 1 + retries) : 1 + retries;
      if (seen.outcome === "ok" || probes >= tries) return { healthy: seen.outcome === "ok", tookMs, probes };
      const jitter = 0.5 + drawOf(reality.seed, `openstatus ${place} ${key} ${atMs} ${probes}`);
      tookMs += BACKOFF_MS * BACKOFF_FACTOR ** (probes - 1) * jitter;
    }
  };

export const openstatus = ({
  intervalMs,
  timeoutMs = 45_000,
  retries = 3,
  share = 0.5,
  name,
}: Openstatus): Rule => ({
  name,
  checkers: (reality, key, fromMs) => {
    const places = outsiders(reality);
    const paceMs = typeof intervalMs === "number" ? intervalMs : intervalMs(places.length);
    return places.map(({ id }) => ({
      place: id,
      firstAt: fromMs + phaseMs(reality.seed, `openstatus ${key}`, paceMs),
      look: lookWithBackoff(reality, retries, timeoutMs),
      pace: atRate(paceMs),
    }));
  },
  opinion: (checkers) => {
    const regions = Array.from({ length: checkers }, () => ({ healthy: true, dispatchedAt: -Infinity }));
    return {
      weigh: (arrival, say) => {
        const region = regions[arrival.checker]!;
        if (region.healthy === arrival.healthy || arrival.beganAt <= region.dispatchedAt) return;
        region.healthy = arrival.healthy;
        region.dispatchedAt = arrival.beganAt;
        const alike = regions.filter(({ healthy }) => healthy === arrival.healthy).length;
        if (alike >= share * checkers) say(arrival.at, !arrival.healthy);
      },
    };
  },
});
