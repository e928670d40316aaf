import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { exportedBy } from "../../scripts/names.ts";

const ROOT = join(import.meta.dirname, "../..");
const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const PAGE = textOf("docs/glossary.md");
const ROWS = [...PAGE.matchAll(/^\| ([a-z -]+?) +\| .*? +\| `(\w+)` in `(src\/[^`]+)`/gm)].map(
  ([, word = "", name = "", path = ""]): [string, string, string] => [word, name, path],
);

it("the glossary fits on a page, and has a row for each word", () => {
  expect(PAGE.split("\n").length).toBeLessThan(60);
  expect(ROWS.length).toBe(PAGE.split("\n").filter((line) => /^\| [a-z]/.test(line)).length - 1);
  expect(new Set(ROWS.map(([word]) => word)).size).toBe(ROWS.length);
});

it.each(ROWS)("%s is %s in the code", (_word, name, path) => {
  expect([...exportedBy(textOf(path))]).toContain(name);
});
