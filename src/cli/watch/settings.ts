import { isName, NAME_RULE } from "../../domain/name.ts";
import {
  type Access,
  accessSettings,
  BadArgument,
  type Environment,
  wholeOf,
} from "../shared/arguments/flags.ts";
import { instantFlag, joinedFlags } from "../shared/arguments/instant-flag.ts";

export interface Settings extends Access {
  site: string | undefined;
  /** A group to follow instead of the verdicts. */
  group: string | undefined;
  /** For a group: each line as JSON. */
  json: boolean;
  everyMs: number;
  /** From when on to show past transitions, as the API accepts it; undefined: none. */
  since: string | undefined;
  /** Print the table and end. */
  once: boolean;
}

const OPTIONS = {
  group: { type: "string" },
  json: { type: "boolean", default: false },
  "every-ms": { type: "string", default: "1000" },
  since: { type: "string" },
  once: { type: "boolean", default: false },
} as const;

export const USAGE = `Usage: parallax watch [SITE] --url URL --token-file FILE [options]
       parallax watch --group G [--json] [--once] [options]

A live table of all verdicts, or of a site's: what is held of each target, for how long, what automation is
told, how many vantages reach it, and why. What has trouble stands first where not all fits, and where its
sentence does not fit beside it, it stands below. Ctrl-C ends it and gives the terminal back.

With --since it shows what has been as well, from then on: below the table, newest first, as far as there is
room; where stdout is no terminal, and with --once, first of all, oldest first, 1000 transitions at most.

Where stdout is no terminal it prints a line for each target and then one for each change, for a log.
While the detector is not reached the last known table stays, under a line that says since when.

With --group it prints how a group stands, and then a line for each change of
who serves or leads, and for each change that was withheld, as they come.

  --url URL           the detector; or PARALLAX_URL
  --token-file FILE   holds a token of scope read; or PARALLAX_TOKEN in the environment
  --every-ms N        between two reads, 200 to 60000; default 1000
  --since WHEN        so long ago (90s, 30m, 1h, 2d), or an instant (2026-11-28T06:00:00Z)
  --once              print the table once and end
  --group G           follow group G
  --json              with --group: the group, and then each change, as JSON

NO_COLOR in the environment turns colours off.

Exit codes: 0 told to stop, or printed; 2 wrong arguments; 3 the token is refused; 4 --once, or --group at
its start, could not reach the detector, or there is no such SITE or group.

Examples:
  parallax watch --url https://detector.example --token-file read.token
  parallax watch fra --once | grep avoid
  parallax watch --since 1h
`;

const groupOf = (
  { group, json, since }: { group?: string | undefined; json: boolean; since?: string | undefined },
  site: string | undefined,
): Pick<Settings, "group" | "json"> => {
  if (group === undefined && json) throw new BadArgument("--json needs --group");
  if (group === undefined) return { group, json };
  if (!isName(group)) throw new BadArgument(`--group ${NAME_RULE}`);
  if (site !== undefined) throw new BadArgument("--group and SITE exclude each other");
  if (since !== undefined)
    throw new BadArgument(
      "--since cannot be used with --group: ask parallax group history for what has been",
    );
  return { group, json };
};

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string =>
  accessSettings(joinedFlags(args, "--since"), environment, OPTIONS, (values, words) => {
    const [site, ...more] = words;
    if (more.length > 0) throw new BadArgument("name one SITE, or none for all");
    if (site !== undefined && !isName(site)) throw new BadArgument(`SITE ${NAME_RULE}`);
    return {
      site,
      ...groupOf(values, site),
      everyMs: wholeOf("--every-ms", values["every-ms"], 200, 60_000),
      since: values.since === undefined ? undefined : instantFlag("--since", values.since),
      once: values.once,
    };
  });
