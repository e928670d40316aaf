import { homedir } from "node:os";
import { join } from "node:path";
import type { Place } from "../../client/place.ts";
import { type Access, accessSettings, type Environment, stateOf, wholeOf } from "../flags.ts";
import { onlyPlace } from "../place.ts";

export interface Settings extends Access {
  place: Place;
  /** The directory in which the newest sequence is kept. */
  state: string;
  /** For one look at the detector. */
  timeoutMs: number;
  /** How long to go on looking while the gate is closed. */
  waitMs: number;
}

const OPTIONS = {
  state: { type: "string" },
  "timeout-ms": { type: "string", default: "3000" },
  "wait-ms": { type: "string", default: "0" },
} as const;

export const USAGE = `Usage: parallax gate SITE/TARGET --url URL --token-file FILE [options]

May a successor take this node's place? Put it in front of a promotion: Patroni's pre_promote,
orchestrator's PreFailoverProcesses, or "parallax gate fra/db-1 && promote" in a script of your own.

It opens only if the detector advises failover, has confirmed that, says so in /verdict and in /failover
of one and the same sequence, that is still valid by the detector's own clock, and the sequence is not
older than the newest this gate has seen. Everything else leaves it closed: any other verdict, a detector
that is down, slow, cut off, broken or redeployed, a token it does not know, a state file that cannot be
read or written, and any defect of this program. An open gate says that the old one does not serve now;
only a fence keeps it so.

  --url URL           the detector; or PARALLAX_URL
  --token-file FILE   holds a token of scope read; or PARALLAX_TOKEN in the environment
  --state DIR         keeps the newest sequence seen. Default: $STATE_DIRECTORY, else
                      ~/.local/state/parallax/gate. It must survive a restart of this machine
  --timeout-ms N      for one look, 100 to 60000; default 3000
  --wait-ms N         while closed, look again each second for so long, 0 to 3600000; default 0

Prints one line that says why.

Exit codes: 0 open; 1 closed; 2 wrong arguments; 3 the token is refused. Only 0 lets a promotion pass.

Example, as Patroni runs it (its configuration's postgresql section):
  pre_promote: /usr/local/bin/parallax gate fra/db-1 --url https://detector.example --token-file /etc/parallax/read.token
`;

const homeState = (environment: Environment): string =>
  join(environment["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "parallax", "gate");

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string =>
  accessSettings(args, environment, OPTIONS, (values, words) => ({
    place: onlyPlace(words),
    state: stateOf(values.state, environment) ?? homeState(environment),
    timeoutMs: wholeOf("--timeout-ms", values["timeout-ms"], 100, 60_000),
    waitMs: wholeOf("--wait-ms", values["wait-ms"], 0, 3_600_000),
  }));
