/** The twelve kinds of worlds in which the judge was once wrong: right runs then and now. */
import { beforeText } from "../kinds/before.ts";
import { KINDS } from "../kinds/kinds.ts";
import type { Figures } from "./figures.ts";
import { numbersFrom, tableLines } from "./markdown.ts";

/** What each kind taught, by its number. */
const TAUGHT: readonly string[] = [
  "a channel that was dead before the fault says nothing",
  "all fail, but not in the same way",
  "evidence from inside has to be more than two lost looks",
  "loss, and then a cut",
  "slow is not hung",
  "a dead site does not starve the living",
  "refusal from outside alone confirms nothing",
  "after a pause the past is not announced as the present",
  "staggered cuts are not deaths",
  "opened is not refused",
  "a steady fault settles",
  "the way back, slow reporters, heartbeats",
];

export const kindTable = ({ kinds }: Figures): string[] => {
  const rows = TAUGHT.map((taught, index) => {
    const own = KINDS.filter(({ number }) => number === index + 1).map(({ scenario }) => scenario.name);
    const nowText = (name: string): string => {
      const tally = kinds.find(({ kind }) => kind === name);
      return tally === undefined ? "not played" : `${tally.right} of ${tally.seeds}`;
    };
    return [
      String(index + 1),
      taught,
      own.map((name) => `\`${name}\``).join(", "),
      own.map(beforeText).join(", "),
      own.map(nowText).join(", "),
    ];
  });
  return tableLines([["", "kind", "scenarios", "right before", "right now"], ...rows], numbersFrom(5, 5));
};
