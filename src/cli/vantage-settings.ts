import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MAX_LISTEN_MS } from "../domain/exchange.ts";
import type { CellSettings } from "./vantage-cell.ts";

export interface Settings extends CellSettings {
  url: string;
  token: string;
  /** Where assignment, outbox and clock are kept. */
  state: string;
}

type Environment = Record<string, string | undefined>;

const OPTIONS = {
  url: { type: "string" },
  "token-file": { type: "string" },
  state: { type: "string" },
  "listen-ms": { type: "string", default: "25000" },
  "retry-max-ms": { type: "string", default: "30000" },
  slots: { type: "string", default: "64" },
  once: { type: "boolean", default: false },
} as const;

export const USAGE = `Usage: parallax vantage --url URL --token-file FILE [options]

Looks at what the detector assigns to this vantage and reports what it sees, until it is told to stop.

  --url URL             the detector; or PARALLAX_URL
  --token-file FILE     holds the token that POST /v1/vantages gave; or PARALLAX_TOKEN in the environment
  --state DIR           keeps what is not yet delivered over restarts. Default: $STATE_DIRECTORY,
                        else ~/.local/state/parallax/ and a hash of URL and token
  --listen-ms N         how long the detector may hold a request until there is something to do;
                        0 to ${MAX_LISTEN_MS}, default 25000; 0: ask every 30 s instead
  --retry-max-ms N      the longest pause between tries while the detector does not answer; default 30000
  --slots N             probes under way at once, 1 to 1024; default 64
  --once                look at everything once, print each observation as a line of JSON, report, end

Exit codes: 0 told to stop, or done; 2 wrong arguments, or the state directory is in use;
3 the token is refused; 4 --once could not reach the detector.
`;

class BadArgument extends Error {}

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string => {
  try {
    return settingsOf(args, environment);
  } catch (error) {
    // parseArgs throws a TypeError that names the option.
    if (error instanceof BadArgument || error instanceof TypeError) return hinted(error.message, args);
    throw error;
  }
};

const hinted = (message: string, args: string[]): string =>
  args.some((arg) => /^--token(=|$)/.test(arg))
    ? "--token would show the token to everybody who lists processes: use --token-file or PARALLAX_TOKEN"
    : message;

const settingsOf = (args: string[], environment: Environment): Settings => {
  const { values } = parseArgs({ args, options: OPTIONS, strict: true });
  const url = urlOf(values.url ?? environment["PARALLAX_URL"]);
  const token = tokenOf(values["token-file"], environment["PARALLAX_TOKEN"]);
  return {
    url,
    token,
    state: values.state ?? stateOf(url, token, environment),
    listenMs: wholeOf("--listen-ms", values["listen-ms"], 0, MAX_LISTEN_MS),
    retryMaxMs: wholeOf("--retry-max-ms", values["retry-max-ms"], 1_000, 3_600_000),
    slots: wholeOf("--slots", values.slots, 1, 1_024),
    once: values.once,
  };
};

const urlOf = (text: string | undefined): string => {
  if (!text) throw new BadArgument("--url (or PARALLAX_URL) is required");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new BadArgument("--url must begin with http:// or https://");
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new BadArgument("--url must not carry credentials, a query or a fragment");
  return url.href.replace(/\/+$/, "");
};

const tokenOf = (file: string | undefined, inEnvironment: string | undefined): string => {
  const token = (file === undefined ? inEnvironment : tokenIn(file))?.trim();
  if (!token) throw new BadArgument("--token-file (or PARALLAX_TOKEN) is required, and must not be empty");
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new BadArgument(`${file === undefined ? "PARALLAX_TOKEN" : "--token-file"} holds no token`);
  return token;
};

const tokenIn = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new BadArgument(`--token-file: ${(error as Error).message}`);
  }
};

const wholeOf = (flag: string, text: string, min: number, max: number): number => {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max))
    throw new BadArgument(`${flag} must be a whole number from ${min} to ${max}`);
  return number;
};

/** systemd may give several directories, of which the first will do. */
const stateOf = (url: string, token: string, environment: Environment): string => {
  const given = environment["STATE_DIRECTORY"]?.split(":", 1)[0];
  if (given) return given;
  const base = environment["XDG_STATE_HOME"] || join(homedir(), ".local", "state");
  const hash = createHash("sha256").update(`${url}\n${token}`).digest("hex").slice(0, 16);
  return join(base, "parallax", hash);
};
