import { parseArgs } from "node:util";
import type { EvidenceWanted } from "../../client/client.ts";
import type { Place } from "../../client/paths.ts";
import { isName, NAME_RULE } from "../../domain/name.ts";
import { type Policy, PolicySchema } from "../../domain/target.ts";
import type { WhatIf } from "../../replay/what-if.ts";
import {
  BadArgument,
  type Environment,
  heldToken,
  settingsBy,
  tokenOf,
  urlOf,
} from "../shared/arguments/flags.ts";
import { instantFlag, joinedFlags } from "../shared/arguments/instant-flag.ts";
import { placeIn } from "../shared/arguments/place.ts";

/** The source of the evidence: a detector, or files that hold its answers, page by page. */
export type ReplaySource =
  | { kind: "detector"; url: string; token: string; place: Place; query: EvidenceWanted }
  | { kind: "files"; files: string[] };

export interface Settings {
  source: ReplaySource;
  whatIf: WhatIf;
  /** The file in which the pages are saved unchanged. */
  save: string | undefined;
}

const OPTIONS = {
  url: { type: "string" },
  "token-file": { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
  save: { type: "string" },
  "what-if": { type: "string", multiple: true },
  policy: { type: "string", multiple: true },
} as const;

export const USAGE = `Usage: parallax replay SITE/TARGET --url URL --token-file FILE [options]
       parallax replay URL --token-file FILE [options]
       parallax replay FILE... [options]

Judges again what the detector judged, by the same rules, from the evidence it kept: each judgement with the
rule that decided, and where the result differs from what was published. URL is that of the evidence, as
https://detector.example/v1/sites/fra/targets/db-1/evidence?since=-1h; FILEs hold its answers, in their order.

  --url URL           the detector; or PARALLAX_URL
  --token-file FILE   holds a token of scope read for all sites; or PARALLAX_TOKEN in the environment
  --since WHEN        so long ago as 15m, or an instant; default: as far back as the evidence is kept
  --until WHEN        likewise; default: now
  --save FILE         keep the evidence in a file, for another replay
  --what-if "without vantage ID"
                      as if that vantage had never looked; may be given several times
  --policy KEY=VALUE  as if all targets had this in their policy, as outsideProof=true; may be given several times

Exit codes: 0 all is as it was published, or a what-if was printed; 1 something differs; 2 wrong arguments;
3 the token is refused; 4 the evidence cannot be read.

Examples:
  parallax replay fra/db-1 --url https://detector.example --token-file read.token --since 1h
  parallax replay evidence.json --what-if "without vantage oc"
`;

const WITHOUT = /^without vantage (\S+)$/;

const withoutOf = (texts: readonly string[]): string[] =>
  texts.map((text) => {
    const [, id] = WITHOUT.exec(text.trim().replaceAll(/\s+/g, " ")) ?? [];
    if (id === undefined) throw new BadArgument(`--what-if must be "without vantage ID", not "${text}"`);
    if (!isName(id)) throw new BadArgument(`--what-if: the id of a vantage ${NAME_RULE}`);
    return id;
  });

/** A value in JSON, or else the text itself. */
const valueIn = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

const policyOf = (texts: readonly string[]): Partial<Policy> => {
  const pairs = texts.map((text): [string, unknown] => {
    const equals = text.indexOf("=");
    if (equals < 1) throw new BadArgument(`--policy must be KEY=VALUE, as outsideProof=true, not "${text}"`);
    return [text.slice(0, equals), valueIn(text.slice(equals + 1))];
  });
  const policy = PolicySchema.safeParse(Object.fromEntries(pairs));
  if (policy.success) return policy.data;
  const keys = Object.keys(PolicySchema.shape);
  const [issue] = policy.error.issues;
  const key = String(issue?.path[0] ?? "");
  throw new BadArgument(
    keys.includes(key)
      ? `--policy ${key} cannot have that value: a target's policy in a PUT takes the same`
      : `--policy takes ${keys.join(", ")}`,
  );
};

const EVIDENCE = /^(.*)\/v1\/sites\/([^/]+)\/targets\/([^/]+)\/evidence\/?$/;

/** The parts of an evidence URL; undefined where the word is not a URL. */
const evidenceUrl = (word: string): { url: string; place: Place; query: EvidenceWanted } | undefined => {
  if (!/^https?:\/\//.test(word)) return undefined;
  const url = URL.canParse(word) ? new URL(word) : undefined;
  const [, base, site = "", target = ""] =
    EVIDENCE.exec(url === undefined ? "" : url.origin + url.pathname) ?? [];
  if (url === undefined || base === undefined)
    throw new BadArgument(
      "URL must be that of a target's evidence: https://…/v1/sites/SITE/targets/TARGET/evidence",
    );
  const query: EvidenceWanted = {};
  for (const name of ["since", "until"] as const) {
    const value = url.searchParams.get(name);
    if (value !== null) query[name] = value;
  }
  return { url: base, place: { site, target }, query };
};

interface Values {
  url?: string | undefined;
  "token-file"?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

const sourceOf = (words: readonly string[], values: Values, environment: Environment): ReplaySource => {
  const [word, ...more] = words;
  if (word === undefined)
    throw new BadArgument("name SITE/TARGET, the URL of its evidence, or FILEs that hold it");
  const { since, until } = values;
  const asked: EvidenceWanted = {};
  if (since !== undefined) asked.since = instantFlag("--since", since);
  if (until !== undefined) asked.until = instantFlag("--until", until);
  const place = placeIn(word);
  const isPlace = place !== undefined && (values.url ?? environment["PARALLAX_URL"]) !== undefined;
  const known =
    evidenceUrl(word) ?? (isPlace ? { url: urlOf(values.url, environment), place, query: {} } : undefined);
  if (known === undefined) {
    if (since !== undefined || until !== undefined)
      throw new BadArgument("--since and --until are for a detector: files hold what they hold");
    return { kind: "files", files: [...words] };
  }
  if (more.length > 0) throw new BadArgument(`unexpected argument "${more[0]}": one target at a time`);
  const token = heldToken(tokenOf(values["token-file"], environment));
  return { kind: "detector", ...known, query: { ...known.query, ...asked }, token };
};

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string =>
  settingsBy(args, () => {
    const { values, positionals } = parseArgs({
      args: joinedFlags(args, "--since", "--until"),
      options: OPTIONS,
      strict: true,
      allowPositionals: true,
    });
    return {
      source: sourceOf(positionals, values, environment),
      whatIf: { without: withoutOf(values["what-if"] ?? []), policy: policyOf(values.policy ?? []) },
      save: values.save,
    };
  });
