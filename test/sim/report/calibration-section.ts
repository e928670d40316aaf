/** Whether what Parallax believes deserves it. */
import { isOurs } from "../detectors.ts";
import { mergeTallies, type Tally } from "../tally.ts";
import type { Figures } from "./figures.ts";
import { numbersFrom, tableLines } from "./markdown.ts";
import { fixed, whole } from "./number.ts";

/** Parallax over all scenarios as one. */
const wholeOf = ({ scenarios }: Figures): Tally =>
  mergeTallies(scenarios.flatMap(({ tallies }) => tallies.filter(({ detector }) => isOurs(detector))));

export const confusionTable = (figures: Figures): string[] => {
  const { confusion } = wholeOf(figures);
  const truths = Object.keys(confusion).toSorted();
  const said = [...new Set(Object.values(confusion).flatMap((row) => Object.keys(row)))].toSorted();
  const rows = truths.map((truth) => [truth, ...said.map((one) => String(confusion[truth]?.[one] ?? 0))]);
  return tableLines([["expected \\ said", ...said], ...rows], numbersFrom(1, said.length + 1));
};

export const reliabilityTable = (figures: Figures): string[] => {
  const rows = wholeOf(figures)
    .bins.map(({ count, confidence, right }, bin) => ({ count, confidence, right, bin }))
    .filter(({ count }) => count > 0)
    .map(({ count, confidence, right, bin }) => [
      `${bin * 10} to ${bin * 10 + 10} %`,
      whole(count),
      fixed((100 * confidence) / count),
      fixed((100 * right) / count),
    ]);
  return tableLines([["leading belief", "how often", "mean %", "right %"], ...rows], numbersFrom(1, 4));
};

export const brierText = (figures: Figures): string => {
  const { brierSum, beliefs } = wholeOf(figures);
  return `Brier's score over ${whole(beliefs)} beliefs: ${fixed(brierSum / beliefs, 4)} (0 is best, 2 worst).`;
};
