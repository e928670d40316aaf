import { parseArgs } from "node:util";
import type { WorldOptions } from "./create-reality.ts";
import { detectorNamed, DETECTORS } from "./detectors.ts";
import { DEFAULT_LAYOUT } from "./layout.ts";
import type { Scenario } from "./scenario.ts";
import { scenarioNamed, SCENARIOS } from "./scenarios.ts";
import { type World, worldNamed, WORLDS } from "./worlds.ts";

export const USAGE = `npm run sim -- [options]
  --list                 names the scenarios
  --scenario A,B         which to run; "all" for every one (default: crash,death,hang,site-cut,none)
  --seeds N              seeds of each (default 20; 1000 with --full)
  --first S              the first of them (default 1)
  --seed S               runs one seed and tells every call
  --world NAME           ${Object.keys(WORLDS).join(", ")}
  --lasts S              how long faults last (default 60 s)
  --vantages N, --interval S   how many look, and how often (default 9, 10 s)
  --detector A,B         which detectors (default: all); the oracle's times, and how many times longer each took, stand in every row
  --suite claims         every promise on detection and accuracy, measured
  --suite months         the one about months in which nothing is wrong, alone; --seeds worlds of ten days
  --suite kinds          the twelve kinds of worlds in which the judge was once wrong: which runs are right; --scenario A,B for some,
                         --seed S tells one run word by word; exit code 1 where a run is wrong
  --report               writes docs/detection.md, its picture and docs/detection.json
  --minutes N            with --report: stops after that long; run again, it goes on (exit code 3 until it is done)
  --audit                each rule off, each number halved and doubled: who notices; writes docs/audit.md
  --jobs N, --kept FILE  with --audit: so many at a time (default 2; 0 writes the page of what is done),
                         and where to keep what is done
  --tests, --all         with --audit: no claims, and no page; claims too where a test has noticed already
  --only A,B             with --audit: these rules and numbers, and no page
  --adversary            random worlds against the laws of the judge: --seeds N (default 200), --seconds S, --seed K for one,
                         --law A,B for some, --jobs N threads; exit code 1 where a law is broken
  --replays              incidents of all scenarios judged again by the page's own script: --seeds of each (default 20), --first S,
                         --scenario A,B for some; exit code 1 where one comes out otherwise than it was published
  --keep DIR             with --adversary: writes the shortest lists of events that break a law
  --short, --full        fewer or more seeds
  --json                 for programs`;

/** The command line's options; throws on one that is unknown. */
export const readOptions = () =>
  parseArgs({
    options: {
      list: { type: "boolean", default: false },
      scenario: { type: "string" },
      seeds: { type: "string" },
      first: { type: "string" },
      seed: { type: "string" },
      world: { type: "string", default: "usual" },
      lasts: { type: "string" },
      vantages: { type: "string" },
      interval: { type: "string" },
      detector: { type: "string" },
      suite: { type: "string" },
      report: { type: "boolean", default: false },
      minutes: { type: "string" },
      audit: { type: "boolean", default: false },
      jobs: { type: "string" },
      kept: { type: "string" },
      all: { type: "boolean", default: false },
      tests: { type: "boolean", default: false },
      only: { type: "string" },
      adversary: { type: "boolean", default: false },
      replays: { type: "boolean", default: false },
      seconds: { type: "string" },
      law: { type: "string" },
      keep: { type: "string" },
      short: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }).values;
export type Options = ReturnType<typeof readOptions>;

/** Throws where the text is none. */
export const wholeNumber = (text: string | undefined, otherwise: number, name: string): number => {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} takes a whole number`);
  return value;
};

/** The detectors asked for, by name; throws where there is none of a name. */
export const detectorsOf = ({ detector }: Options): string[] =>
  (detector?.split(",") ?? DETECTORS.map(({ name }) => name)).map((name) => detectorNamed(name).name);

/** Each option that changes the world, with what it changes. */
const CHANGES: Record<"vantages" | "interval" | "lasts", (value: number) => WorldOptions> = {
  vantages: (vantages) => ({ layout: { vantages } }),
  interval: (seconds) => ({
    layout: {
      intervalMs: 1_000 * seconds,
      timeoutMs: Math.min(DEFAULT_LAYOUT.timeoutMs, 500 * seconds),
    },
  }),
  lasts: (seconds) => ({ lastsMs: 1_000 * seconds }),
};

/** The world asked for. */
export const worldOf = (options: Options): World => {
  const named = worldNamed(options.world);
  let { flags, options: world } = named;
  for (const name of ["vantages", "interval", "lasts"] as const) {
    if (options[name] === undefined) continue;
    const value = wholeNumber(options[name], 0, name);
    const change = CHANGES[name](value);
    world = { ...world, ...change, layout: { ...world.layout, ...change.layout } };
    flags += ` --${name} ${value}`;
  }
  return { ...named, flags, options: world };
};

/** The scenarios asked for. */
export const scenariosOf = ({ scenario }: Options): readonly Scenario[] =>
  scenario === "all"
    ? SCENARIOS
    : (scenario ?? "crash,death,hang,site-cut,none").split(",").map((name) => scenarioNamed(name));
