/** Arguments that commands share, and how arguments are read. An error message names the flag. */
import { readFileSync } from "node:fs";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { plainArgs } from "./plain-args.ts";

export type Environment = Record<string, string | undefined>;

/** The detector's address, and our token. */
const ACCESS_OPTIONS = {
  url: { type: "string" },
  "token-file": { type: "string" },
} as const;

/** The same, and the directory for state. */
export const SHARED_OPTIONS = { ...ACCESS_OPTIONS, state: { type: "string" } } as const;

/** The flags of a command that calls the detector. */
export interface Access {
  url: string;
  token: string;
}

export class BadArgument extends Error {}

/** What is wrong with the options, in our words: those of Node speak of how to write other things. */
const optionTrouble = (message: string): string => {
  const [, given = ""] = /'([^']*)'/.exec(message) ?? [];
  const option = given.replace(/ <value>$/, "");
  if (message.startsWith("Unknown option")) return `unknown option ${option}: --help lists the options`;
  if (message.includes("does not take an argument")) return `${option} takes no value`;
  const long = /--[a-z-]+/.exec(option)?.[0] ?? option;
  if (message.includes("argument is ambiguous"))
    return `${option} needs a value; one that begins with a dash is written ${long}=-…`;
  return message.includes("argument missing") ? `${option} needs a value` : message;
};

/** The settings that `read` returns, or a text that says what is wrong with the arguments. */
export const settingsBy = <Settings>(args: string[], read: () => Settings): Settings | string => {
  try {
    return read();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // parseArgs throws errors that name the option.
    if (!(error instanceof BadArgument) && !code?.startsWith("ERR_PARSE_ARGS")) throw error;
    if (args.some((arg) => /^--token(=|$)/.test(arg)))
      return "--token would show the token to everybody who lists processes: use --token-file or PARALLAX_TOKEN";
    return error instanceof BadArgument ? message : optionTrouble(message);
  }
};

/** As `parseArgs`, strict; throws also for a flag that takes one value and is given twice: the first value would be lost in silence. */
export const strictArgs = <O extends Options, P extends boolean = false>(
  args: string[],
  options: O,
  allowPositionals: P = false as P,
): ReturnType<typeof parseArgs<{ options: O; strict: true; allowPositionals: P }>> => {
  const { values, positionals, tokens } = parseArgs({
    args,
    options,
    strict: true,
    allowPositionals,
    tokens: true,
  });
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name } = token;
    if (options[name]?.type === "string" && options[name].multiple !== true && given.has(name))
      throw new BadArgument(`--${name} is given twice, and takes one value`);
    given.add(name);
  }
  return { values, positionals } as ReturnType<
    typeof parseArgs<{ options: O; strict: true; allowPositionals: P }>
  >;
};

type Options = NonNullable<ParseArgsConfig["options"]>;
type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ options: O; strict: true; allowPositionals: true }>
>;

/**
 * Settings of a command that calls the detector, or what is wrong with the arguments. `take` makes the command's own settings from the
 * values of its own flags and from the words that are not flags.
 */
export const accessSettings = <O extends Options, Own>(
  args: string[],
  environment: Environment,
  options: O,
  take: (values: Parsed<O>["values"], words: string[]) => Own,
): (Access & Own) | string =>
  settingsBy(args, () => {
    const all = { ...options, ...ACCESS_OPTIONS };
    const { values, positionals } = plainArgs(args, all) ?? strictArgs(args, all, true);
    const { url, "token-file": tokenFile } = values as Parsed<typeof ACCESS_OPTIONS>["values"];
    return {
      url: urlOf(url, environment),
      token: heldToken(tokenOf(tokenFile, environment)),
      ...take(values as Parsed<O>["values"], positionals),
    };
  });

/** For commands that accept only flags. */
export const noWords = ([word]: string[]): void => {
  if (word !== undefined)
    throw new BadArgument(`unexpected argument "${word}": this command takes options alone`);
};

/** The detector's address, without a slash at its end. */
export const urlOf = (flag: string | undefined, { PARALLAX_URL }: Environment): string => {
  const text = flag ?? PARALLAX_URL;
  if (!text) throw new BadArgument("--url (or PARALLAX_URL) is required");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new BadArgument("--url (or PARALLAX_URL) must begin with http:// or https://");
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new BadArgument("--url (or PARALLAX_URL) must not carry credentials, a query or a fragment");
  return url.href.replace(/\/+$/, "");
};

/** A token, or why its file or variable contains none. */
export type Token = { token: string } | { problem: string };

/** The token from a file or the environment. Throws BadArgument where neither is given. */
export const tokenOf = (file: string | undefined, { PARALLAX_TOKEN }: Environment): Token => {
  if (file === undefined && !PARALLAX_TOKEN)
    throw new BadArgument("--token-file (or PARALLAX_TOKEN) is required");
  try {
    const token = (file === undefined ? (PARALLAX_TOKEN ?? "") : readFileSync(file, "utf8")).trim();
    if (/^[\x21-\x7e]+$/.test(token)) return { token };
    return {
      problem: file === undefined ? "PARALLAX_TOKEN holds no token" : `--token-file: no token in ${file}`,
    };
  } catch (error) {
    return { problem: `--token-file: ${(error as Error).message}` };
  }
};

/** For commands that cannot work without a token. */
export const heldToken = (token: Token): string => {
  if ("problem" in token) throw new BadArgument(token.problem);
  return token.token;
};

/** Undefined where neither a flag nor systemd names a directory. Systemd may name several; the first is used. */
export const stateDirectory = (
  flag: string | undefined,
  { STATE_DIRECTORY }: Environment,
): string | undefined => flag ?? (STATE_DIRECTORY?.split(":", 1)[0] || undefined);

export const wholeOf = (flag: string, text: string, min: number, max: number): number => {
  const number = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max))
    throw new BadArgument(`${flag} must be a whole number from ${min} to ${max}`);
  return number;
};
