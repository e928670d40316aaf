import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { isName, NAME_RULE } from "../../domain/plain/names.ts";
import {
  type Access,
  BadArgument,
  type Environment,
  heldToken,
  settingsBy,
  tokenOf,
  urlOf,
  wholeOf,
} from "../shared/arguments/flags.ts";
import { placesIn } from "../shared/arguments/place.ts";
import { type CheckerKind, CHECKER_KINDS } from "../../domain/shadow-journal-lines.ts";
import { mapOf } from "./map-file.ts";
import type { PairingRules } from "./pairing.ts";
import { whyUnreadable } from "./real-path.ts";
import { parseReport, REPORT_USAGE, type ReportSettings } from "./report-settings.ts";
import { command } from "./sources/command-source.ts";
import { gatus } from "./sources/gatus-source.ts";
import { haproxy } from "./sources/haproxy-source.ts";
import type { Door } from "./sources/http-source.ts";
import { kuma } from "./sources/kuma-source.ts";
import { prometheus } from "./sources/prometheus-source.ts";
import type { Poll } from "./sources/checker-source.ts";

export interface FollowSettings extends Access {
  does: "follow";
  kind: CheckerKind;
  poll: Poll;
  everyMs: number;
  rules: PairingRules;
  /** The journal. */
  out: string;
  maxBytes: number;
  /** Only print which targets the names stand for. */
  list: boolean;
}

const OPTIONS = {
  url: { type: "string" },
  "token-file": { type: "string" },
  out: { type: "string" },
  "every-ms": { type: "string", default: "5000" },
  "max-mb": { type: "string", default: "64" },
  map: { type: "string", multiple: true, default: [] as string[] },
  "map-file": { type: "string" },
  site: { type: "string" },
  "site-label": { type: "string" },
  query: { type: "string" },
  "bearer-file": { type: "string" },
  "basic-file": { type: "string" },
  nagios: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
} as const;

export const USAGE = `Usage: parallax shadow KIND WHERE --out FILE --url URL --token-file FILE [options]
       parallax shadow command SITE/TARGET... --out FILE [options] -- COMMAND ARGS...
       parallax shadow report FILE... [options]

Writes down what another checker says of your nodes beside what Parallax
says of them, until a signal. It changes nothing and tells nobody. Started
again it goes on with the same FILE. The report compares the two.

KIND and WHERE:
  prometheus URL   Prometheus' API, probe_success or another --query
  gatus URL        Gatus' API
  kuma URL         Uptime Kuma's /metrics; --basic-file holds ":" and an API key
  haproxy URL      HAProxy's page of statistics as CSV, as http://lb:8404/stats;csv;
                   or the path of its stats socket
  command          a command by its exit status, run for each SITE/TARGET; in its
                   ARGS {site} and {target} are filled in

  --url URL           the detector; or PARALLAX_URL
  --token-file FILE   holds a token of scope read; or PARALLAX_TOKEN in the environment
  --out FILE          the journal: made, or gone on with. Nobody else may read it
  --every-ms N        between two looks at the checker, 500 to 300000; default 5000
  --max-mb N          of the journal and the half before it, FILE.1, 1 to 512;
                      default 64
  --map NAME=SITE/TARGET
                      a name of the checker's, where it is not matched by itself;
                      may be given several times
  --map-file FILE     the same in YAML, a line each: Database 1: fra/db-1
  --site NAME         what import was given as --site
  --site-label NAME   Prometheus' label that is the site; without it the first
                      there is of site, dc, zone
  --query PROMQL      one number for each thing, 0 for down; default probe_success
  --bearer-file FILE  a token for the checker; or CHECKER_BEARER in the environment
  --basic-file FILE   USER:PASSWORD for the checker; or CHECKER_BASIC
  --nagios            the command's 1 is up too, its 3 says nothing
  --list              say whom the checker's names stand for, and end

A name is matched by --map; where it is SITE/TARGET; as parallax import would
have named it; or where one target alone has that name in any site.

Exit codes: 0 told to stop, or listed; 1 the journal cannot be written, or --list
matched nothing; 2 wrong arguments, or a journal that cannot be gone on with;
3 the detector refuses the token; 4 --list reached one of them not.

${REPORT_USAGE}
Examples:
  parallax shadow prometheus http://prometheus:9090 --out shadow.jsonl \\
    --url https://detector.example --token-file read.token
  parallax shadow report shadow.jsonl --format html > report.html
`;

/** A checker's address without a slash at its end. */
const whereOf = (text: string | undefined, kind: CheckerKind): string => {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  const socket = kind === "haproxy" ? ", or the path of a socket" : "";
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new BadArgument(`WHERE must begin with http:// or https://${socket}, for KIND ${kind}`);
  if (url.username !== "" || url.password !== "")
    throw new BadArgument("WHERE must not carry credentials: use --bearer-file or --basic-file");
  if (url.hash !== "" || url.search !== "")
    throw new BadArgument("WHERE must not carry a query or a fragment");
  return url.href.replace(/\/+$/, "");
};

