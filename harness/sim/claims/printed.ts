/** The claims as a command of their own. */
import type { Crew } from "../crew.ts";
import { monthsClaim } from "./mistake.ts";
import { type Options, wholeNumber } from "../options.ts";
import { isClean, print, tell, tellMistakes } from "../printed.ts";
import { summariesOf } from "../summary.ts";
import { summaryLines } from "../table.ts";
import type { Watch } from "../months/tally.ts";
import type { Claim } from "./claim.ts";
import { EFFORTS, PUBLISHED_FIRST_SEED } from "./effort.ts";
import { measureClaims, watchesFrom } from "./suite.ts";

const claimLines = ({ claim, bound, measured, seeds, reached }: Claim): string[] => [
  `${reached ? "reached" : "NOT    "}  ${claim}: ${bound}`,
  `           ${measured}; ${seeds} seeds`,
];

const effortOf = ({ full, short }: Options) => EFFORTS[full ? "full" : short ? "short" : "claims"];

const firstOf = ({ first }: Options): number => wholeNumber(first, PUBLISHED_FIRST_SEED, "first");

const tellFooled = ({ fooled }: Watch): void => {
  for (const { seed, at } of fooled)
    print(`wrong dead: in world ${seed} at ${new Date(at).toISOString()}, where nothing is wrong`);
};

/** Every claim; false where anything was confirmed dead or crashed that was not. */
export const runClaims = async (crew: Crew, options: Options): Promise<boolean> => {
  const begin = performance.now();
  const { claims, tallies, watch } = await measureClaims(crew, effortOf(options), firstOf(options), tell);
  if (options.json) print(JSON.stringify(claims));
  else {
    for (const claim of claims) for (const line of claimLines(claim)) print(line);
    print();
    for (const line of summaryLines(summariesOf(tallies))) print(line);
    print();
    tellMistakes(tallies.filter(({ wrongDead }) => wrongDead > 0));
    tellFooled(watch);
    print(`${((performance.now() - begin) / 1_000).toFixed(0)} s`);
  }
  return isClean(tallies) && watch.fooled.length === 0;
};

/** The months in which nothing is wrong, alone; `--seeds` worlds of ten days each. */
export const runMonths = async (crew: Crew, options: Options): Promise<boolean> => {
  const worlds = wholeNumber(options.seeds, effortOf(options).months, "seeds");
  const watch = await crew.watch(watchesFrom(firstOf(options), worlds));
  const claim = monthsClaim(watch);
  if (options.json) print(JSON.stringify({ ...claim, ...watch }));
  else {
    for (const line of claimLines(claim)) print(line);
    tellFooled(watch);
  }
  return watch.fooled.length === 0;
};
