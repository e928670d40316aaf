import { parseArgs } from "node:util";

export const USAGE = `usage: npm run consumers -- [--only NAME]... [--times] [--costs] [--json] [--report] [--list] [--check]
  --only NAME  only this consumer; may be given again
  --times      only the times from a death to the last request and the first other answer
  --costs      only what each configuration costs: CPU seconds and requests a minute
  --json       the results as JSON on standard output, what happens on standard error
  --report     writes docs/consumers.md from this run; with --only the sections of those consumers alone
  --list       names the consumers
  --check      only says whether all of it can run here: exit 0 or 2`;

export interface ConsumersOptions {
  mode: "run" | "list" | "check";
  /** Empty: all. */
  only: string[];
  /** Whether the matrix is played, and times and costs are measured; by default all three. */
  matrix: boolean;
  times: boolean;
  costs: boolean;
  json: boolean;
  report: boolean;
}

const OPTIONS = {
  only: { type: "string", multiple: true },
  times: { type: "boolean", default: false },
  costs: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  report: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
} as const;

/** Reads the command line; returns a sentence if it makes no sense. */
export const parseOptions = (words: string[], known: readonly string[]): ConsumersOptions | string => {
  try {
    const { values } = parseArgs({ args: words, options: OPTIONS });
    const { only = [], times, costs, json, report, list, check } = values;
    const isAll = only.length === 0 && !times && !costs;
    const unknown = only.filter((name) => !known.includes(name));
    if (unknown.length > 0) return `--only: no such consumer: ${unknown.join(", ")}`;
    if (report && (times || costs)) return "--report: of all of it, or of consumers by --only";
    const mode = check ? "check" : list ? "list" : "run";
    const matrix = isAll || only.length > 0;
    return { mode, only, matrix, times: isAll || times, costs: isAll || costs, json, report };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
