import { parseArgs } from "node:util";
import { isName, NAME_RULE } from "../../domain/name.ts";
import { BadArgument, settingsBy } from "../shared/arguments/flags.ts";

export const IMPORT_KINDS = ["gatus", "kuma", "blackbox", "haproxy", "uptimeflare", "route53"] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

export interface Settings {
  kind: ImportKind;
  files: string[];
  /** The site of all targets. */
  site: string | undefined;
  /** Labels of Prometheus that name the site: the first one present counts. */
  siteLabels: string[];
  /** Undefined: stdout. */
  out: string | undefined;
}

const MAX_FILES = 100;

const OPTIONS = {
  site: { type: "string" },
  "site-label": { type: "string" },
  out: { type: "string" },
} as const;

export const USAGE = `Usage: parallax import KIND FILE... [options]

Reads what another checker watches and writes a file for parallax apply. It
asks nobody and changes nothing. Above each target stands where it came from;
at the end, and on stderr, what was not carried over, and why.

KIND, and what its FILEs are (- for stdin):
  gatus        Gatus' configuration, YAML
  kuma         Uptime Kuma's backup, JSON
  blackbox     blackbox_exporter's modules with Prometheus' configuration
               and lists of targets for file_sd, in any order
  haproxy      haproxy.cfg: the servers of its backends
  uptimeflare  uptime.config.ts: the monitors written as plain values; the
               program in it is not run
  route53      the output of aws route53 list-health-checks

  --site NAME        the site of all targets. Without it: Gatus' or Kuma's
                     group, Prometheus' label, HAProxy's backend; "imported"
                     where there is none. A site is what fails together, a
                     zone or a rack: see that what was taken is one
  --site-label NAME  Prometheus' label that is the site; without it the first
                     there is of site, dc, zone
  --out FILE         write there and not to stdout. A file that is there
                     already is not overwritten. Nobody else may read it

Headers that may hold a secret are written as \${NAME}, to be set in the
environment of apply; their names are listed. Targets that would be asked
something else than before come paused. A witness is never made up.

Exit codes: 0 written; 1 there was nothing to carry over, or it could not be
written; 2 wrong arguments, or a FILE is wrong: then nothing is written.

Example:
  parallax import gatus config.yaml --site fra --out targets.yaml
`;

const isKind = (word: string): word is ImportKind => (IMPORT_KINDS as readonly string[]).includes(word);

/** Arguments as settings, or what is wrong with them. */
export const parseSettings = (args: string[]): Settings | string =>
  settingsBy(args, () => {
    const { values, positionals } = parseArgs({
      args,
      options: OPTIONS,
      strict: true,
      allowPositionals: true,
    });
    const [kind = "", ...files] = positionals;
    if (!isKind(kind)) throw new BadArgument(`KIND must be one of ${IMPORT_KINDS.join(", ")}`);
    if (files.length === 0 || files.length > MAX_FILES)
      throw new BadArgument(`name 1 to ${MAX_FILES} FILEs, or - for stdin`);
    if (new Set(files).size !== files.length) throw new BadArgument("name each FILE once");
    const { site, "site-label": label, out } = values;
    if (site !== undefined && !isName(site)) throw new BadArgument(`--site ${NAME_RULE}`);
    if (label !== undefined && (label === "" || kind !== "blackbox"))
      throw new BadArgument("--site-label names a label of Prometheus, for KIND blackbox");
    return { kind, files, site, siteLabels: label === undefined ? ["site", "dc", "zone"] : [label], out };
  });
