import { homedir } from "node:os";
import { join } from "node:path";
import type { Place } from "../../client/paths.ts";
import { isName, NAME_RULE } from "../../domain/plain/names.ts";
import {
  type Access,
  accessSettings,
  BadArgument,
  type Environment,
  stateDirectory,
  wholeOf,
} from "../shared/arguments/flags.ts";
import { onlyPlace, placeIn } from "../shared/arguments/place.ts";

export interface Settings extends Access {
  /** The target whose place a successor wants to take; with a group, the member that wants to lead. */
  place: Place;
  /** Undefined: the question is about a node, not a group. */
  group: string | undefined;
  /** The directory in which the newest sequence is kept. */
  state: string;
  /** For one look at the detector. */
  timeoutMs: number;
  /** How long to go on looking while the gate is closed. */
  waitMs: number;
}

const OPTIONS = {
  group: { type: "string" },
  member: { type: "string" },
  state: { type: "string" },
  "timeout-ms": { type: "string", default: "3000" },
  "wait-ms": { type: "string", default: "0" },
} as const;

export const USAGE = `Usage: parallax gate SITE/TARGET --url URL --token-file FILE [options]
       parallax gate --group G --member SITE/TARGET [options]

May a successor take this node's place? Put it in front of a promotion: Patroni's pre_promote,
orchestrator's PreFailoverProcesses, or "parallax gate fra/db-1 && promote" in a script of your own.

It opens only if the detector advises failover, has confirmed that, says so in /verdict and in /failover
of one and the same sequence, that is still valid by the detector's own clock, and the sequence is not
older than the newest this gate has seen. Everything else leaves it closed: any other verdict, a detector
that is down, slow, cut off, broken or redeployed, a token it does not know, a state file that cannot be
read or written, and any defect of this program. An open gate says that the old one does not serve now;
only a fence keeps it so.

With --group it asks another question: does this member lead the group? It
opens only if the detector says so now, in an epoch that is not older than
the newest this gate has seen of the group. The line says who leads instead,
or that this is no member.

  --url URL           the detector; or PARALLAX_URL
  --token-file FILE   holds a token of scope read; or PARALLAX_TOKEN in the environment
  --group G           does --member lead group G?
  --state DIR         keeps the newest sequence or epoch seen. Default: $STATE_DIRECTORY, else
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

const askedFor = (
  { group, member }: { group?: string | undefined; member?: string | undefined },
  words: string[],
): Pick<Settings, "place" | "group"> => {
  if (group === undefined) {
    if (member !== undefined) throw new BadArgument("--member needs --group");
    return { place: onlyPlace(words), group };
  }
  if (!isName(group)) throw new BadArgument(`--group ${NAME_RULE}`);
  const place = placeIn(member ?? "");
  if (place === undefined)
    throw new BadArgument(`--group needs --member SITE/TARGET, each of which ${NAME_RULE}`);
  if (words.length > 0)
    throw new BadArgument(`unexpected argument "${words[0]}" beside --group: name the member by --member`);
  return { place, group };
};

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string =>
  accessSettings(args, environment, OPTIONS, (values, words) => ({
    ...askedFor(values, words),
    state: stateDirectory(values.state, environment) ?? homeState(environment),
    timeoutMs: wholeOf("--timeout-ms", values["timeout-ms"], 100, 60_000),
    waitMs: wholeOf("--wait-ms", values["wait-ms"], 0, 3_600_000),
  }));
