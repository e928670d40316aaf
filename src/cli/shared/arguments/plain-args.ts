import type { ParseArgsConfig } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** What is made of arguments: a value by each flag's name, and the words that are none. */
interface Plain {
  values: Record<string, string | boolean>;
  positionals: string[];
}

const FLAG = /^--([a-z-]+)(?:=(.*))?$/s;

/** What a flag that may stand once says, with how many words after it; undefined where that is not plain to see. */
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
 * Whole words and flags that are known, each with its value, as `parseArgs` of `node:util` reads them, which takes a
 * millisecond to load. Undefined where there is anything else: that is for `parseArgs` to read, or to complain about.
 */
export const plainArgs = (args: readonly string[], options: Options): Plain | undefined => {
  const values: Plain["values"] = {};
  for (const [name, option] of Object.entries(options)) {
    if (option.multiple === true || Array.isArray(option.default)) return undefined;
    if (option.default !== undefined) values[name] = option.default;
  }
  const positionals: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word.startsWith("-")) {
      const [, name = "", inline] = FLAG.exec(word) ?? [];
      const type = Object.hasOwn(options, name) ? options[name]?.type : undefined;
      const said = valueOf(type, inline, args[at + 1]);
      if (said === undefined) return undefined;
      values[name] = said.value;
      at += said.words;
    } else {
      positionals.push(word);
    }
  }
  return { values, positionals };
};
