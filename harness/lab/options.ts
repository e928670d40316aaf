import { resolve } from "node:path";
import { parseArgs } from "node:util";

export const USAGE = `usage: npm run lab -- [--scenario NAME]... [--json] [--report] [--full [--rounds N] [--seed N]] [--keep DIR] [--list] [--check]
  --scenario NAME  only this one; may be given again, and one of postgresql-… the same one, to be played so often
  --json           the results as JSON on standard output, what happens on standard error
  --report         writes docs/lab.md from this run
  --full           random faults at random moments, --rounds of them (50), from --seed
  --scenario postgresql     a pair of PostgreSQL nodes, see docs/postgresql.md; --full: every fault in every form
  --keep DIR       leaves what the detector has stored there
  --list           names the scenarios
  --check          only says whether the lab can run here: exit 0 or 2`;

export interface LabOptions {
  mode: "run" | "full" | "list" | "check";
  /** Empty: all. */
  scenarios: string[];
  json: boolean;
  report: boolean;
  rounds: number;
  seed: number;
  /** Where to save the data that the detector has stored; undefined: not saved. */
  keep: string | undefined;
}

const MAX_ROUNDS = 1_000;

const OPTIONS = {
  scenario: { type: "string", multiple: true },
  json: { type: "boolean", default: false },
  report: { type: "boolean", default: false },
  full: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
  keep: { type: "string" },
  rounds: { type: "string", default: "50" },
  seed: { type: "string", default: "" },
} as const;

/** Reads the command line; returns a sentence if it makes no sense. `seed`: the seed if the line has none. */
export const parseOptions = (
  words: string[],
  seed: number,
  known: readonly string[],
  /** Scenarios of another plan, which run by themselves. */
  apart: readonly string[] = [],
): LabOptions | string => {
  try {
    const {
      scenario: scenarios = [],
      json,
      report,
      ...values
    } = parseArgs({ args: words, options: OPTIONS }).values;
    const mode = values.check ? "check" : values.list ? "list" : values.full ? "full" : "run";
    const rounds = Number(values.rounds);
    const drawn = values.seed === "" ? seed : Number(values.seed);
    const keep = values.keep === undefined ? undefined : resolve(values.keep);
    const options: LabOptions = { mode, scenarios, json, report, rounds, seed: drawn, keep };
    return complaintOf(options, known, apart) ?? options;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const complaintOf = (
  { scenarios, report, rounds, seed }: LabOptions,
  known: readonly string[],
  apart: readonly string[],
): string | undefined => {
  const unknown = scenarios.filter((name) => !known.includes(name) && !apart.includes(name));
  if (unknown.length > 0) return `--scenario: no such scenario: ${unknown.join(", ")}`;
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) return `--rounds: 1 to ${MAX_ROUNDS}`;
  if (!Number.isInteger(seed) || seed < 0) return "--seed: a whole number, 0 or more";
  if (scenarios.some((name) => apart.includes(name)) && !scenarios.every((name) => apart.includes(name)))
    return `--scenario: ${apart.join(", ")} go by themselves`;
  if (report && scenarios.length > 0 && scenarios.join() !== apart[0])
    return "--report: of all scenarios, not of some";
  return undefined;
};
