/**
 * One vantage, so many failures in a row: what most self-hosted monitors do.
 *
 * Source: Gatus, README, "Alerting" (failure-threshold 3, success-threshold 2) and "Configuration" (interval 60s),
 * client/config.go (timeout 10 s), watchdog/endpoint.go (a ticker, one check at a time).
 * Uptime Kuma, server/model/monitor.js: a failure within `maxretries` is only pending, one success is up again, the next
 * check comes so long after the last one's end; timeout .8 of the interval.
 *
 * Uptime Kuma comes with 0 retries, so that the first failure is down (`failures` 1). It is shown with 2 retries as well.
 * Simplified: its retry interval is its interval, as it comes. The vantage is one of the world's outside places, drawn from the seed.
 * What it knows counts only once it could be told to somebody else, as for all others.
 */
import type { Reality } from "../reality.ts";
import { afterEnd, atRateInTurn, outsiders, plainLooker, type Checker, type Pace } from "./checker.ts";
import type { Rule } from "./rule.ts";
import { drawOf, phaseMs } from "./stream.ts";
import { countResult, freshStreak } from "./streak.ts";

export interface Single {
  name: string;
  intervalMs: number;
  timeoutMs: number;
  failures?: number;
  successes: number;
  pace: (intervalMs: number) => Pace;
}

export const gatus = (intervalMs: number, failures = 3): Single => ({
  name: `gatus ${intervalMs / 1_000}s${failures === 3 ? "" : ` x${failures}`}`,
  intervalMs,
  timeoutMs: 10_000,
  failures,
  successes: 2,
  pace: atRateInTurn,
});

export const uptimeKuma = (intervalMs: number, failures = 3): Single => ({
  name: `uptime-kuma ${intervalMs / 1_000}s${failures === 3 ? "" : ` x${failures}`}`,
  intervalMs,
  timeoutMs: intervalMs * 0.8,
  failures,
  successes: 1,
  pace: afterEnd,
});

/** The one place a monitor of this world runs at: the same for all its targets. */
const placeOf = (reality: Reality): string => {
  const places = outsiders(reality);
  return places[Math.floor(drawOf(reality.seed, "single") * places.length)]!.id;
};

export const single = ({ name, intervalMs, timeoutMs, failures = 3, successes, pace }: Single): Rule => ({
  name,
  checkers: (reality, key, fromMs): Checker[] => [
    {
      place: placeOf(reality),
      firstAt: fromMs + phaseMs(reality.seed, `single ${key}`, intervalMs),
      look: plainLooker(reality, timeoutMs),
      pace: pace(intervalMs),
    },
  ],
  opinion: () => {
    const streak = freshStreak();
    return {
      weigh: (arrival, say) => {
        if (countResult(streak, arrival.healthy, failures, successes)) say(arrival.at, !streak.healthy);
      },
    };
  },
});
