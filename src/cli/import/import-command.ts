import { readFileSync, statSync, writeFileSync } from "node:fs";
import { commandOf, EXIT_USAGE } from "../command.ts";
import { inOneLine } from "../shared/output/trouble.ts";
import { Haul } from "./draft.ts";
import { readBlackbox } from "./blackbox.ts";
import { readGatus } from "./gatus.ts";
import { readHaproxy } from "./haproxy.ts";
import { readKuma } from "./kuma.ts";
import { readRoute53 } from "./route53.ts";
import { readUptimeFlare } from "./uptimeflare.ts";
import type { Misread, ImportSource } from "./part.ts";
import { type ImportKind, parseSettings, type Settings, USAGE } from "./settings.ts";
import { MAX_TARGETS, settledNames } from "./settle.ts";
import { linesUpTo, reportLines, written } from "./written.ts";

const EXIT_NOT_WRITTEN = 1;
/** Much longer than any real configuration; the same limit as in `apply`. */
const MAX_FILE_BYTES = 4 * 1_048_576;

/** Of each list, stderr gets so many lines. All of them stand at the end of the file. */
const MAX_TOLD = 100;

const complain = (why: string): void => {
  process.stderr.write(`parallax import: ${why}\n`);
};

type Reader = (sources: ImportSource[], haul: Haul, settings: Settings) => void;

const READERS: Readonly<Record<ImportKind, Reader>> = {
  gatus: readGatus,
  kuma: readKuma,
  blackbox: readBlackbox,
  haproxy: readHaproxy,
  uptimeflare: readUptimeFlare,
  route53: readRoute53,
};

/** More targets than a file holds: the first that is too many. */
const surplusOf = ({ drafts }: Haul): Misread[] => {
  const first = drafts[MAX_TARGETS]?.origin;
  if (first === undefined) return [];
  const message = `is one of ${drafts.length} targets; a file for apply holds at most ${MAX_TARGETS}: import in parts`;
  return [{ file: first.file, line: first.line, field: inOneLine(first.name), message }];
};

/** Converts the files of a kind: a text for `apply` with its report, or the flaws of the files. */
export const imported = (
  sources: ImportSource[],
  settings: Settings,
): { text: string; count: number; report: string[] } | { flaws: Misread[] } => {
  const haul = new Haul();
  READERS[settings.kind](sources, haul, settings);
  if (haul.flaws.length > 0) return { flaws: haul.flaws };
  const surplus = surplusOf(haul);
  if (surplus.length > 0) return { flaws: surplus };
  const settlement = settledNames(haul, settings.site);
  return {
    text: written(settings.kind, haul, settlement),
    count: settlement.targets.length,
    report: reportLines(haul, settlement, MAX_TOLD),
  };
};

const sourceOf = (file: string): ImportSource | undefined => {
  try {
    if (file !== "-" && statSync(file).size > MAX_FILE_BYTES)
      throw new Error(`${file} is longer than ${MAX_FILE_BYTES} bytes`);
    const text = readFileSync(file === "-" ? 0 : file, "utf8").replace(/^\ufeff/, "");
    if (text.length <= MAX_FILE_BYTES) return { file: file === "-" ? "stdin" : file, text };
    complain(`${file} is longer than ${MAX_FILE_BYTES} bytes`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EISDIR") complain(`${file} is a folder: name the files in it`);
    else complain(message.includes(file) ? message : `${file}: ${message}`);
  }
  return undefined;
};

const shownFlaw = ({ file, line, field, message }: Misread): string =>
  `${line === undefined ? file : `${file}:${line}`}: ${field === "" ? "" : `${field} `}${inOneLine(message)}`;

/** Resolves once the text is written: the end of the program would cut off the rest. False where the reader is gone. */
const told = (stream: NodeJS.WriteStream, text: string): Promise<boolean> =>
  new Promise((resolve) => stream.write(text, (error) => resolve(!error)));

const put = async (out: string | undefined, text: string): Promise<boolean> => {
  if (out === undefined) return told(process.stdout, text);
  try {
    writeFileSync(out, text, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === "EEXIST";
    complain(isThere ? `${out} is there already: remove it, or name another` : (error as Error).message);
    return false;
  }
};

const work = async (settings: Settings): Promise<number> => {
  const sources = settings.files.map(sourceOf);
  if (!sources.every((source) => source !== undefined)) return EXIT_USAGE;
  const result = imported(sources, settings);
  if ("flaws" in result) {
    await told(process.stderr, `${linesUpTo(MAX_TOLD, result.flaws.map(shownFlaw)).join("\n")}\n`);
    return EXIT_USAGE;
  }
  await told(process.stderr, `${result.report.join("\n")}\n`);
  if (result.count === 0) return EXIT_NOT_WRITTEN;
  if (result.text.length > MAX_FILE_BYTES) {
    complain(`it comes to more than the ${MAX_FILE_BYTES} bytes that apply takes: import in parts`);
    return EXIT_NOT_WRITTEN;
  }
  return (await put(settings.out, result.text)) ? 0 : EXIT_NOT_WRITTEN;
};

/** Not named `import`, which is a keyword of the language. */
export const importing = commandOf({
  name: "import",
  summary: "write a file for apply from another checker's configuration",
  usage: USAGE,
  parse: parseSettings,
  work,
});
