import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MAX_LISTEN_MS } from "../../domain/exchange.ts";
import {
  type Environment,
  heldToken,
  settingsBy,
  SHARED_OPTIONS,
  stateOf,
  tokenOf,
  urlOf,
  wholeOf,
} from "../flags.ts";

/** How a vantage is to work. */
export interface Manner {
  /** Probes under way at once. */
  slots: number;
  /** How long the detector may hold a call; 0: do not listen. */
  listenMs: number;
  retryMaxMs: number;
  /** Look at everything once, and end. */
  once: boolean;
}

export interface Settings extends Manner {
  url: string;
  token: string;
  /** Where assignment, outbox and clock are kept. */
  state: string;
}

const OPTIONS = {
  ...SHARED_OPTIONS,
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

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string =>
  settingsBy(args, () => {
    const { values } = parseArgs({ args, options: OPTIONS, strict: true });
    const url = urlOf(values.url, environment);
    const token = heldToken(tokenOf(values["token-file"], environment));
    return {
      url,
      token,
      state: stateOf(values.state, environment) ?? homeState(url, token, environment),
      listenMs: wholeOf("--listen-ms", values["listen-ms"], 0, MAX_LISTEN_MS),
      retryMaxMs: wholeOf("--retry-max-ms", values["retry-max-ms"], 1_000, 3_600_000),
      slots: wholeOf("--slots", values.slots, 1, 1_024),
      once: values.once,
    };
  });

const homeState = (url: string, token: string, environment: Environment): string => {
  const base = environment["XDG_STATE_HOME"] || join(homedir(), ".local", "state");
  const hash = createHash("sha256").update(`${url}\n${token}`).digest("hex").slice(0, 16);
  return join(base, "parallax", hash);
};
