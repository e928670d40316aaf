import { parseArgs } from "node:util";

export const USAGE = `usage: npm run consumers -- [--only NAME]... [--json] [--report] [--list] [--check]
  --only NAME  only this consumer; may be given again
  --json       the results as JSON on standard output, what happens on standard error
  --report     writes docs/consumers.md from this run
  --list       names the consumers
  --check      only says whether all of it can run here: exit 0 or 2`;

export interface ConsumersOptions {
  mode: "run" | "list" | "check";
  /** Empty: all. */
  only: string[];
  json: boolean;
  report: boolean;
}

const OPTIONS = {
  only: { type: "string", multiple: true },
  json: { type: "boolean", default: false },
  report: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
} as const;

/** Reads the command line; a sentence where it makes no sense. */
export const parseOptions = (words: string[], known: readonly string[]): ConsumersOptions | string => {
  try {
    const { only = [], json, report, list, check } = parseArgs({ args: words, options: OPTIONS }).values;
    const unknown = only.filter((name) => !known.includes(name));
    if (unknown.length > 0) return `--only: no such consumer: ${unknown.join(", ")}`;
    if (report && only.length > 0) return "--report: of all consumers, not of some";
    return { mode: check ? "check" : list ? "list" : "run", only, json, report };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
