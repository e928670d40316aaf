/**
 * `npm run docs:numbers` writes the numbers of the judge into the pages that tell them; with `--check` it only says where they differ.
 * A number is marked by the comment behind it, which no reader of the page sees: `a belief of 0.999<!-- downBelief -->`. Marks are names of
 * tuning.ts, likelihood.ts or the few below that follow from them. Another word on a line of its own is no mark. How it is written, the page decides: numerals.ts.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as likelihood from "../src/verdict/likelihood.ts";
import { TUNING } from "../src/verdict/tuning.ts";
import { numeralAtEnd } from "./numerals.ts";

const ROOT = new URL("../", import.meta.url);

type Numbers = ReadonlyMap<string, number>;

/** The numbers in a record and in the records within it, by their names joined by dots. */
const numbersIn = (record: object, before = ""): [string, number][] =>
  Object.entries(record).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === "number") return [[`${before}${name}`, value] as [string, number]];
    return typeof value === "object" && value !== null ? numbersIn(value, `${before}${name}.`) : [];
  });

const { LIKELIHOOD } = likelihood;

/** Numbers in the pages that follow from the tables, rounded as the pages write them. */
const DERIVED = {
  /** The evidence of the first silence on a path for a cause in which nothing can answer, against `up`. */
  FIRST_SILENCE_NATS: Number(
    Math.log(LIKELIHOOD.connect_timeout.dead / LIKELIHOOD.connect_timeout.up).toFixed(1),
  ),
};

/** Every number of the judge that a page can name. */
export const NUMBERS: Numbers = new Map([
  ...numbersIn(TUNING),
  ...numbersIn(likelihood),
  ...numbersIn(DERIVED),
]);

const isTime = (name: string): boolean => /(Ms|(?<!_PER)_MS)(\.\d+)?$/.test(name);

/** A difference between a page and the code. */
export interface Difference {
  line: number;
  problem: string;
  /** Whether a person must correct it; otherwise the command does. */
  byHand: boolean;
}

interface Renewal {
  text: string;
  problem: string | null;
  byHand: boolean;
}

/** The text before one mark, its last number as in the code. */
const renewedBefore = (text: string, name: string, numbers: Numbers): Renewal => {
  const byHand = (problem: string): Renewal => ({ text, problem, byHand: true });
  const value = numbers.get(name);
  if (value === undefined) return byHand(`the judge has no number of the name ${name}`);
  const numeral = numeralAtEnd(text);
  if (numeral === null) return byHand(`no number stands before ${name}`);
  const was = `"${numeral.text}"`;
  if (numeral.isTime !== isTime(name))
    return byHand(`${was} ${numeral.isTime ? "is a time" : "is no time"}, unlike ${name}`);
  const written = numeral.as(value);
  if (written === numeral.text) return { text, problem: null, byHand: false };
  if (written === null) return byHand(`${was} cannot say ${name} = ${value}: write it in another way`);
  const renewed = text.slice(0, text.length - numeral.text.length) + written;
  return { text: renewed, problem: `${was} is "${written}" by ${name}`, byHand: false };
};

/** The page with every marked number as in the code, if its form allows that; and the differences that were found. */
export const renewed = (
  page: string,
  numbers: Numbers = NUMBERS,
): { page: string; differences: Difference[] } => {
  const differences: Difference[] = [];
  const lines = page.split("\n").map((line, index) => {
    const [, alone] = /^<!-- (.*?) -->$/.exec(line) ?? [];
    if (alone !== undefined && !numbers.has(alone)) return line;
    const pieces = line.split(/(<!--.*?-->)/);
    for (let at = 1; at < pieces.length; at += 2) {
      const name = (pieces[at] ?? "").slice("<!--".length, -"-->".length).trim();
      const { text, problem, byHand } = renewedBefore(pieces[at - 1] ?? "", name, numbers);
      pieces[at - 1] = text;
      if (problem !== null) differences.push({ line: index + 1, problem, byHand });
    }
    return pieces.join("");
  });
  return { page: lines.join("\n"), differences };
};

/** The pages that may have marks, by their path from the root. */
export const pages = (): Map<string, string> => {
  const paths = globSync(["README.md", "docs/*.md"], { cwd: ROOT }).toSorted();
  return new Map(paths.map((path) => [path, readFileSync(new URL(path, ROOT), "utf8")]));
};

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
  const written: string[] = [];
  for (const [path, before] of pages()) {
    const { page, differences } = renewed(before);
    for (const { line, problem, byHand } of differences) {
      console.log(`${path}:${line}: ${problem}`);
      if (byHand || values.check) process.exitCode = 1;
    }
    if (values.check || page === before) continue;
    writeFileSync(new URL(path, ROOT), page);
    written.push(path);
  }
  // The columns of tables may have other widths now. npm puts the formatter on the path.
  if (written.length > 0) spawnSync("oxfmt", written, { cwd: ROOT, stdio: "inherit" });
}
