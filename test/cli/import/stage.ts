import { type WantedItem, wishesIn } from "../../../src/cli/apply/wishes.ts";
import { imported } from "../../../src/cli/import/import-command.ts";
import { parseSettings } from "../../../src/cli/import/settings.ts";

/** An environment in which every variable has a value. */
export const ENVIRONMENT: Record<string, string> = new Proxy(
  {},
  {
    get: (_, name) => `value of ${String(name)}`,
    has: () => true,
    getOwnPropertyDescriptor: (_, name) => ({
      value: `value of ${String(name)}`,
      configurable: true,
      enumerable: true,
    }),
  },
);

interface Imported {
  text: string;
  report: string;
  /** The targets as `apply` reads them, by `site/target`. */
  targets: Record<string, WantedItem["config"]>;
}

const run = (kind: string, texts: Record<string, string>, flags: string[]) => {
  const settings = parseSettings([kind, ...Object.keys(texts), ...flags]);
  if (typeof settings === "string") throw new Error(settings);
  const sources = Object.entries(texts).map(([file, text]) => ({ file, text }));
  return imported(sources, settings);
};

/** The result of importing files. The reader of `apply` reads it again, and must find nothing wrong. */
export const importOf = (kind: string, texts: Record<string, string>, ...flags: string[]): Imported => {
  const result = run(kind, texts, flags);
  if ("flaws" in result) throw new Error(JSON.stringify(result.flaws));
  const wishes = wishesIn(result.text, ENVIRONMENT);
  if (Array.isArray(wishes)) throw new Error(`${JSON.stringify(wishes)}\n${result.text}`);
  const targets = wishes.targets.map(({ place, config }) => [`${place.site}/${place.target}`, config]);
  return {
    text: result.text,
    report: result.report.join("\n"),
    targets: Object.fromEntries(targets) as Imported["targets"],
  };
};

/** The flaws of files, one line each: file, line, field, and what would be right. */
export const flawsOf = (kind: string, texts: Record<string, string>): string[] => {
  const result = run(kind, texts, []);
  if (!("flaws" in result)) throw new Error(`nothing wrong: ${result.text}`);
  return result.flaws.map(({ file, line, field, message }) => `${file}:${line ?? "-"} ${field} ${message}`);
};
