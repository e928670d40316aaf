import { type Breach, type Law, wordsIn } from "../history.ts";

/** Looks that were under way when the world stopped may still be reported for this long, milliseconds. */
const IN_FLIGHT_MS = 3_000;
/** Down or up, and then by its right name. */
const CHANGES_MAX = 2;

export const settles: Law = {
  name: "settles",
  sentence: "in a world that has stopped changing a verdict changes at most twice more",
  grain: "wholes",
  breaches: ({ moments, facts: { stillSince } }) => {
    if (stillSince === null) return [];
    return [...wordsIn(moments)].flatMap(([key, words]): Breach[] => {
      const turns = words.filter(
        ({ at, verdict }, index) => at > stillSince + IN_FLIGHT_MS && verdict !== words[index - 1]?.verdict,
      );
      const first = turns[CHANGES_MAX];
      if (first === undefined) return [];
      const said = turns.map(
        ({ verdict, at }) => `${verdict} at ${((at - stillSince) / 1_000).toFixed(0)} s`,
      );
      return [{ key, at: first.at, says: `${turns.length} more verdicts: ${said.join(", ")}` }];
    });
  },
};
