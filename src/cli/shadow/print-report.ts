import { readFileSync, statSync, writeFileSync } from "node:fs";
import { EXIT_USAGE } from "../command.ts";
import { inOneLine } from "../shared/output/trouble.ts";
import { type ReadingFlaw, readJournal } from "./checker-reading.ts";
import type { Line } from "../../domain/shadow-journal-lines.ts";
import { realPathOf, whyUnreadable } from "./real-path.ts";
import type { ReportSettings } from "./report-settings.ts";
import { asHtml } from "./report/html.ts";
import { type LaneRecording, recordingOf } from "./report/report-lanes.ts";
import { reportOf } from "./report/shadow-report.ts";
import { asJson, asMarkdown, asText } from "./report/report-text.ts";
import { olderOf } from "./shadow-journal.ts";
import { shownFlaw } from "./shown-flaw.ts";

const EXIT_NOT_WRITTEN = 1;
/** The longest file that is read: more than half of the greatest `--max-mb`. */
const MAX_BYTES = 300 * 1_048_576;

const complain = (text: string): void =>
  void process.stderr.write(`parallax shadow report: ${inOneLine(text, 1_000)}\n`);

const bytesOf = (file: string): Buffer | undefined => {
  try {
    const why = whyUnreadable(file);
    if (why !== undefined) throw new Error(why);
    if (statSync(file).size > MAX_BYTES) throw new Error(`${file} is longer than ${MAX_BYTES} bytes`);
    return readFileSync(file);
  } catch (error) {
    complain((error as Error).message);
    return undefined;
  }
};

/** All lines of these files; undefined after printing what is wrong with them. */
const linesIn = (files: readonly string[]): Line[] | undefined => {
  const lines: Line[] = [];
  const flaws: ReadingFlaw[] = [];
  for (const file of files) {
    const bytes = bytesOf(file);
    if (bytes === undefined) return undefined;
    const read = readJournal(file, bytes);
    if (Array.isArray(read)) flaws.push(...read);
    else {
      for (const line of read.lines) lines.push(line);
      if (read.tornBytes > 0)
        complain(`${file}: its last line is unfinished: ${read.tornBytes} bytes are left out`);
    }
  }
  for (const flaw of flaws) complain(shownFlaw(flaw));
  return flaws.length > 0 ? undefined : lines;
};

const written = (recording: LaneRecording, { format, rules }: ReportSettings): string => {
  const report = reportOf(recording, rules);
  if (format === "html") return asHtml(report, recording);
  return { text: asText, markdown: asMarkdown, json: asJson }[format](report);
};

/** Resolves once the text is written: the end of the program would cut off the rest. */
const told = (text: string): Promise<boolean> =>
  new Promise((resolve) => process.stdout.write(text, (error) => resolve(!error)));

/** Undefined where no file can be. */
const pathIfAny = (file: string): string | undefined => {
  try {
    return realPathOf(file);
  } catch {
    return undefined;
  }
};

/** Whether a report at `out` would stand where one of the files does, or where the older half of one does or will. */
const isOfJournal = (out: string, files: readonly string[]): boolean => {
  const path = pathIfAny(out);
  return files
    .flatMap((file) => pathIfAny(file) ?? [])
    .some((file) => path === file || path === olderOf(file));
};

/** The exit code. */
const put = (out: string, text: string): number => {
  try {
    writeFileSync(out, text, { flag: "wx" });
    return 0;
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === "EEXIST";
    complain(isThere ? `${out} is there already: remove it, or name another` : (error as Error).message);
    return EXIT_NOT_WRITTEN;
  }
};

/** Prints the report of the files. Resolves with the exit code. */
export const printReport = async (settings: ReportSettings): Promise<number> => {
  const { files, out } = settings;
  if (out !== undefined && isOfJournal(out, files)) {
    complain(`--out ${out} is the journal, or its older half: name another file for the report`);
    return EXIT_USAGE;
  }
  const lines = linesIn(files);
  if (lines === undefined) return EXIT_USAGE;
  const checkers = new Set(lines.flatMap((line) => (line.kind === "shadow" ? [line.checker] : [])));
  if (checkers.size > 1) {
    complain(`the files follow ${[...checkers].join(" and ")}: give those of one checker`);
    return EXIT_USAGE;
  }
  const recording = recordingOf(lines);
  if (recording === undefined) {
    complain("nothing was watched yet: the journal has a beginning and no more");
    return EXIT_USAGE;
  }
  const text = `${written(recording, settings)}\n`;
  if (out === undefined) return (await told(text)) ? 0 : EXIT_NOT_WRITTEN;
  return put(out, text);
};
