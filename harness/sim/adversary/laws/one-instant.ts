import { contradicts, saying } from "../compared.ts";
import { type Breach, type Law, wordsIn } from "../history.ts";

/**
 * What waited while the collector stood still comes all at once, and is one piece of evidence: whoever publishes it bit by bit
 * announces the past as the present.
 */
export const oneInstant: Law = {
  name: "one-instant",
  sentence: "nothing is published that is contradicted at the very instant",
  grain: "events",
  breaches: ({ moments }) =>
    [...wordsIn(moments)].flatMap(([key, words]): Breach[] => {
      for (const [index, word] of words.entries()) {
        const last = words.findLast(({ at }) => at === word.at) ?? word;
        const stood = words.slice(0, index).findLast(({ at }) => at < word.at);
        if (!contradicts(last, word, stood)) continue;
        const kind = `${saying(word)}, then ${saying(last)}`;
        return [
          {
            key,
            at: word.at,
            kind,
            says: `said "${saying(word)}" and in the same instant "${saying(last)}"`,
          },
        ];
      }
      return [];
    }),
};
