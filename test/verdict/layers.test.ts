/** Laws of the judge's files as files: a test imports each function by itself, all files are short, and every choice is in one place. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const JUDGE = new URL("../../src/verdict/", import.meta.url);
const TESTS = new URL("./", import.meta.url);
const read = (folder: URL, file: string): string => readFileSync(new URL(file, folder), "utf8");
const filesIn = (folder: URL, ending: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .toSorted();

const FILES = filesIn(JUDGE, ".ts");
const TRIED = filesIn(TESTS, ".test.ts").map((file) => read(TESTS, file));

/** Files whose functions are tested in another way than by a table or law that calls them. */
const EXEMPT: Readonly<Record<string, string>> = {};

/** The functions that a file of the judge exports. */
const functionsOf = async (file: string): Promise<string[]> => {
  const all = (await import(new URL(file, JUDGE).href)) as Record<string, unknown>;
  return Object.keys(all).filter((name) => typeof all[name] === "function");
};

/** The names that tests import from the file, or `*` for all. */
const importedFrom = (file: string): Set<string> => {
  const by = new RegExp(
    `import (?:type )?(\\{[^}]*\\}|\\*[^"]*) from "[./]*/src/verdict/${file.replace(".", "\\.")}"`,
    "g",
  );
  const lists = TRIED.flatMap((text) => [...text.matchAll(by)].map(([, list = ""]) => list));
  return new Set(lists.flatMap((list) => (list.startsWith("*") ? ["*"] : (list.match(/\w+/g) ?? []))));
};

describe("every function of the judge", () => {
  it.each(FILES.filter((file) => !(file in EXEMPT)))("that %s exports is tried by itself", async (file) => {
    const imported = importedFrom(file);
    const untried = (await functionsOf(file)).filter((name) => !imported.has(name) && !imported.has("*"));
    expect(untried).toEqual([]);
  });

  it("is in a file that is there, where it is exempt", () => {
    for (const file of Object.keys(EXEMPT)) expect(FILES).toContain(file);
  });
});

describe("the judge's files", () => {
  const linesOf = (file: string): number => read(JUDGE, file).split("\n").length - 1;

  it("are thirty-two at most", () => {
    expect(FILES.length).toBeLessThanOrEqual(32);
  });

  it("are short, and the judge itself fits on a page", () => {
    expect(FILES.filter((file) => linesOf(file) > 250)).toEqual([]);
    expect(linesOf("judge.ts")).toBeLessThanOrEqual(100);
  });
});

/** Comments, strings and regular expressions. Templates are handled below. */
const NO_CODE = [
  String.raw`\/\*[\s\S]*?\*\/`,
  String.raw`\/\/.*`,
  String.raw`"(?:\\.|[^"\\\n])*"`,
  String.raw`'(?:\\.|[^'\\\n])*'`,
  String.raw`(?<=[=(,:[!&|?{};]\s*)\/(?![*\/])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^\/\\\n])+\/\w*`,
];
const PLAIN = new RegExp(NO_CODE.join("|"), "g");
/** A template literal without another one inside of its embedded code, so that the innermost is replaced first. */
const TEMPLATE = /`(?:\\.|[^`\\])*`/g;
const EMBEDDED = /\$\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g;

/** The code without comments and without text. */
const codeOf = (text: string): string => {
  const plain = text.replaceAll(PLAIN, (part) => (part.startsWith("/") ? "" : '""'));
  return plain.replaceAll(TEMPLATE, (part) =>
    [...part.matchAll(EMBEDDED)].map(([, code = ""]) => `(${code})`).join("+"),
  );
};

const NUMBER = /(?<![\w$.])(?:\d[\d_]*(?:\.\d[\d_]*)?|\.\d[\d_]*)(?:e[+-]?\d+)?/gi;
const numbersIn = (text: string): string[] => codeOf(text).match(NUMBER) ?? [];
const FREE: ReadonlySet<number> = new Set([0, 1, 2]);
const isChoice = (number: string): boolean => !FREE.has(Number(number.replaceAll("_", "")));

describe("a number that is a choice", () => {
  it.each<[string, string, string[]]>([
    ["in an expression", "const a = b / 3 + 4_000 / c;", ["3", "4_000"]],
    ["with a fraction or an exponent", "f(0.25, .5, 1e-9);", ["0.25", ".5", "1e-9"]],
    ["in what a template embeds", "const a = `3 of ${b + 4} and ${5}`;", ["4", "5"]],
    ["but not in a comment", "a; // 3\n/* 4\n 5 */ b;", []],
    ["nor in text", "const a = \"3\" + '4' + `5`;", []],
    ["nor in a regular expression", "const a = /[3/]{4}/.test(b);", []],
    ["nor in a name", "Math.log1p(x2) + u8.a3;", []],
  ])("is found %s", (_name, text, numbers) => {
    expect(numbersIn(text)).toEqual(numbers);
  });

  it.each(FILES.filter((file) => !["tuning.ts", "likelihood.ts"].includes(file)))(
    "stands nowhere in %s: tuning.ts and likelihood.ts have them all",
    (file) => {
      expect(numbersIn(read(JUDGE, file)).filter(isChoice)).toEqual([]);
    },
  );
});
