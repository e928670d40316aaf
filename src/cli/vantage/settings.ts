import { MAX_LISTEN_MS } from "../../domain/exchange.ts";
import {
  type Environment,
  settingsBy,
  SHARED_OPTIONS,
  stateDirectory,
  strictArgs,
  urlOf,
  wholeOf,
} from "../shared/arguments/flags.ts";
import {
  credentialOf,
  homeState,
  JOIN_OPTIONS,
  type Joining,
  soundOf,
} from "../shared/joining/credential.ts";
import {
  flagsAgain,
  PRINT_OPTIONS,
  printed,
  type Printing,
  refuseWithPrint,
} from "../shared/joining/print-unit.ts";
import { vantageStart } from "./vantage-unit.ts";

/** How a vantage is to work. */
export interface WorkOptions {
  /** Probes under way at once. */
  slots: number;
  /** How long the detector may hold a call; 0: do not listen. */
  listenMs: number;
  retryMaxMs: number;
  /** Probe each target once, and end. */
  once: boolean;
}

export interface Settings extends WorkOptions {
  url: string;
  credential: { token: string } | Joining;
  /** Where assignment, outbox and clock are kept. */
  state: string;
}

const OPTIONS = {
  ...SHARED_OPTIONS,
  ...JOIN_OPTIONS,
  ...PRINT_OPTIONS,
  "listen-ms": { type: "string", default: "25000" },
  "retry-max-ms": { type: "string", default: "30000" },
  slots: { type: "string", default: "64" },
  once: { type: "boolean", default: false },
} as const;

export const USAGE = `Usage: parallax vantage --url URL --token-file FILE [options]
       parallax vantage --url URL --join-file FILE [options]

Looks at what the detector assigns to this vantage and reports what it sees, until it is told to stop.

  --url URL             the detector; or PARALLAX_URL
  --token-file FILE     holds the token that POST /v1/vantages gave; or PARALLAX_TOKEN in the environment
  --join-file FILE      a join code, in a file: traded for a token of its own at the first start, which
                        is kept, with mode 600, in --token-file, else in the state directory as "token"
                        and used from then on. Or PARALLAX_JOIN, --join - (stdin), or --join CODE: once
                        used it is worth nothing. POST /v1/joins, or parallax join, makes a code
  --print-unit          print a systemd unit that does this, without a secret in it, and end
  --print-container     the same for a container: a Containerfile
  --state DIR           keeps what is not yet delivered over restarts. Default: $STATE_DIRECTORY,
                        else ~/.local/state/parallax/ and a hash of URL and token, or code
  --listen-ms N         how long the detector may hold a request until there is something to do;
                        0 to ${MAX_LISTEN_MS}, default 25000; 0: ask every 30 s instead
  --retry-max-ms N      the longest pause between tries while the detector does not answer; default 30000
  --slots N             probes under way at once, 1 to 1024; default 64
  --once                look at everything once, print each observation as a line of JSON, report, end

Exit codes: 0 told to stop, or done; 2 wrong arguments, or the state directory is in use;
3 the token or the code is refused; 4 --once could not reach the detector.

On a machine that has Node and nothing else:
  curl -fsSO URL/cli.mjs && node cli.mjs vantage --url URL --join-file FILE
`;

/** Flags that the printed unit or container leaves out, or gives in a form of its own. */
const PLACED = ["url", "token-file", "state", "join", "join-file", "print-unit", "print-container"];

/** Arguments and environment as settings, or what is to be printed; or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | Printing | string =>
  settingsBy<Settings | Printing>(args, () => {
    const { values } = strictArgs(args, OPTIONS);
    const url = urlOf(values.url, environment);
    const manner = {
      listenMs: wholeOf("--listen-ms", values["listen-ms"], 0, MAX_LISTEN_MS),
      retryMaxMs: wholeOf("--retry-max-ms", values["retry-max-ms"], 1_000, 3_600_000),
      slots: wholeOf("--slots", values.slots, 1, 1_024),
      once: values.once,
    };
    refuseWithPrint(values, { state: values.state, once: values.once || undefined });
    const printing = printed(values, () => vantageStart(url, flagsAgain(values, OPTIONS, PLACED)));
    if (printing !== undefined) return printing;
    const home = { url, state: stateDirectory(values.state, environment), name: "token" };
    const held = credentialOf(values, environment, home);
    const credential = soundOf(held.credential);
    const state = held.state ?? ("token" in credential ? homeState(url, credential.token, environment) : "");
    return { url, credential, state, ...manner };
  });
