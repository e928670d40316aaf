/**
 * `npm run names` lists exported names of src that stand for two things, and files of src that share a name; `--json` prints both for
 * machines. A name that is passed on (`export { … } from`) is the same thing, and one that is exported by two files is not. A type and a
 * value of one file may share a name, as a schema and what is inferred from it do.
 */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";

const ROOT = join(import.meta.dirname, "..");
/** Files of these names have the same role in every folder, and so do the names that all of them alone export. */
const SHARED = new Set(["index.ts", "settings.ts"]);

const DECLARED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;
/** `export const { one, two: three } = …`: the exported names. */
const UNPACKED = /^export const \{([^}]*)\} =/gm;
/** `export { one, two as three };`, without `from`. */
const LISTED = /^export (?:type )?\{([^}]*)\};/gm;

/** The names that a file itself exports. */
export const exportedBy = (text: string): Set<string> => {
  const declared = [...text.matchAll(DECLARED)].map(([, name = ""]) => name);
  const lists = [...text.matchAll(UNPACKED), ...text.matchAll(LISTED)].flatMap(([, list = ""]) =>
    list.split(","),
  );
  const listed = lists.map((part) => /(\w+)\s*$/.exec(part)?.[1] ?? "");
  return new Set([...declared, ...listed].filter((name) => name !== ""));
};

/** Entries that are in two groups or more, by name. */
const shared = (pairs: Iterable<readonly [string, string]>): [string, string[]][] => {
  const byName = new Map<string, string[]>();
  for (const [name, file] of pairs) byName.set(name, [...(byName.get(name) ?? []), file]);
  return [...byName].filter(([, files]) => files.length > 1).toSorted(([a], [b]) => (a < b ? -1 : 1));
};

export interface Names {
  files: number;
  exported: number;
  /** Exported names that stand for several things, and the files that export them. */
  names: [string, string[]][];
  /** Names of several files. */
  sameFiles: [string, string[]][];
}

/** Names that are used more than once in these texts, given by their paths. */
export const namesIn = (texts: ReadonlyMap<string, string>): Names => {
  const pairs = [...texts].flatMap(([file, text]) =>
    [...exportedBy(text)].map((name): [string, string] => [name, file]),
  );
  const files = [...texts.keys()].map((file): [string, string] => [basename(file), file]);
  return {
    files: texts.size,
    exported: new Set(pairs.map(([name]) => name)).size,
    names: shared(pairs).filter(([, sharing]) => !sharing.every((file) => SHARED.has(basename(file)))),
    sameFiles: shared(files.filter(([name]) => !SHARED.has(name))),
  };
};

/** The sources as they are. */
export const sources = (): Map<string, string> =>
  new Map(
    globSync("src/**/*.{ts,tsx}", { cwd: ROOT })
      .toSorted()
      .map((file) => [file, readFileSync(join(ROOT, file), "utf8")]),
  );

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
  const found = namesIn(sources());
  const line = ([name, files]: [string, string[]]): string => `  ${name}: ${files.join(", ")}\n`;
  process.stdout.write(
    values.json
      ? `${JSON.stringify(found)}\n`
      : [
          `${found.names.length} of ${found.exported} exported names stand for several things:\n`,
          ...found.names.map(line),
          `${found.sameFiles.length} names are those of several files, of ${found.files}:\n`,
          ...found.sameFiles.map(line),
        ].join(""),
  );
}
