import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const PAGES = globSync(["*.md", "docs/**/*.md", "examples/**/*.md", ".github/**/*.md"]).toSorted();
const textOf = (path: string): string => readFileSync(path, "utf8");
const scripts = Object.keys((JSON.parse(textOf("package.json")) as { scripts: object }).scripts);
/** The commands that `parallax --help` lists. */
const commands = [...textOf("src/cli/main.ts").matchAll(/^ {2}"?([a-z-]+)"?: async/gm)].map(
  ([, name]) => name,
);

/** The spans and blocks of code in a page. */
const codeIn = (text: string): string[] => [
  ...[...text.matchAll(/^```\w*\n(.*?)^```/gms)].map(([, block = ""]) => block),
  ...[...text.replaceAll(/^```.*?^```/gms, "").matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span),
];

/** The anchor of a heading. */
const slugOf = (heading: string): string =>
  heading
    .replaceAll(/\]\([^)]*\)/g, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
const anchorsIn = (text: string): Set<string> =>
  new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => slugOf(heading)));

const deadLinks = (page: string, text: string): string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = "", anchor] = link.split("#");
      const file = path === "" ? page : normalize(join(dirname(page), path));
      if (!existsSync(file)) return true;
      return anchor !== undefined && file.endsWith(".md") && !anchorsIn(textOf(file)).has(anchor);
    });

/** Paths in code that do not exist in this repository. Paths with `NAME` or `…` are placeholders. */
const deadPaths = (text: string): string[] =>
  codeIn(text)
    .flatMap(
      (code) =>
        code.match(/(?<![\w./-])(src|test|scripts|docs|examples|\.ci|\.github)\/[\w./{},*@-]+/g) ?? [],
    )
    .map((path) => path.replace(/[.,]+$/, ""))
    .filter((path) => !/NAME|…/.test(path) && globSync(path).length === 0);

const namesBehind = (text: string, command: RegExp): (string | undefined)[] =>
  codeIn(text).flatMap((code) => [...code.matchAll(command)].map(([, name]) => name));

describe.each(PAGES)("%s", (page) => {
  const text = textOf(page);

  it("links to what there is", () => {
    expect(deadLinks(page, text)).toEqual([]);
  });

  it("names paths and commands that there are", () => {
    expect(deadPaths(text)).toEqual([]);
    const run = namesBehind(text, /\bnpm run (?:--silent )?([\w:-]+)/g);
    expect(run.filter((name) => !scripts.includes(name ?? ""))).toEqual([]);
    const called = namesBehind(text, /(?<![\w/.-])parallax(?:\.mjs)? ([a-z][a-z-]+)/g);
    expect(called.filter((name) => !commands.includes(name))).toEqual([]);
  });
});

describe("a page of docs", () => {
  it.each(PAGES.filter((page) => page.startsWith("docs/") && !/adr\/\d/.test(page)))(
    "opens with who it is for: %s",
    (page) => {
      expect(textOf(page).split("\n\n")[1]).toMatch(/^For \S/);
    },
  );
});

it("the README is short enough to be read", () => {
  expect(textOf("README.md").split("\n").length - 1).toBeLessThanOrEqual(140);
});

describe("docs/design.md", () => {
  const [, walk = ""] = /^## A walk.*?\n(.*?)^## /ms.exec(textOf("docs/design.md")) ?? [];
  const [, ...steps] = walk.split(/^\d+\. /m);

  it("walks from an answer to its probe within a page", () => {
    expect(steps.length).toBeGreaterThan(15);
    expect(walk.trim().split("\n").length).toBeLessThanOrEqual(25);
  });

  it.each(steps.map((step) => /^`(\w+)` \(`(src\/[^`]+)`\) \S.*\.\n/.exec(step)?.slice(1) ?? [step, ""]))(
    "meets %s in %s, in one sentence",
    (name, file) => {
      expect(textOf(file ?? "")).toMatch(
        new RegExp(`^export (async )?(const|class|function) ${name}\\b`, "m"),
      );
    },
  );

  it("shows every folder of src and test that there is, and no other of src", () => {
    const [, tree = ""] = /^```\n(.*?)^```/ms.exec(textOf("docs/design.md")) ?? [];
    const foldersOf = (root: string): string[] =>
      readdirSync(root, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
    const [, source = "", tests = ""] = /^src\/\n(.*?)^scripts\/(.*)/ms.exec(tree) ?? [];
    const shown = [...source.matchAll(/^ {2}(\w+)\//gm)].map(([, name]) => name);
    expect(shown.toSorted()).toEqual(foldersOf("src").toSorted());
    const mirrored = new Set([...foldersOf("src"), "text", "scripts", "worker"]);
    for (const name of foldersOf("test").filter((one) => !mirrored.has(one)))
      expect(tests).toContain(`${name}/`);
  });
});

describe("a decision", () => {
  const decisions = PAGES.filter((page) => /^docs\/adr\/\d/.test(page));

  it.each(decisions)("%s is short, and says why, what was rejected and what follows", (page) => {
    const text = textOf(page);
    expect(text.split("\n").length).toBeLessThanOrEqual(41);
    for (const part of ["Context.", "Decision.", "Rejected.", "Consequences."])
      expect(text).toContain(`**${part}**`);
    expect(textOf("docs/adr/README.md")).toContain(`(${page.split("/").at(-1)})`);
  });
});
