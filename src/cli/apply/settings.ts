import {
  type Access,
  accessSettings,
  BadArgument,
  type Environment,
  wholeOf,
} from "../shared/arguments/flags.ts";

export interface Settings extends Access {
  file: string;
  /** Change nothing. */
  dryRun: boolean;
  /** Do not ask. */
  yes: boolean;
  /** Delete what the file does not name, within the sites it names. */
  prune: boolean;
  /** Send headers even where their names are unchanged, since their values cannot be compared. */
  sendSecrets: boolean;
  timeoutMs: number;
}

const OPTIONS = {
  "dry-run": { type: "boolean", default: false },
  yes: { type: "boolean", short: "y", default: false },
  prune: { type: "boolean", default: false },
  "send-secrets": { type: "boolean", default: false },
  "timeout-ms": { type: "string", default: "15000" },
} as const;

export const USAGE = `Usage: parallax apply FILE --url URL --token-file FILE [options]

Makes the detector watch what a file says. Prints the difference first, then asks; a second run has
nothing to do. FILE is YAML or JSON, or - for stdin; the fields are those of PUT …/targets/{target}:

  sites:
    fra:
      db-1:
        url: https://10.0.0.1:5432/health
        witness: tcp://10.0.0.1:22
        intervalMs: 5000
        headers: { authorization: "Bearer \${DB_HEALTH_TOKEN}" }
        policy: { restartGraceMs: 30000 }
      db-2: { url: "tcp://10.0.0.2:5432", witness: "tcp://10.0.0.2:22" }

  groups:
    db:
      mode: leader
      members: [{ site: fra, target: db-1 }, { site: fra, target: db-2, priority: 2 }]
      policy: { lease: strict }

The fields of a group are those of PUT /v1/groups/{group}; a member without an address has its target's.

\${NAME} in a header's value is taken from the environment ($\${ is a plain \${). Secrets (header values,
expect.sends, expect.bodyIncludes, values in the query of a URL) are never printed. The detector shows no
header value: where only one of these differs, nothing differs to be seen, so --send-secrets sends them
anew. A target that somebody else changes meanwhile is not overwritten.

  --url URL           the detector; or PARALLAX_URL
  --token-file FILE   holds a token of scope admin; or PARALLAX_TOKEN in the environment
  --dry-run           print the difference and change nothing
  -y, --yes           do not ask
  --prune             delete targets that FILE does not name, within the sites it names. A site written
                      as {} loses all; a site that FILE does not name loses none. The same
                      for groups, all of them, where FILE has groups
  --send-secrets      send the headers of every target that has any
  --timeout-ms N      for one call, 100 to 60000; default 15000

Where nobody can be asked (stdin or stdout is no terminal) and without --yes it only prints.

Exit codes: 0 all is as FILE says; 1 something could not be changed; 2 wrong arguments, or FILE is
wrong; 3 the token is refused; 4 the detector could not be read; 5 there are differences, and they were
not applied (--dry-run, nobody to ask, or the answer was no).

Example:
  parallax apply targets.yaml --dry-run --url https://detector.example --token-file admin.token
`;

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string =>
  accessSettings(args, environment, OPTIONS, (values, words) => {
    const [file, ...more] = words;
    if (file === undefined || more.length > 0) throw new BadArgument("name exactly one FILE, or - for stdin");
    if (values["dry-run"] && values.yes) throw new BadArgument("--dry-run and --yes exclude each other");
    return {
      file,
      dryRun: values["dry-run"],
      yes: values.yes,
      prune: values.prune,
      sendSecrets: values["send-secrets"],
      timeoutMs: wholeOf("--timeout-ms", values["timeout-ms"], 100, 60_000),
    };
  });
