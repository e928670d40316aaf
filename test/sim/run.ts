// The simulator's command line: scenarios, claims, and one seed again.
import type { Claim } from "./claims/claim.ts";
import { EFFORTS, PUBLISHED_FIRST_SEED } from "./claims/effort.ts";
import { measureClaims } from "./claims/suite.ts";
import { Crew } from "./crew.ts";
import { detectorNamed, isOurs } from "./detectors.ts";
import {
  detectorsOf,
  type Options,
  readOptions,
  scenariosOf,
  USAGE,
  wholeNumber,
  worldOf,
} from "./options.ts";
import { replayLines } from "./replay.ts";
import { writeReport } from "./report/report.ts";
import { SCENARIOS } from "./scenarios.ts";
import { summaryOf } from "./summary.ts";
import { confusionLines, summaryLines } from "./table.ts";
import type { Tally } from "./tally.ts";

const print = (line = ""): void => void process.stdout.write(`${line}\n`);
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** At most so many of the mistakes are told; `--json` has all. */
const TOLD_MAX = 20;

const tellMistakes = (tallies: readonly Tally[]): void => {
  const grave = ["wrong dead", "wrong label", "wrong down", "missed", "misnamed"];
  const mistakes = tallies
    .filter(({ detector }) => isOurs(detector))
    .flatMap((tally) => tally.mistakes.map((mistake) => ({ tally, mistake })))
    .toSorted((a, b) => grave.indexOf(a.mistake.kind) - grave.indexOf(b.mistake.kind));
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
const isClean = (tallies: readonly Tally[]): boolean =>
  tallies.every(({ detector, wrongDead }) => wrongDead === 0 || !isOurs(detector));

/** Threads left over would keep the process alive. */
const withCrew = async <T>(work: (crew: Crew) => Promise<T>): Promise<T> => {
  const crew = new Crew();
  try {
    return await work(crew);
  } finally {
    await crew.dismiss();
  }
};

const runScenarios = async (options: Options): Promise<boolean> => {
  const seeds = {
    first: wholeNumber(options.first, 1, "first"),
    count: wholeNumber(options.seeds, options.full ? 1_000 : 20, "seeds"),
  };
  const detectors = detectorsOf(options);
  const world = worldOf(options);
  const tallies = await withCrew(async (crew) => {
    const all: Tally[] = [];
    for (const { name } of scenariosOf(options)) {
      tell(`${name}, ${seeds.count} seeds`);
      // oxlint-disable-next-line no-await-in-loop -- told in order; the crew shares out the seeds of each
      all.push(...(await crew.play({ scenario: name, detectors, world, ...seeds })));
    }
    return all;
  });
  const summaries = tallies.map(summaryOf);
  if (options.json) {
    print(JSON.stringify(summaries.map((one, index) => ({ ...one, mistakes: tallies[index]?.mistakes }))));
    return isClean(tallies);
  }
  for (const line of summaryLines(summaries)) print(line);
  for (const { scenario, detector, confusion } of summaries) {
    // Rules that know only "down" have no classes to confuse.
    if (!isOurs(detector)) continue;
    print();
    print(`${scenario}, ${detector}: what stood at the end`);
    for (const line of confusionLines(confusion)) print(line);
  }
  print();
  tellMistakes(tallies);
  return isClean(tallies);
};

const runClaims = async (options: Options): Promise<boolean> => {
  const effort = EFFORTS[options.full ? "full" : options.short ? "short" : "claims"];
  const first = wholeNumber(options.first, PUBLISHED_FIRST_SEED, "first");
  const begin = performance.now();
  const { claims, tallies } = await withCrew((crew) => measureClaims(crew, effort, first, tell));
  if (options.json) print(JSON.stringify(claims));
  else {
    for (const claim of claims) for (const line of claimLines(claim)) print(line);
    print();
    for (const line of summaryLines(tallies.map(summaryOf))) print(line);
    print();
    tellMistakes(tallies.filter(({ wrongDead }) => wrongDead > 0));
    print(`${((performance.now() - begin) / 1_000).toFixed(0)} s`);
  }
  return isClean(tallies);
};

const claimLines = ({ claim, bound, measured, seeds, reached }: Claim): string[] => [
  `${reached ? "reached" : "NOT    "}  ${claim}: ${bound}`,
  `           ${measured}; ${seeds} seeds`,
];

/** Not done, and nothing wrong either. */
const UNFINISHED = 3;

const runReport = async (options: Options): Promise<number> => {
  const order = {
    first: wholeNumber(options.first, PUBLISHED_FIRST_SEED, "first"),
    isFull: options.full,
    limitMs: options.minutes === undefined ? undefined : 60_000 * wholeNumber(options.minutes, 0, "minutes"),
  };
  return (await withCrew((crew) => writeReport(crew, order, tell))) ? 0 : UNFINISHED;
};

const exitCodeOf = (isGood: boolean): number => (isGood ? 0 : 1);

const run = async (): Promise<number> => {
  const options = readOptions();
  if (options.help) print(USAGE);
  else if (options.list) for (const { name, about } of SCENARIOS) print(`${name.padEnd(26)}${about}`);
  else if (options.report) return await runReport(options);
  else if (options.suite === "claims") return exitCodeOf(await runClaims(options));
  else if (options.suite !== undefined) throw new Error(`no suite "${options.suite}": claims`);
  else if (options.seed !== undefined) {
    const seed = wholeNumber(options.seed, 1, "seed");
    for (const scenario of scenariosOf(options))
      // oxlint-disable-next-line no-await-in-loop -- printed in order
      for (const line of await replayLines(
        scenario,
        seed,
        detectorsOf(options).map(detectorNamed),
        worldOf(options).options,
      ))
        print(line);
  } else return exitCodeOf(await runScenarios(options));
  return 0;
};

try {
  process.exitCode = await run();
} catch (cause) {
  print(cause instanceof Error ? cause.message : String(cause));
  print(USAGE);
  process.exitCode = 2;
}