/** A secret from a file or the environment, so that no list of processes shows it. */
const secretOf = (flag: string, file: string | undefined, given: string | undefined): string | undefined => {
  if (file === undefined && !given) return undefined;
  let text: string;
  try {
    const why = file === undefined ? undefined : whyUnreadable(file);
    if (why !== undefined) throw new Error(why);
    text = file === undefined ? (given ?? "") : readFileSync(file, "utf8");
  } catch (error) {
    throw new BadArgument(`${flag}: ${(error as Error).message}`);
  }
  const secret = text.replace(/\r?\n$/, "");
  if (/^[\x20-\x7e]+$/.test(secret)) return secret;
  throw new BadArgument(`${flag}: ${file ?? "the environment"} must hold one line of printable ASCII`);
};

interface Secrets {
  "bearer-file"?: string | undefined;
  "basic-file"?: string | undefined;
}

const authorizationOf = (values: Secrets, environment: Environment): string | undefined => {
  const bearer = secretOf("--bearer-file", values["bearer-file"], environment["CHECKER_BEARER"]);
  const pair = secretOf("--basic-file", values["basic-file"], environment["CHECKER_BASIC"]);
  if (bearer !== undefined && pair !== undefined)
    throw new BadArgument("--bearer-file and --basic-file exclude each other");
  if (pair === undefined) return bearer === undefined ? undefined : `Bearer ${bearer}`;
  if (!pair.includes(":")) throw new BadArgument("--basic-file must hold USER:PASSWORD");
  return `Basic ${Buffer.from(pair).toString("base64")}`;
};

/** Flags that only one kind of checker has. */
const OWN: Readonly<Record<string, CheckerKind>> = {
  query: "prometheus",
  "site-label": "prometheus",
  nagios: "command",
};

const isKind = (word: string): word is CheckerKind => (CHECKER_KINDS as readonly string[]).includes(word);

interface Given {
  kind: CheckerKind;
  words: readonly string[];
  /** The words after `--`. */
  line: readonly string[];
}

/** HAProxy's page as CSV. An address without a path needs its slash again. */
const csvOf = (url: string): string => {
  if (/;csv\b/.test(url)) return url;
  return `${url}${new URL(url).pathname === "/" ? "/" : ""};csv`;
};

const MAX_PLACES = 50;
/** Each half of a journal is read whole, as one text. */
const MAX_MB = 512;

const pollOf = (
  { kind, words, line }: Given,
  values: Secrets & { query?: string | undefined; "site-label"?: string | undefined; nagios: boolean },
  environment: Environment,
): Poll => {
  if (kind === "command") {
    if (line.length === 0) throw new BadArgument("name the command after --, as: -- check_tcp -H {target}");
    const places = placesIn([...words]);
    if (places.length > MAX_PLACES)
      throw new BadArgument(`a command is run for ${MAX_PLACES} targets at most`);
    return command({ words: line, isNagios: values.nagios }, places);
  }
  if (line.length > 0) throw new BadArgument("a command after -- is for KIND command");
  const [where, more] = words;
  if (more !== undefined) throw new BadArgument(`unexpected argument "${more}": one WHERE for KIND ${kind}`);
  if (kind === "haproxy" && where?.startsWith("/") === true) return haproxy({ socket: where });
  const door: Door = { url: whereOf(where, kind), authorization: authorizationOf(values, environment) };
  if (kind === "gatus") return gatus(door);
  if (kind === "kuma") return kuma(door);
  if (kind === "haproxy") return haproxy({ ...door, url: csvOf(door.url) });
  const label = values["site-label"];
  return prometheus(
    door,
    values.query ?? "probe_success",
    label === undefined ? ["site", "dc", "zone"] : [label],
  );
};

const parseFollow = (args: string[], environment: Environment): FollowSettings => {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const { values, positionals } = parseArgs({
    args: args.slice(0, end),
    options: OPTIONS,
    strict: true,
    allowPositionals: true,
  });
  const [kind = "", ...words] = positionals;
  if (!isKind(kind)) throw new BadArgument(`KIND must be one of ${CHECKER_KINDS.join(", ")}, or report`);
  for (const [flag, owner] of Object.entries(OWN))
    if (values[flag as keyof typeof values] && kind !== owner)
      throw new BadArgument(`--${flag} is for KIND ${owner}`);
  const { site, out } = values;
  if (site !== undefined && !isName(site)) throw new BadArgument(`--site ${NAME_RULE}`);
  const poll = pollOf({ kind, words, line: args.slice(end + 1) }, values, environment);
  if (!out && !values.list) throw new BadArgument("--out is required: the file that is written");
  return {
    does: "follow",
    url: urlOf(values.url, environment),
    token: heldToken(tokenOf(values["token-file"], environment)),
    kind,
    poll,
    everyMs: wholeOf("--every-ms", values["every-ms"], 500, 300_000),
    rules: { map: mapOf(values.map, values["map-file"]), site },
    out: out ?? "",
    maxBytes: wholeOf("--max-mb", values["max-mb"], 1, MAX_MB) * 1_048_576,
    list: values.list,
  };
};

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (
  args: string[],
  environment: Environment,
): FollowSettings | ReportSettings | string =>
  settingsBy(args, () =>
    args[0] === "report" ? parseReport(args.slice(1)) : parseFollow(args, environment),
  );
