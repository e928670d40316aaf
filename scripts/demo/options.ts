/** The arguments of `npm run demo`. */
import { parseArgs } from "node:util";

/** Each option once: its type, and its text for `--help`. */
const OPTIONS = {
  tour: {
    type: "boolean",
    text: "stop at each step until a key is pressed, and say what will happen, why it is told so, and what to try",
  },
  steps: { type: "string", value: "N", text: "only the first N steps" },
  "no-open": {
    type: "boolean",
    text: "with --tour: leave the browser alone, and only say where the page is",
  },
  help: { type: "boolean", text: "print this" },
} as const;

const lineOf = ([name, option]: [string, (typeof OPTIONS)[keyof typeof OPTIONS]]): string => {
  const flag = `--${name}${"value" in option ? ` ${option.value}` : ""}`;
  return `  ${flag.padEnd(12)}${option.text}\n`;
};

export const USAGE = `Usage: npm run demo -- [options]

Starts a detector and real processes on this machine, breaks them one after another, and prints what the detector says of each. Everything
that it starts ends with it. Exit codes: 0 every verdict was right; 1 one was not; 2 wrong arguments.

${Object.entries(OPTIONS).map(lineOf).join("")}`;

export interface Options {
  help: boolean;
  tour: boolean;
  /** How many steps, from the first one on. */
  steps: number;
  /** Whether the page is opened in a browser. */
  opens: boolean;
}

/** Reads the command line; returns a sentence if it makes no sense. `known`: how many steps there are. */
export const parseOptions = (args: string[], known: number): Options | string => {
  try {
    const { values } = parseArgs({ args, options: OPTIONS, strict: true });
    const { tour = false, help = false, "no-open": closed = false, steps = String(known) } = values;
    if (closed && !tour) return "--no-open goes with --tour: the demo opens nothing without it";
    const count = /^\d+$/.test(steps) ? Number(steps) : 0;
    if (count < 1 || count > known) return `--steps must be a whole number from 1 to ${known}`;
    return { help, tour, steps: count, opens: tour && !closed };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS")) return (error as Error).message;
    throw error;
  }
};
