import { isName, NAME_RULE } from "../../domain/name.ts";
import {
  type Access,
  accessSettings,
  BadArgument,
  type Environment,
  noWords,
  wholeOf,
} from "../shared/arguments/flags.ts";

export interface Settings extends Access {
  out: string;
  site: string | undefined;
  /** The file then holds the members of this group instead of the verdict of each host. */
  group: string | undefined;
  ttl: number | undefined;
  allowShrink: boolean;
  /** Undefined: once. */
  everyMs: number | undefined;
  timeoutMs: number;
}

const OPTIONS = {
  out: { type: "string" },
  site: { type: "string" },
  group: { type: "string" },
  ttl: { type: "string" },
  "allow-shrink": { type: "boolean", default: false },
  "every-ms": { type: "string" },
  "timeout-ms": { type: "string", default: "5000" },
} as const;

/** gdnsd's own bound on a TTL: 2^28 - 1 seconds. */
const MAX_TTL_S = 268_435_455;

export const USAGE = `Usage: parallax export-gdnsd --out FILE --url URL --token-file FILE [options]

Keeps the file of gdnsd's plugin extfile: one line a host, "192.0.2.1 => DOWN/30". gdnsd takes a key that
is missing, and an empty file, for up; so the file is replaced whole or not at all, and only by an answer
that is whole, well-formed and not empty. Whatever else happens leaves the old file, and gdnsd keeps the
last state of every host: a detector that is down moves nothing.

A host that the detector no longer names keeps its last line, since gdnsd may still ask for it.

  --out FILE          in gdnsd's extfile directory, say /var/lib/gdnsd/extfile/parallax; it is replaced by
                      a rename in the same directory, and its time of change is that of the last answer
  --url URL           the detector; or PARALLAX_URL
  --token-file FILE   holds a token of scope read; or PARALLAX_TOKEN in the environment
  --site NAME         the hosts of that site alone
  --group NAME        the members of that group, by their addresses: UP is who serves, of a group with a
                      leader whoever leads. A group that nobody leads leaves the old file
  --ttl N             seconds, written into each line
  --allow-shrink      drop the lines of hosts that the detector no longer names
  --every-ms N        go on, 1000 to 3600000 apart; default: once
  --timeout-ms N      for one answer, 100 to 60000; default 5000

Exit codes: 0 the file is as the detector says, or told to stop; 1 it is not, the old one stays; 2 wrong
arguments; 3 the token is refused. With --every-ms no failure ends it.

Example:
  parallax export-gdnsd --out /var/lib/gdnsd/extfile/parallax --every-ms 2000 --url https://detector.example --token-file /etc/parallax/read.token
`;

const optional = <T>(text: string | undefined, read: (text: string) => T): T | undefined =>
  text === undefined ? undefined : read(text);

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string =>
  accessSettings(args, environment, OPTIONS, (values, words) => {
    noWords(words);
    if (!values.out) throw new BadArgument("--out is required: the file to keep");
    const { site, group } = values;
    if (site !== undefined && !isName(site)) throw new BadArgument(`--site ${NAME_RULE}`);
    if (group !== undefined && !isName(group)) throw new BadArgument(`--group ${NAME_RULE}`);
    if (site !== undefined && group !== undefined)
      throw new BadArgument("--site and --group exclude each other: a group names its members");
    return {
      out: values.out,
      site,
      group,
      ttl: optional(values.ttl, (text) => wholeOf("--ttl", text, 1, MAX_TTL_S)),
      allowShrink: values["allow-shrink"],
      everyMs: optional(values["every-ms"], (text) => wholeOf("--every-ms", text, 1_000, 3_600_000)),
      timeoutMs: wholeOf("--timeout-ms", values["timeout-ms"], 100, 60_000),
    };
  });
