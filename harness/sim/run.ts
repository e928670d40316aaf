// The simulator's command line: scenarios, claims, the report, the audit, and one seed again.
import { runAdversary } from "./adversary/adversary.ts";
import { audit } from "./audit/audit.ts";
import { PUBLISHED_FIRST_SEED } from "./claims/effort.ts";
import { runClaims, runMonths } from "./claims/printed.ts";
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
import { isClean, print, tell, tellMistakes } from "./printed.ts";
import { runKinds } from "./kinds/printed.ts";
import { replayLines } from "./replay.ts";
import { ORACLE } from "./rivals/oracle.ts";
import { writeReport } from "./report/report.ts";
import { runReplays } from "./replays.ts";
import { KIND_SCENARIOS, scenarioNamed, SCENARIOS } from "./scenarios.ts";
import { summariesOf } from "./summary.ts";
import { confusionLines, summaryLines } from "./table.ts";
import type { Tally } from "./tally.ts";

/** Threads left over would keep the process alive. */
const withCrew = async <T>(work: (crew: Crew) => Promise<T>, size?: number): Promise<T> => {
  const crew = new Crew(size);
  try {
    return await work(crew);
  } finally {
    await crew.dismiss();
  }
};

/** The bound that others are measured by looks along, asked for or not: it costs next to nothing. */
const withOracle = (detectors: readonly string[]): string[] => [...new Set([...detectors, ORACLE])];

const runScenarios = async (crew: Crew, options: Options): Promise<boolean> => {
  const seeds = {
    first: wholeNumber(options.first, 1, "first"),
    count: wholeNumber(options.seeds, options.full ? 1_000 : 20, "seeds"),
  };
  const detectors = detectorsOf(options);
  const world = worldOf(options);
  const tallies: Tally[] = [];
  for (const { name } of scenariosOf(options)) {
    tell(`${name}, ${seeds.count} seeds`);
    // oxlint-disable-next-line no-await-in-loop -- told in order; the crew shares out the seeds of each
    tallies.push(...(await crew.play({ scenario: name, detectors: withOracle(detectors), world, ...seeds })));
  }
  const asked = tallies.filter(({ detector }) => detectors.includes(detector));
  const summaries = summariesOf(tallies).filter(({ detector }) => detectors.includes(detector));
  if (options.json) {
    print(JSON.stringify(summaries.map((one, index) => ({ ...one, mistakes: asked[index]?.mistakes }))));
    return isClean(asked);
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
  tellMistakes(asked);
  return isClean(asked);
};

const SUITES: Readonly<Record<string, typeof runClaims>> = {
  claims: runClaims,
  months: runMonths,
  kinds: runKinds,
};

const runSuite = async (name: string, options: Options): Promise<boolean> => {
  const suite = SUITES[name];
  if (suite === undefined) throw new Error(`no suite "${name}": ${Object.keys(SUITES).join(", ")}`);
  return await withCrew((crew) => suite(crew, options));
};

const runSeed = async (seed: number, options: Options): Promise<void> => {
  const world = worldOf(options);
  const detectors = detectorsOf(options).map((name) => detectorNamed(name, world.judge));
  for (const scenario of scenariosOf(options))
    // oxlint-disable-next-line no-await-in-loop -- printed in order
    for (const line of await replayLines(scenario, seed, detectors, world.options)) print(line);
};

/** Not done, and nothing wrong either. */
const UNFINISHED = 3;

const runReport = async (options: Options): Promise<number> => {
  const { minutes, full, short } = options;
  const order = {
    first: wholeNumber(options.first, PUBLISHED_FIRST_SEED, "first"),
    mode: full ? ("full" as const) : short ? ("short" as const) : ("usual" as const),
    limitMs: minutes === undefined ? undefined : 60_000 * wholeNumber(minutes, 0, "minutes"),
  };
  return (await withCrew((crew) => writeReport(crew, order, tell))) ? 0 : UNFINISHED;
};

const runAudit = async ({ jobs, kept, all, tests, only }: Options): Promise<void> => {
  const claiming = tests ? "none" : all ? "all" : "unnoticed";
  await audit({ jobs: wholeNumber(jobs, 2, "jobs"), kept, claiming, only: only?.split(",") }, print);
};

/** Findings of each law made short: of many worlds a few, of a single one what there is. */
const FINDINGS_SHOWN = 2;

const runLaws = async (options: Options): Promise<boolean> => {
  const { seed, seconds, jobs, law, keep } = options;
  const order = {
    first: wholeNumber(seed ?? options.first, 1, "first"),
    seeds: seed === undefined ? wholeNumber(options.seeds, 200, "seeds") : 1,
    limitMs: seconds === undefined ? undefined : 1_000 * wholeNumber(seconds, 0, "seconds"),
    law,
    keep,
    shown: FINDINGS_SHOWN,
  };
  const size = jobs === undefined ? undefined : wholeNumber(jobs, 1, "jobs");
  return await withCrew((crew) => runAdversary(crew, order, print), size);
};

const runIncidents = ({ scenario, seeds, first }: Options): Promise<boolean> => {
  const chosen = scenario === undefined ? SCENARIOS : scenario.split(",").map(scenarioNamed);
  return runReplays(
    chosen,
    { first: wholeNumber(first, 1, "first"), count: wholeNumber(seeds, 20, "seeds") },
    print,
  );
};

const exitCodeOf = (isGood: boolean): number => (isGood ? 0 : 1);

const run = async (): Promise<number> => {
  const options = readOptions();
  if (options.help) print(USAGE);
  else if (options.list)
    for (const { name, about } of [...SCENARIOS, ...KIND_SCENARIOS]) print(`${name.padEnd(26)}${about}`);
  else if (options.report) return await runReport(options);
  else if (options.replays) return exitCodeOf(await runIncidents(options));
  else if (options.adversary) return exitCodeOf(await runLaws(options));
  else if (options.audit) await runAudit(options);
  else if (options.suite !== undefined) return exitCodeOf(await runSuite(options.suite, options));
  else if (options.seed !== undefined) await runSeed(wholeNumber(options.seed, 1, "seed"), options);
  else return exitCodeOf(await withCrew((crew) => runScenarios(crew, options)));
  return 0;
};

try {
  process.exitCode = await run();
} catch (cause) {
  print(cause instanceof Error ? cause.message : String(cause));
  print(USAGE);
  process.exitCode = 2;
}
