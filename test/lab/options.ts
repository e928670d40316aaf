import { parseArgs } from "node:util";

export const USAGE = `usage: npm run lab -- [--scenario NAME]... [--json] [--report] [--full [--rounds N] [--seed N]] [--list] [--check]
  --scenario NAME  only this one; may be given again
  --json           the results as JSON on standard output, what happens on standard error
  --report         writes docs/lab.md from this run
  --full           random faults at random moments, --rounds of them (50), from --seed
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
}

const MAX_ROUNDS = 1_000;

/** Reads the command line; a sentence where it makes no sense. `seed`: the one to take where none is given. */
export const parseOptions = (
  words: string[],
  seed: number,
  known: readonly string[],
): LabOptions | string => {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        scenario: { type: "string", multiple: true },
        json: { type: "boolean" },
        report: { type: "boolean" },
        full: { type: "boolean" },
        list: { type: "boolean" },
        check: { type: "boolean" },
        rounds: { type: "string" },
        seed: { type: "string" },
      },
    });
    const scenarios = values.scenario ?? [];
    const unknown = scenarios.filter((name) => !known.includes(name));
    if (unknown.length > 0) return `--scenario: no such scenario: ${unknown.join(", ")}`;
    const rounds = Number(values.rounds ?? "50");
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) return `--rounds: 1 to ${MAX_ROUNDS}`;
    const drawn = Number(values.seed ?? seed);
    if (!Number.isInteger(drawn) || drawn < 0) return "--seed: a whole number, 0 or more";
    if (values.report === true && scenarios.length > 0) return "--report: of all scenarios, not of some";
    const mode = values.check ? "check" : values.list ? "list" : values.full ? "full" : "run";
    return {
      mode,
      scenarios,
      json: values.json ?? false,
      report: values.report ?? false,
      rounds,
      seed: drawn,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
