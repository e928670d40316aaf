import type { ParseArgsConfig } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Parsed arguments: a value by each flag's name, and the words that are not flags. */
interface Plain {
  values: Record<string, string | boolean>;
  positionals: string[];
}

const FLAG = /^--([a-z-]+)(?:=(.*))?$/s;

/** The value of a flag that may stand once, with the number of words after it that it takes; undefined where that is not obvious. */
const valueOf = (
  type: "string" | "boolean" | undefined,
  inline: string | undefined,
  next: string | undefined,
): { value: string | boolean; words: number } | undefined => {
  if (type === "boolean") return inline === undefined ? { value: true, words: 0 } : undefined;
  if (type === undefined) return undefined;
  if (inline !== undefined) return { value: inline, words: 0 };
  return next === undefined || next.startsWith("-") ? undefined : { value: next, words: 1 };
};

/**
 * Reads words and known flags, each with its value, as `parseArgs` of `node:util` does, which takes a millisecond to load. Undefined where
 * there is anything else: the caller then uses `parseArgs`, which reads it or throws.
 */
export const plainArgs = (args: readonly string[], options: Options): Plain | undefined => {
  const values: Plain["values"] = {};
  for (const [name, option] of Object.entries(options)) {
    if (option.multiple === true || Array.isArray(option.default)) return undefined;
    if (option.default !== undefined) values[name] = option.default;
  }
  const positionals: string[] = [];
  const given = new Set<string>();
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word.startsWith("-")) {
      const [, name = "", inline] = FLAG.exec(word) ?? [];
      const type = Object.hasOwn(options, name) ? options[name]?.type : undefined;
      const said = valueOf(type, inline, args[at + 1]);
      if (said === undefined || given.has(name)) return undefined;
      given.add(name);
      values[name] = said.value;
      at += said.words;
    } else {
      positionals.push(word);
    }
  }
  return { values, positionals };
};
