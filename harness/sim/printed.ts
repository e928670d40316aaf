/** The output of the command line: results on standard output, progress on standard error. */
import { isOurs } from "./detectors.ts";
import type { Tally } from "./tally.ts";

export const print = (line = ""): void => void process.stdout.write(`${line}\n`);
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** At most so many of the mistakes are printed; `--json` has all. */
const TOLD_MAX = 20;
const GRAVE = ["wrong dead", "wrong label", "wrong down", "missed", "misnamed"];

/** Parallax' mistakes, the gravest first, each with the command that shows it again. */
export const tellMistakes = (tallies: readonly Tally[]): void => {
  const mistakes = tallies
    .filter(({ detector }) => isOurs(detector))
    .flatMap((tally) => tally.mistakes.map((mistake) => ({ tally, mistake })))
    .toSorted((a, b) => GRAVE.indexOf(a.mistake.kind) - GRAVE.indexOf(b.mistake.kind));
  for (const { tally, mistake } of mistakes.slice(0, TOLD_MAX)) {
    const { kind, key, label, afterMs, truth, seed } = mistake;
    print(
      `${kind}: ${tally.detector} said ${label} of ${key} at ${(afterMs / 1_000).toFixed(2)} s, truth ${truth}`,
    );
    print(
      `  npm run sim -- --scenario ${tally.scenario} --seed ${seed} --detector "${tally.detector}"${tally.flags}`,
    );
  }
  if (mistakes.length > TOLD_MAX) print(`… and ${mistakes.length - TOLD_MAX} more`);
};

/** Parallax must not say so; what others do is theirs. */
export const isClean = (tallies: readonly Tally[]): boolean =>
  tallies.every(({ detector, wrongDead }) => wrongDead === 0 || !isOurs(detector));
