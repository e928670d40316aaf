import type { JudgedTarget } from "../../../../src/domain/evidence.ts";
import type { Vantage } from "../../../../src/domain/vantage.ts";
import { type Breach, type Facts, type Law, type Moment, targetsIn } from "../history.ts";
import { looksIn, rosterIn } from "../looks.ts";

/** From the end of a look until the judge receives it, milliseconds. */
const REPORT_MS = 3_000;

/** Under these an operator has set an override, no vantage probes the target, or the earlier verdict is held for lack of evidence. */
const EXCUSED: ReadonlySet<string> = new Set(["frozen", "paused", "override", "nothing-fresh", "too-few"]);

/** Whether every vantage outside is sound, heard, and could be served all the while. */
const areAllServed = (
  key: string,
  { site, vantages }: JudgedTarget,
  roster: ReadonlyMap<string, Vantage>,
  { clear, unsound, held }: Facts,
  { from, to }: { from: number; to: number },
): boolean => {
  const overlaps = (span: { from: number; to: number }): boolean => span.from < to && span.to > from;
  if (unsound.some(overlaps) || held.some(overlaps)) return false;
  return vantages
    .filter((id) => roster.get(id)?.site !== site)
    .every((id) =>
      clear.some((one) => one.key === key && one.vantage === id && one.from <= from && one.to >= to),
    );
};

const avoids = ({ state }: Moment, key: string): { rule: string; verdict: string } | null => {
  const published = state.targets.get(key)?.published;
  const isAvoided = published?.advice.routing === "avoid" && state.frozenSince === null;
  return isAvoided && !EXCUSED.has(published.rule)
    ? { rule: published.rule, verdict: published.verdict }
    : null;
};

/** Where packets are lost the judge may be robbed of the answers, so only clear paths are held against it. */
export const theServedAreNotAvoided: Law = {
  name: "the-served-are-not-avoided",
  sentence:
    "what has served everybody outside for two intervals and a timeout, and has been looked at by each of them, is not avoided",
  grain: "wholes",
  breaches: ({ moments, facts }) => {
    const roster = rosterIn(moments);
    const looksOn = looksIn(moments);
    return [...targetsIn(moments)].flatMap(([key, target]): Breach[] => {
      const spanMs = 2 * target.intervalMs + target.timeoutMs + REPORT_MS;
      for (const moment of moments) {
        const standing = avoids(moment, key);
        const span = { from: moment.now - spanMs, to: moment.now };
        if (standing === null || !areAllServed(key, target, roster, facts, span)) continue;
        const since = (looksOn.get(key) ?? []).filter(
          ({ begin, toldAt, subject, isInside }) =>
            begin >= span.from && toldAt <= span.to && subject === "target" && !isInside,
        );
        const lookers = new Set(since.map(({ vantage }) => vantage));
        const outside = target.vantages.filter((id) => roster.get(id)?.site !== target.site);
        if (!outside.every((id) => lookers.has(id))) continue;
        const { verdict, rule } = standing;
        return [
          {
            key,
            at: moment.now,
            kind: verdict,
            says: `${verdict} (${rule}) and \`avoid\`, though it serves all`,
          },
        ];
      }
      return [];
    });
  },
};
