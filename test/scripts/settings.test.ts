import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Lint {
  ignorePatterns: string[];
  overrides: { files: string[] }[];
}
interface Knip {
  entry: string[];
  project: string[];
}
interface Compiled {
  include?: string[];
  exclude?: string[];
  files?: string[];
}

const read = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
const lint = read(".oxlintrc.json") as Lint;
const knip = read("knip.json") as Knip;

/** The patterns of files in each file of settings. */
const NAMED: [string, string[]][] = [
  [".oxlintrc.json", lint.overrides.flatMap(({ files }) => files)],
  ["knip.json", [...knip.entry, ...knip.project]],
  ...globSync("tsconfig*.json").map((path): [string, string[]] => {
    const { include = [], exclude = [], files = [] } = read(path) as Compiled;
    return [path, [...include, ...exclude, ...files]];
  }),
];

describe("the settings of", () => {
  it.each(NAMED)("%s are for files that there are", (_name, patterns) => {
    for (const pattern of patterns) expect(globSync(pattern), pattern).not.toEqual([]);
  });
});
