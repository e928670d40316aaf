import { type JoinRequest, JoinRequestSchema, TTL_MAX_MS } from "../../domain/join.ts";
import { isName, NAME_RULE } from "../../domain/plain/names.ts";
import { type Access, accessSettings, BadArgument, type Environment } from "../shared/arguments/flags.ts";
import { timeFlag } from "../shared/arguments/time-flag.ts";

/** The act on join codes. */
export type JoinAct =
  | { kind: "create"; request: JoinRequest; out: string | undefined }
  | { kind: "list" }
  | { kind: "revoke"; join: string };

export interface Settings extends Access {
  act: JoinAct;
  /** Print the detector's answer as JSON. */
  json: boolean;
}

const OPTIONS = {
  sites: { type: "string" },
  id: { type: "string" },
  site: { type: "string" },
  region: { type: "string" },
  provider: { type: "string" },
  for: { type: "string" },
  note: { type: "string" },
  out: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

export const USAGE = `Usage: parallax join create vantage --sites LIST [options]
       parallax join create agent --sites LIST [options]
       parallax join list
       parallax join revoke JOIN

A join code is for one use: parallax vantage or parallax agent trades it for a
token of its own, by --join-file. create prints the code and nothing else, and
on stderr when it expires.

  --url URL         the detector; or PARALLAX_URL
  --token-file FILE holds a token of scope admin; or PARALLAX_TOKEN
  --sites LIST      names with commas: the sites a vantage is made for, or the
                    word all; of which an agent may speak for one target
  --id NAME         of the vantage it makes; or the one target the agent may
                    speak for
  --site NAME       the site a vantage stands in, if it stands inside one
  --region NAME, --provider NAME
                    where a vantage stands: votes of one region are no quorum.
                    All of which nobody says it count as one place
  --for TIME        for so long it can be traded: 90s, 15m, 1h at most;
                    default 15m
  --note TEXT       for people, at most 100 characters
  --out FILE        write the code there, readable by nobody else, and not to
                    stdout. A file that is there already is not overwritten,
                    and no code is made then
  --json            print the detector's answer; not with --out

Exit codes: 0 done; 1 the detector does not do it, and says why, or FILE cannot
be written; 2 wrong arguments; 3 the token is refused; 4 the detector was not
reached.

Example:
  parallax join create vantage --sites fra,ams --id hel-1 --region hel \\
    --provider hetzner --out hel-1.join
`;

type Flags = Partial<Record<Exclude<keyof typeof OPTIONS, "json">, string | undefined>>;
const FOR_CREATE = ["sites", "id", "site", "region", "provider", "for", "note", "out"] as const;
/** Flags by the schema's name, where that differs. */
const FLAG_OF: Record<string, string> = { ttlMs: "for" };

const requestOf = (kind: string | undefined, flags: Flags): JoinRequest => {
  const { sites, id, site, region, provider, note, for: time } = flags;
  if (kind !== "vantage" && kind !== "agent")
    throw new BadArgument("create takes one of the words vantage and agent");
  if (sites === undefined)
    throw new BadArgument(`--sites is required: names with commas${kind === "vantage" ? ", or all" : ""}`);
  const parsed = JoinRequestSchema.safeParse({
    kind,
    id,
    site,
    region,
    provider,
    note,
    sites: sites === "all" ? sites : sites.split(","),
    ...(time === undefined ? {} : { ttlMs: timeFlag("--for", time, TTL_MAX_MS) }),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const [field = "", index] = issue?.path ?? [];
  const which = index === undefined ? "" : ` number ${Number(index) + 1}`;
  throw new BadArgument(
    `--${FLAG_OF[String(field)] ?? String(field)}${which} ${issue?.message ?? "is wrong"}`,
  );
};

const actOf = (flags: Flags, [kind, ...words]: string[], json: boolean): JoinAct => {
  const [word, ...more] = words;
  if (kind === "create" && more.length === 0) {
    const { out } = flags;
    if (out === "") throw new BadArgument("--out must name a file");
    if (out !== undefined && json)
      throw new BadArgument("--json and --out exclude each other: the JSON holds the code");
    return { kind, request: requestOf(word, flags), out };
  }
  if (kind !== "list" && kind !== "revoke")
    throw new BadArgument(
      kind === "create"
        ? "create takes one of the words vantage and agent"
        : "say what to do: create, list, revoke",
    );
  const stray = FOR_CREATE.find((name) => flags[name] !== undefined);
  if (stray !== undefined) throw new BadArgument(`--${stray} cannot be used with ${kind}`);
  if (kind === "list") {
    if (word !== undefined) throw new BadArgument("list takes no JOIN");
    return { kind };
  }
  if (word === undefined || more.length > 0) throw new BadArgument("revoke takes exactly one JOIN");
  if (!isName(word)) throw new BadArgument(`JOIN ${NAME_RULE}`);
  return { kind, join: word };
};

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string =>
  accessSettings(args, environment, OPTIONS, ({ json, ...flags }, words) => ({
    act: actOf(flags, words, json),
    json,
  }));
