import { readFileSync } from "node:fs";
import { readDocument } from "../shared/document/read-document.ts";
import { BadArgument } from "../shared/arguments/flags.ts";
import { placeIn } from "../shared/arguments/place.ts";
import { whyUnreadable } from "./real-path.ts";
import { inOneLine } from "../shared/output/trouble.ts";

const MAX_CHARACTERS = 4 * 1_048_576;
const MAX_PAIRS = 10_000;

/** `OTHER=SITE/TARGET`; a name may hold `=`. */
const flagPair = (text: string): [string, string] => {
  const equals = text.lastIndexOf("=");
  const [name, place] = [text.slice(0, Math.max(0, equals)), text.slice(equals + 1)];
  if (name === "" || placeIn(place) === undefined)
    throw new BadArgument(
      `--map must be NAME=SITE/TARGET, as "Database 1=fra/db-1", not "${inOneLine(text, 100)}"`,
    );
  return [name, place];
};

const textOf = (file: string): string => {
  try {
    const why = whyUnreadable(file);
    if (why !== undefined) throw new Error(why);
    const text = readFileSync(file, "utf8");
    if (text.length > MAX_CHARACTERS) throw new Error(`${file} is longer than ${MAX_CHARACTERS} characters`);
    return text;
  } catch (error) {
    throw new BadArgument(`--map-file: ${(error as Error).message}`);
  }
};

/** A mapping in YAML or JSON: `Database 1: fra/db-1`. An error names the file, line and field. */
const filePairs = (file: string): [string, string][] => {
  const document = readDocument(textOf(file));
  const complain = (line: number | undefined, field: string, message: string): never => {
    const where = line === undefined ? file : `${file}:${line}`;
    throw new BadArgument(
      `--map-file: ${where}: ${field === "" ? "" : `${inOneLine(field, 100)} `}${message}`,
    );
  };
  if (Array.isArray(document)) return complain(document[0]?.line, "", document[0]?.message ?? "is not YAML");
  const { value, lineOf } = document;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return complain(undefined, "", "must be a mapping of names to SITE/TARGET");
  const pairs = Object.entries(value);
  if (pairs.length > MAX_PAIRS) return complain(undefined, "", `holds more than ${MAX_PAIRS} names`);
  return pairs.map(([name, place]) => {
    if (typeof place !== "string" || placeIn(place) === undefined)
      return complain(lineOf([name]), name, "must be SITE/TARGET, as fra/db-1");
    return [name, place];
  });
};

/** Flags take precedence over the file. Throws BadArgument. */
export const mapOf = (flags: readonly string[], file: string | undefined): Map<string, string> => {
  const given = flags.map(flagPair);
  const names = given.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new BadArgument(`--map names "${inOneLine(twice, 100)}" twice`);
  return new Map([...(file === undefined ? [] : filePairs(file)), ...given]);
};
