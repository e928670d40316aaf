import { parseArgs } from "node:util";
import { BadArgument } from "../shared/arguments/flags.ts";
import { durationMs } from "../shared/arguments/duration.ts";
import type { Rules } from "./report/compare-recordings.ts";

export const REPORT_FORMATS = ["text", "markdown", "json", "html"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export interface ReportSettings {
  does: "report";
  files: string[];
  format: ReportFormat;
  /** Undefined: stdout. */
  out: string | undefined;
  rules: Rules;
}

const OPTIONS = {
  format: { type: "string", default: "text" },
  out: { type: "string" },
  tolerance: { type: "string", default: "60s" },
  merge: { type: "string", default: "10s" },
  flaps: { type: "string", default: "4" },
  within: { type: "string", default: "10m" },
} as const;

export const REPORT_USAGE = `Of the report (FILE.1, if there is one, and FILE; in any order):
  --format F       text, markdown, json or html; default text
  --out FILE       write there and not to stdout; a FILE that is there already is refused
  --tolerance T    two incidents so near each other are one and the same; default 60s
  --merge T        up for no longer than this between two faults is one fault; default 10s
  --flaps N        so many changes …
  --within T       … within this time are flapping; default 4 within 10m
Exit codes: 0 printed; 1 it cannot be written; 2 wrong arguments, a FILE is damaged,
or --out is a FILE or its older half
`;

const MAX_FILES = 100;
const DAY_MS = 86_400_000;

const timeOf = (flag: string, text: string): number => {
  const ms = durationMs(text);
  if (ms === undefined || ms > DAY_MS)
    throw new BadArgument(`${flag} must be a time up to 24h, as 500ms, 30s or 5m`);
  return ms;
};

/** Nothing changes several times within no time at all. */
const withinOf = (text: string): number => {
  const ms = timeOf("--within", text);
  if (ms === 0) throw new BadArgument("--within must be a time from 1ms up to 24h, as 10m");
  return ms;
};

const isFormat = (word: string): word is ReportFormat => (REPORT_FORMATS as readonly string[]).includes(word);

/** Throws BadArgument. */
export const parseReport = (args: string[]): ReportSettings => {
  const { values, positionals: files } = parseArgs({
    args,
    options: OPTIONS,
    strict: true,
    allowPositionals: true,
  });
  const { format, out, flaps } = values;
  if (!isFormat(format)) throw new BadArgument(`--format must be one of ${REPORT_FORMATS.join(", ")}`);
  if (files.length === 0 || files.length > MAX_FILES) throw new BadArgument(`name 1 to ${MAX_FILES} FILEs`);
  if (new Set(files).size !== files.length) throw new BadArgument("name each FILE once");
  if (!/^\d{1,4}$/.test(flaps) || Number(flaps) < 2)
    throw new BadArgument("--flaps must be a whole number from 2 to 9999");
  return {
    does: "report",
    files,
    format,
    out,
    rules: {
      toleranceMs: timeOf("--tolerance", values.tolerance),
      mergeMs: timeOf("--merge", values.merge),
      flaps: Number(flaps),
      withinMs: withinOf(values.within),
    },
  };
};
