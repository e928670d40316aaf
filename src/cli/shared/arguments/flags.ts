/** Arguments that commands share, and how any is read. What is wrong with one is said by its flag's name. */
import { readFileSync } from "node:fs";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { plainArgs } from "./plain-args.ts";

export type Environment = Record<string, string | undefined>;

/** Where the detector is, and who we are to it. */
const ACCESS_OPTIONS = {
  url: { type: "string" },
  "token-file": { type: "string" },
} as const;

/** The same, and where state is kept. */
export const SHARED_OPTIONS = { ...ACCESS_OPTIONS, state: { type: "string" } } as const;

/** The flags of a command that calls the detector. */
export interface Access {
  url: string;
  token: string;
}

export class BadArgument extends Error {}

/** What `read` makes of the arguments, or what is wrong with them. */
export const settingsBy = <Settings>(args: string[], read: () => Settings): Settings | string => {
  try {
    return read();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // parseArgs throws errors that name the option.
    if (!(error instanceof BadArgument) && !code?.startsWith("ERR_PARSE_ARGS")) throw error;
    return args.some((arg) => /^--token(=|$)/.test(arg))
      ? "--token would show the token to everybody who lists processes: use --token-file or PARALLAX_TOKEN"
      : message;
  }
};

type Options = NonNullable<ParseArgsConfig["options"]>;
type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ options: O; strict: true; allowPositionals: true }>
>;

/**
 * Settings of a command that calls the detector, or what is wrong with the arguments. `take` makes its own
 * part of them, of the values of its own flags and of the words that are none.
 */
export const accessSettings = <O extends Options, Own>(
  args: string[],
  environment: Environment,
  options: O,
  take: (values: Parsed<O>["values"], words: string[]) => Own,
): (Access & Own) | string =>
  settingsBy(args, () => {
    const all = { ...options, ...ACCESS_OPTIONS };
    const { values, positionals } =
      plainArgs(args, all) ?? parseArgs({ args, options: all, strict: true, allowPositionals: true });
    const { url, "token-file": tokenFile } = values as Parsed<typeof ACCESS_OPTIONS>["values"];
    return {
      url: urlOf(url, environment),
      token: heldToken(tokenOf(tokenFile, environment)),
      ...take(values as Parsed<O>["values"], positionals),
    };
  });

/** For commands that take flags alone. */
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

/** A token, or why what should hold it holds none. */
export type Token = { token: string } | { problem: string };

/** The token that a file or the environment gives; none given at all is a bad argument. */
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

/** For commands that are nothing without a token. */
export const heldToken = (token: Token): string => {
  if ("problem" in token) throw new BadArgument(token.problem);
  return token.token;
};

/** Undefined where neither a flag nor systemd names one; systemd may name several, of which the first will do. */
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
