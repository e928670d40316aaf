import type { CheckView } from "../../client/check-calls.ts";
import type { Place } from "../../client/client.ts";
import { isName, NAME_RULE } from "../../domain/plain/names.ts";
import {
  type Access,
  accessSettings,
  BadArgument,
  type Environment,
  wholeOf,
} from "../shared/arguments/flags.ts";
import { placesIn } from "../shared/arguments/place.ts";
import { SLANT_OPTIONS, SLANT_USAGE, slantIn } from "../shared/arguments/avoid-options.ts";

export interface Settings extends Access {
  places: Place[];
  /** The directory of the files. */
  dir: string;
  slant: CheckView;
  /** The files then say of each member whether it serves in this group. */
  group: string | undefined;
  /** Undefined: once. */
  everyMs: number | undefined;
  timeoutMs: number;
}

const OPTIONS = {
  dir: { type: "string" },
  ...SLANT_OPTIONS,
  group: { type: "string" },
  "every-ms": { type: "string" },
  "timeout-ms": { type: "string", default: "5000" },
} as const;

export const USAGE = `Usage: parallax export-keepalived SITE/TARGET... --dir DIR --url URL --token-file FILE [options]

Keeps a file for each target, for keepalived's track_file with weight 0: DIR/SITE.TARGET holds 1 if traffic
should leave the target, and that is freshly known and no rehearsal: what /avoid says, of all targets by one
call. It holds 0 if that is known not to be so.

A file keeps its last number while nobody knows: the detector is down, slow or refuses the token, its
evidence is stale, or there is no such target. So an outage of ours moves no address, in either direction. A
file that is missing, empty or holds no number is begun with 0, at once, whether the detector answers or not.

  --dir DIR           must be there before keepalived starts, and stay: keepalived does not notice when it
                      is made anew. A file is replaced by a rename in it, and its time of change is that
                      of the last answer about its target
  --url URL           the detector; or PARALLAX_URL
  --token-file FILE   holds a token of scope read; or PARALLAX_TOKEN in the environment
${SLANT_USAGE}
  --group NAME        of members of that group: 1 where the member does not serve in it; in a group with a
                      leader 0 is the leader's alone
  --every-ms N        go on, 500 to 3600000 apart; default: once
  --timeout-ms N      for one answer, 100 to 60000; default 5000

Exit codes: 0 the files are as the detector says, or told to stop; 1 one is not, it stays as it was; 2 wrong
arguments; 3 the token is refused. With --every-ms no failure ends it.

Example:
  parallax export-keepalived fra/lb-1 --dir /var/lib/parallax/keepalived --every-ms 2000 --url https://detector.example --token-file /etc/parallax/read.token
  track_file leave_lb {
    file "/var/lib/parallax/keepalived/fra.lb-1"
    weight 0
  }
`;

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string =>
  accessSettings(args, environment, OPTIONS, (values, words) => {
    if (!values.dir) throw new BadArgument("--dir is required: the directory of the files to keep");
    const { "every-ms": every, group } = values;
    const slant = slantIn(values);
    if (group !== undefined && !isName(group)) throw new BadArgument(`--group ${NAME_RULE}`);
    if (group !== undefined && Object.values(slant).some((value) => value !== undefined))
      throw new BadArgument(
        "--from, --gray and --partition are not for --group: who serves in it is one for all",
      );
    return {
      places: placesIn(words),
      dir: values.dir,
      slant,
      group,
      everyMs: every === undefined ? undefined : wholeOf("--every-ms", every, 500, 3_600_000),
      timeoutMs: wholeOf("--timeout-ms", values["timeout-ms"], 100, 60_000),
    };
  });
