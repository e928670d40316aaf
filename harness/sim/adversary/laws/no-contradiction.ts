import { answerOf } from "../../../../src/verdict/verdict-answer.ts";
import { TUNING } from "../../../../src/verdict/tuning.ts";
import { contradictionsIn, type Stand } from "../../../../test/verdict/contradictions.ts";
import type { Breach, Law, Moment } from "../history.ts";

/** Answers are read after every change, and of everything in one call of so many. */
const READ_EVERY = 25;

const standsOf = ({ state }: Moment, key: string): Stand[] => {
  const target = state.targets.get(key)?.target;
  return (target?.vantages ?? []).map((id) => {
    const vantage = state.vantages.get(id)?.vantage;
    return { id, region: vantage?.region ?? "", inside: vantage?.site === target?.site };
  });
};

const readIn = (moment: Moment, index: number): Iterable<string> =>
  index % READ_EVERY === 0
    ? moment.state.targets.keys()
    : new Set(moment.changes.map(({ site, target }) => `${site}/${target}`));

export const noContradiction: Law = {
  name: "no-contradiction",
  sentence: "no answer contradicts itself",
  grain: "events",
  breaches: ({ moments }) => {
    const found = new Map<string, Breach>();
    for (const [index, moment] of moments.entries())
      for (const key of readIn(moment, index)) {
        if (found.has(key)) continue;
        const { answer } = answerOf(moment.state, key, moment.now, TUNING) ?? {};
        if (answer === undefined) continue;
        const [line] = contradictionsIn(answer, standsOf(moment, key), moment.now);
        if (line !== undefined)
          found.set(key, {
            key,
            at: moment.now,
            kind: line.split(":")[0] ?? "",
            says: `${line}, in ${answer.verdict} (${answer.rule})`,
          });
      }
    return [...found.values()];
  },
};
