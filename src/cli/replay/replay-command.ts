import { writeFileSync } from "node:fs";
import { keyOf } from "../../domain/name.ts";
import { differencesOf } from "../../replay/compare.ts";
import { type Recorded, recordedOf } from "../../replay/recorded.ts";
import { type Change, type Rejudged, rejudge, vantagesIn } from "../../replay/rejudge.ts";
import { isAsItWas, type WhatIf } from "../../replay/what-if.ts";
import { commandOf, EXIT_USAGE } from "../command.ts";
import { inOneLine, printable } from "../shared/output/trouble.ts";
import { differenceLines, judgementLines } from "./difference-lines.ts";
import { EXIT_NOT_READ, pagesOf } from "./pages.ts";
import { parseSettings, type Settings, USAGE } from "./settings.ts";

const EXIT_DIFFERS = 1;

const complain = (why: string, exit: number): number => {
  process.stderr.write(`parallax replay: ${inOneLine(why)}\n`);
  return exit;
};

/** The evidence comes from outside and may hold any character. */
const print = (line: string): void => {
  process.stdout.write(`${printable(line)}\n`);
};

/** Judges the record again and prints the result. Throws where the record is not valid. */
const judgeAgain = (recorded: Recorded, whatIf: WhatIf, key: string): number => {
  const known = vantagesIn(recorded);
  const stranger = whatIf.without.find((id) => !known.has(id));
  if (stranger !== undefined)
    return complain(
      `--what-if: no vantage "${stranger}" is in this evidence; there are ${[...known].toSorted().join(", ")}`,
      EXIT_USAGE,
    );
  const changes: Change[] = [];
  const heard = function* (judgements: Iterable<Rejudged>): Generator<Rejudged> {
    for (const judgement of judgements) {
      changes.push(...judgement.changes);
      yield judgement;
    }
  };
  for (const line of judgementLines(heard(rejudge(recorded, whatIf)), key)) print(line);
  const differences = differencesOf(recorded.published, changes);
  if (differences.length === 0) {
    print(`all ${recorded.published.length} transitions of the shard are as they were published`);
    return 0;
  }
  print(
    `${differences.length} transitions differ from the ${recorded.published.length} that were published:`,
  );
  for (const line of differenceLines(differences)) print(line);
  return isAsItWas(whatIf) ? EXIT_DIFFERS : 0;
};

const work = async ({ source, whatIf, save }: Settings): Promise<number> => {
  const pages = await pagesOf(source);
  if (!Array.isArray(pages)) return complain(pages.why, pages.exit);
  if (save !== undefined)
    try {
      writeFileSync(save, `${JSON.stringify(pages)}\n`, { mode: 0o600 });
    } catch (error) {
      return complain(`--save: ${(error as Error).message}`, EXIT_NOT_READ);
    }
  const recorded = recordedOf(pages);
  const [first] = pages;
  if (typeof recorded === "string") return complain(recorded, EXIT_NOT_READ);
  if (first === undefined) return complain("there is no page", EXIT_NOT_READ);
  try {
    return judgeAgain(recorded, whatIf, keyOf(first.site, first.target));
  } catch (error) {
    // The judge's own events and memory are not checked against a schema.
    return complain(
      `the record cannot be judged by this release: it is damaged, or a later one wrote it (${(error as Error).message})`,
      EXIT_NOT_READ,
    );
  }
};

/** `parallax replay`. */
export const replay = commandOf({
  name: "replay",
  summary:
    "judge again what the detector judged, from the evidence it kept, or as if something had been otherwise",
  usage: USAGE,
  parse: parseSettings,
  work,
});
