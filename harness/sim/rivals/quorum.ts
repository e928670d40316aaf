/**
 * k of n places, each after m failures in a row: the rule one writes first.
 *
 * Source: folklore; in this form the alert rules of most multi-region monitors (Better Stack, "Locations and regions": a
 * failure from at least 3 locations). With m = 1 and k a majority it is plain majority voting.
 *
 * Simplified: nothing. One success clears a place's vote; the target is up once fewer than k vote down. The last word
 * of a place that cannot report stands.
 */
import type { Budget } from "./budget.ts";
import type { Rule } from "./rule.ts";
import { staggered } from "./stagger.ts";
import { countResult, freshStreak } from "./streak.ts";

export interface Quorum {
  /** Places that must agree; never more than there are. */
  k: number | "majority" | "all";
  /** Failures in a row that make a place vote. */
  m: number;
}

const neededOf = (k: Quorum["k"], n: number): number => {
  if (k === "all") return n;
  return k === "majority" ? Math.floor(n / 2) + 1 : Math.min(k, n);
};

export const quorum = ({ k, m }: Quorum, budget: Budget): Rule => ({
  name: `${k}-of-n x${m}`,
  checkers: (reality, _key, fromMs) => staggered(reality, fromMs, budget),
  opinion: (checkers) => {
    const streaks = Array.from({ length: checkers }, freshStreak);
    const needed = neededOf(k, checkers);
    let votes = 0;
    return {
      weigh: (arrival, say) => {
        const streak = streaks[arrival.checker]!;
        if (!countResult(streak, arrival.healthy, m, 1)) return;
        votes += streak.healthy ? -1 : 1;
        say(arrival.at, votes >= needed);
      },
    };
  },
});
