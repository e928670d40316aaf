import { type Breach, type Law, wordsIn } from "../history.ts";

const MINUTE_MS = 60_000;
/** Four troubles of a minute that each begin and end with a verdict, its confirmation and its advice leave room for no more. */
const TRANSITIONS_MAX = 12;
/** First looks come one by one. */
const START_MS = 15_000;

export const boundedTransitions: Law = {
  name: "bounded-transitions",
  sentence: `no target has more than ${TRANSITIONS_MAX} transitions in any minute`,
  grain: "wholes",
  breaches: ({ moments }) => {
    const from = (moments[0]?.now ?? 0) + START_MS;
    return [...wordsIn(moments)].flatMap(([key, words]): Breach[] => {
      const later = words.filter(({ at }) => at > from);
      const index = later.findIndex(
        ({ at }, first) => (later[first + TRANSITIONS_MAX]?.at ?? Infinity) - at < MINUTE_MS,
      );
      const last = later[index + TRANSITIONS_MAX];
      if (index < 0 || last === undefined) return [];
      const count = later.filter(
        ({ at }) => at >= (later[index]?.at ?? 0) && at < (later[index]?.at ?? 0) + MINUTE_MS,
      );
      return [{ key, at: last.at, says: `${count.length} transitions in a minute` }];
    });
  },
};
