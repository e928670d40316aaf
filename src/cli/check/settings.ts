import type { CheckView } from "../../client/check-calls.ts";
import type { Place } from "../../client/paths.ts";
import { type Access, accessSettings, type Environment, wholeOf } from "../shared/arguments/flags.ts";
import { onlyPlace } from "../shared/arguments/place.ts";
import { SLANT_OPTIONS, SLANT_USAGE, slantIn } from "../shared/arguments/avoid-options.ts";

export interface Settings extends Access {
  place: Place;
  slant: CheckView;
  /** For the whole check. */
  timeoutMs: number;
  /** One bit for keepalived, in place of Nagios's four states. */
  binary: boolean;
}

const OPTIONS = {
  "timeout-ms": { type: "string", default: "3000" },
  ...SLANT_OPTIONS,
  binary: { type: "boolean", default: false },
} as const;

export const USAGE = `Usage: parallax check SITE/TARGET --url URL --token-file FILE [options]

A Nagios plugin: one line of text with performance data, and an exit code. Icinga, Naemon, Sensu and
check_mk run it too. With --binary a script for keepalived's track_script and the like. Each check is a
process of Node's: where there are many, take examples/check, shell scripts with the same exit codes, or for
keepalived "parallax export-keepalived", which starts none.

  --url URL           the detector; or PARALLAX_URL
  --token-file FILE   holds a token of scope read; or PARALLAX_TOKEN in the environment
${SLANT_USAGE}
  --timeout-ms N      for all of it, 100 to 60000; default 3000, below the 10 s that Nagios waits
  --binary            exit 1 only if traffic should leave the target, 0 for everything else

Exit codes: 0 OK, it is alive; 1 WARNING, anything else that still serves (gray, partitioned, unknown, not
yet proven, paused, a drill that is not live); 2 CRITICAL, traffic should leave it; 3 UNKNOWN, we cannot
tell: the detector is down, slow or refuses the token, the verdict is stale, there is no such target, or the
arguments are wrong.

Exit codes with --binary: 1 the advice to leave it is fresh and no rehearsal; 0 everything else, our own
trouble and wrong arguments included. keepalived takes every code but 0 for a fault and gives up the address,
so what is not known leaves things as they are. Run it once without --binary to see that it works: a mistake
in the arguments is silent there. Whoever runs it has a timeout too, and takes that for a fault: give it far
more than --timeout-ms.

Example:
  parallax check fra/web-1 --url https://detector.example --token-file /etc/parallax/read.token
`;

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string =>
  accessSettings(args, environment, OPTIONS, (values, words) => ({
    place: onlyPlace(words),
    slant: slantIn(values),
    timeoutMs: wholeOf("--timeout-ms", values["timeout-ms"], 100, 60_000),
    binary: values.binary,
  }));
