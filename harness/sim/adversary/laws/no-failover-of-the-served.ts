import type { Breach, Law } from "../history.ts";
import { endOf, type Facts, targetsIn, wordsIn } from "../history.ts";
import { type Look, looksIn } from "../looks.ts";

/** Clocks of vantages differ by up to so much, milliseconds: an answer this close to a change of the world proves neither side of it. */
const CLOCK_MS = 600;

/** Until when the vantage can be served, and is sound, without a break since the look; 0 where it could not then. */
const servedUntil = ({ served, unsound }: Facts, { key, vantage, begin }: Look): number => {
  const span = served.find(
    (one) => one.key === key && one.vantage === vantage && one.from <= begin - CLOCK_MS && begin < one.to,
  );
  if (span === undefined) return 0;
  const lost = unsound.filter((one) => one.vantage === vantage && one.to > begin - CLOCK_MS);
  return Math.min(span.to, ...lost.map(({ from }) => from));
};

/**
 * In flight is nothing here: only an answer that the judge has been told of counts, for one interval and while its vantage can still
 * be served. So no allowance is needed beyond that.
 */
export const noFailoverOfTheServed: Law = {
  name: "no-failover-of-the-served",
  sentence:
    "failover is never advised while a sound vantage can be served whose `ok`, begun at most an interval ago, has been told",
  grain: "events",
  breaches: ({ moments, facts }) => {
    const targets = targetsIn(moments);
    const looks = looksIn(moments);
    const end = endOf(moments);
    return [...wordsIn(moments)].flatMap(([key, words]): Breach[] => {
      const intervalMs = targets.get(key)?.intervalMs ?? 0;
      const spans = words.flatMap((word, index) =>
        word.failover ? [{ from: word.at, to: words[index + 1]?.at ?? end, verdict: word.verdict }] : [],
      );
      if (spans.length === 0) return [];
      for (const look of looks.get(key) ?? []) {
        if (look.subject !== "target" || look.outcome !== "ok") continue;
        const until = Math.min(servedUntil(facts, look), look.begin + intervalMs);
        for (const { from, to, verdict } of spans) {
          const at = Math.max(from, look.toldAt);
          // A verdict that is taken back at the very instant of its publication counts as taken back at once.
          if (at >= to || at >= until) continue;
          const ago = ((at - look.begin) / 1_000).toFixed(1);
          const where = look.isInside ? "inside" : "outside";
          return [
            {
              key,
              at,
              says: `failover (${verdict}) while ${look.vantage}, ${where}, is served, as ${ago} s ago`,
            },
          ];
        }
      }
      return [];
    });
  },
};
