/** Where a program gets its token: it is given one, or a join code, which it trades for a token that it keeps. */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { joinOf, readCode } from "../../../domain/join-code.ts";
import { BadArgument, type Environment, type Token, tokenOf } from "../arguments/flags.ts";
import { joinIn } from "./record.ts";

export const JOIN_OPTIONS = { join: { type: "string" }, "join-file": { type: "string" } } as const;

export interface JoinFlags {
  join?: string | undefined;
  "join-file"?: string | undefined;
  "token-file"?: string | undefined;
}

/** A code that is still to be traded, and the file that keeps the token. */
export interface Joining {
  code: string;
  file: string;
}

export type Credential = Token | Joining;

/** The join code that is given in place of a token, by its source. */
interface Given {
  /** The source's name in messages. */
  name: string;
  read: () => string;
}

const BY_FILE = "--join-file";
/** More than any code with its dashes and line ends. */
const MAX_CODE_BYTES = 4_096;

/** A device or a pipe might never end. */
const textOfFile = (file: string): string => {
  const found = statSync(file);
  if (!found.isFile())
    throw new Error(`${file} is no regular file: name one that holds the code, or give it by --join -`);
  if (found.size > MAX_CODE_BYTES) throw new Error(`${file} is longer than a join code`);
  return readFileSync(file, "utf8");
};

const givenBy = (flags: JoinFlags, { PARALLAX_JOIN }: Environment): Given | undefined => {
  const { join: text, "join-file": file } = flags;
  if (text !== undefined && file !== undefined)
    throw new BadArgument("--join and --join-file exclude each other");
  if (file !== undefined) return { name: BY_FILE, read: () => textOfFile(file) };
  if (text === "-") return { name: "--join -", read: () => readFileSync(0, "utf8") };
  if (text !== undefined) return { name: "--join", read: () => text };
  return PARALLAX_JOIN ? { name: "PARALLAX_JOIN", read: () => PARALLAX_JOIN } : undefined;
};

interface Flaw {
  problem: string;
  /** There is no code any more: its file is gone or was emptied. */
  isGone: boolean;
}

const codeIn = ({ name, read }: Given): { code: string } | Flaw => {
  try {
    const text = read();
    const found = readCode(text);
    if ("code" in found) return found;
    return { problem: `${name} ${found.problem}`, isGone: name === BY_FILE && text.trim() === "" };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { problem: `${name}: ${message}`, isGone: code === "ENOENT" };
  }
};

const keptIn = (file: string): string | undefined => {
  try {
    // A pipe might never end.
    if (!statSync(file).isFile()) return undefined;
    const token = tokenOf(file, {});
    return "token" in token ? token.token : undefined;
  } catch {
    return undefined;
  }
};

/** A state directory of its own for each pair of detector and `who`. */
export const homeState = (url: string, who: string, environment: Environment): string => {
  const base = environment["XDG_STATE_HOME"] || join(homedir(), ".local", "state");
  const hash = createHash("sha256").update(`${url}\n${who}`).digest("hex").slice(0, 16);
  return join(base, "parallax", hash);
};

interface Home {
  url: string;
  /** The state directory, where one is given. */
  state: string | undefined;
  /** The name of the file in it that keeps the token, once traded. */
  name: string;
}

/** A credential and its state directory: the given one, or else one that is derived from the code. */
interface Held {
  credential: Credential;
  state: string | undefined;
}

/**
 * The token that is given, or was traded for before; otherwise the code and the file that shall keep its token. Throws BadArgument where
 * neither is given, and where a code stands beside the token of another join.
 */
export const credentialOf = (flags: JoinFlags, environment: Environment, home: Home): Held => {
  const given = givenBy(flags, environment);
  const { "token-file": tokenFile } = flags;
  if (given === undefined)
    return { credential: withoutCode(tokenFile, environment, home), state: home.state };
  if (environment["PARALLAX_TOKEN"])
    throw new BadArgument(
      `${given.name} and PARALLAX_TOKEN exclude each other: who has a token need not join`,
    );
  const found = codeIn(given);
  const state = home.state ?? ("code" in found ? homeState(home.url, found.code, environment) : undefined);
  const file = tokenFile ?? (state === undefined ? undefined : join(state, home.name));
  return {
    credential: file === undefined ? { problem: (found as Flaw).problem } : keptOr(found, given.name, file),
    state,
  };
};

const keptOr = (found: { code: string } | Flaw, name: string, file: string): Credential => {
  const token = keptIn(file);
  if (!("code" in found)) {
    // With a token kept, a code that is gone is not needed any more. A mistyped one may be of another join.
    return token === undefined || !found.isGone ? { problem: found.problem } : { token };
  }
  if (token === undefined) return { code: found.code, file };
  const former = joinIn(file);
  if (former !== undefined && former !== joinOf(found.code))
    throw new BadArgument(
      `${name} is of join ${joinOf(found.code)}, and ${file} holds the token of ${former}: remove that file to join anew, or leave the code out`,
    );
  return { token };
};

const withoutCode = (file: string | undefined, environment: Environment, { state, name }: Home): Token => {
  if (file === undefined && !environment["PARALLAX_TOKEN"]) {
    const token = state === undefined ? undefined : keptIn(join(state, name));
    if (token !== undefined) return { token };
    throw new BadArgument("--token-file (or PARALLAX_TOKEN) is required, or a join code by --join-file");
  }
  return tokenOf(file, environment);
};

/** For programs that cannot work without a token. */
export const soundOf = (credential: Credential): { token: string } | Joining => {
  if ("problem" in credential) throw new BadArgument(credential.problem);
  return credential;
};

/** From now on neither child processes nor a list of processes show the code. */
export const hideCode = (name: string): void => {
  delete process.env["PARALLAX_JOIN"];
  if (process.argv.some((word) => /^--join(=|$)/.test(word))) process.title = name;
};
