import { parseEndpoint } from "./domain/address.ts";
import type { AggregatorRpc, ConductorRpc, VantageRpc } from "./domain/rpc.ts";
import type { Vantage } from "./domain/vantage.ts";

/** Cloudflare's location hints: where a regional vantage can be pinned. */
const LOCATION_HINTS: readonly string[] = [
  "wnam",
  "enam",
  "sam",
  "weur",
  "eeur",
  "apac",
  "apac-ne",
  "apac-se",
  "oc",
  "afr",
  "me",
];
const MAX_CONTROLS = 8;
const MAX_SHARDS = 1_024;
const MAX_UP_AGE_MS = 1_000;
/**
 * Looks a second at one host and port: as many as one vantage takes in all. Seven vantages look at 17 targets of one place every 5 s, or at
 * 107 every 30 s. A target is one node, and a node has a place of its own.
 */
const PLACE_LOOKS = 25;
const MAX_PLACE_LOOKS = 10_000;
/** 128 bits are 32 hexadecimal digits, or 22 characters of base64, and a good password has as many. */
const TOKEN_MIN = 22;

/** The bindings Parallax is deployed with; secrets may be missing. */
export interface Bindings {
  AGGREGATOR: DurableObjectNamespace;
  VANTAGE: DurableObjectNamespace;
  CONDUCTOR: DurableObjectNamespace;
  VANTAGES?: string;
  CONTROLS?: string;
  SHARDS?: string;
  AGGREGATOR_HINT?: string;
  ALLOW_PRIVATE?: string;
  UP_MAX_AGE_MS?: string;
  PLACE_LOOKS_MAX?: string;
  RESOLVER?: string;
  ADMIN_TOKEN?: string;
  READ_TOKEN?: string;
}

export interface Config {
  /** The regional vantages, in staggering order. */
  vantages: Vantage[];
  controls: string[];
  /** 0 where SHARDS is wrong. */
  shards: number;
  /**
   * Whether the variables say where aggregators are to be. Otherwise none must be made, since an aggregator stays where it is first put.
   */
  isPlaced: boolean;
  aggregatorHint: DurableObjectLocationHint | undefined;
  allowPrivate: boolean;
  /** How old an answer of `/up` may be; 0: the aggregator is asked each time. */
  upMaxAgeMs: number;
  /** How often a second all targets of a shard together may look at one host and port. */
  placeLooksMax: number;
  /** Where the machine's own resolver looks names up; not asked unless `allowPrivate`. */
  resolver: string | undefined;
  adminToken: string | undefined;
  readToken: string | undefined;
  /** One sentence for each variable that is wrong or missing; the deployment serves only when empty. */
  problems: string[];
  /** One sentence for each variable that works and should not stay so. */
  warnings: string[];
}

const list = (text: string | undefined): string[] =>
  (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

const isShardCount = (shards: number): boolean =>
  Number.isInteger(shards) && shards >= 1 && shards <= MAX_SHARDS;

const isUpAge = (text: string): boolean => /^\d{1,4}$/.test(text) && Number(text) <= MAX_UP_AGE_MS;

/** The age that `/up` may have, or 0 with the problem. */
const upAge = (text = "0"): { ageMs: number; problems: string[] } =>
  isUpAge(text)
    ? { ageMs: Number(text), problems: [] }
    : { ageMs: 0, problems: [`UP_MAX_AGE_MS must be a whole number of 0 to ${MAX_UP_AGE_MS}`] };

const placeLooks = (text = String(PLACE_LOOKS)): number =>
  /^[1-9]\d{0,4}$/.test(text) && Number(text) <= MAX_PLACE_LOOKS ? Number(text) : 0;

/** Reads the variables once. Never throws: what is wrong is named in `problems`. */
export const parseConfig = (env: Bindings): Config => {
  const regions = list(env.VANTAGES);
  const controls = list(env.CONTROLS);
  const shards = Number(env.SHARDS ?? "1");
  const hint = env.AGGREGATOR_HINT ?? "";
  const allow = env.ALLOW_PRIVATE ?? "false";
  const placement = placementProblem(hint, allow);
  const up = upAge(env.UP_MAX_AGE_MS);
  const placeLooksMax = placeLooks(env.PLACE_LOOKS_MAX);
  const problems = [
    ...regionProblems(regions),
    ...controlProblems(controls),
    isShardCount(shards) ? "" : `SHARDS must be 1 to ${MAX_SHARDS}`,
    placement,
    ...privateProblems(allow, env.RESOLVER),
    ...up.problems,
    placeLooksMax > 0 ? "" : `PLACE_LOOKS_MAX must be a whole number of 1 to ${MAX_PLACE_LOOKS}`,
    env.ADMIN_TOKEN ? "" : "ADMIN_TOKEN is not set: nobody can configure targets",
    ...tokenProblems(env),
  ];
  const warnings = allow === "true" ? [] : weakTokens(env);
  return {
    vantages: regions.map((id) => ({ id, kind: "regional", region: id, provider: "cloudflare" })),
    controls,
    shards: isShardCount(shards) ? shards : 0,
    isPlaced: placement === "",
    aggregatorHint: hint === "" ? undefined : (hint as DurableObjectLocationHint),
    allowPrivate: allow === "true",
    upMaxAgeMs: up.ageMs,
    placeLooksMax: placeLooksMax || PLACE_LOOKS,
    resolver: env.RESOLVER === "" ? undefined : env.RESOLVER,
    adminToken: env.ADMIN_TOKEN || undefined,
    readToken: env.READ_TOKEN || undefined,
    problems: problems.filter((problem) => problem !== ""),
    warnings,
  };
};

/** A detector on the operator's own machine, where private places may be probed, has only one place to be. */
const placementProblem = (hint: string, allowPrivate: string): string => {
  if (LOCATION_HINTS.includes(hint) || (hint === "" && allowPrivate === "true")) return "";
  const hints = LOCATION_HINTS.join(" ");
  return hint === ""
    ? `AGGREGATOR_HINT is not set: aggregators stay for good where they are first put, so name the place nearest to most readers before the first deploy (${hints})`
    : `AGGREGATOR_HINT: "${hint}" is no location hint (${hints})`;
};

const parsed = new WeakMap<Bindings, Config>();

/** The configuration of this isolate, parsed at the first call. */
export const configOf = (env: Bindings): Config => {
  const known = parsed.get(env);
  if (known !== undefined) return known;
  const config = parseConfig(env);
  parsed.set(env, config);
  return config;
};

const regionProblems = (regions: string[]): string[] => [
  regions.length > 0 ? "" : "VANTAGES names no vantage",
  new Set(regions).size === regions.length ? "" : "VANTAGES names a vantage twice",
  ...regions
    .filter((region) => !LOCATION_HINTS.includes(region))
    .map((region) => `VANTAGES: "${region}" is no location hint (${LOCATION_HINTS.join(" ")})`),
];

const privateProblems = (allow: string, resolver = ""): string[] => [
  allow === "true" || allow === "false" ? "" : 'ALLOW_PRIVATE must be "true" or "false"',
  /^https?:/.test(resolver) && typeof parseEndpoint(resolver) !== "string"
    ? ""
    : resolver && "RESOLVER must be empty or a URL that begins with http:// or https://",
];

/** A token must fit into one header and one comparison. */
const tokenProblems = ({ ADMIN_TOKEN, READ_TOKEN }: Bindings): string[] => [
  ...Object.entries({ ADMIN_TOKEN, READ_TOKEN })
    .filter(([, token]) => !/^[\x21-\x7e]{0,200}$/.test(token ?? ""))
    .map(([name]) => `${name} must be at most 200 printable ASCII characters without a space`),
  ADMIN_TOKEN && ADMIN_TOKEN === READ_TOKEN
    ? "READ_TOKEN is the same as ADMIN_TOKEN, so whoever may read may change everything: set another"
    : "",
];

/** Tokens that can be guessed by trying: the tokens of `npm run dev` are in its file, and short ones are soon found. */
const weakTokens = ({ ADMIN_TOKEN, READ_TOKEN }: Bindings): string[] =>
  Object.entries({ ADMIN_TOKEN, READ_TOKEN }).flatMap(([name, token]) => {
    if (!token) return [];
    if (/^local\W/.test(token))
      return [`${name} is like those of npm run dev, which everybody knows: set one that nobody can guess`];
    return token.length < TOKEN_MIN
      ? [`${name} has ${token.length} characters: set one of ${TOKEN_MIN} or more that nobody can guess`]
      : [];
  });

const controlProblems = (controls: string[]): string[] => [
  controls.length <= MAX_CONTROLS ? "" : `CONTROLS names more than ${MAX_CONTROLS} endpoints`,
  ...controls
    .map((control) => ({ control, parsed: parseEndpoint(control) }))
    .map(({ control, parsed }) => (typeof parsed === "string" ? `CONTROLS: "${control}" ${parsed}` : "")),
];

/** The aggregator of a shard. Its location hint counts only at first creation. */
export const aggregatorOf = (env: Bindings, config: Config, shard: number): AggregatorRpc => {
  const id = aggregatorId(env.AGGREGATOR, shard);
  const locationHint = config.aggregatorHint;
  const stub = locationHint === undefined ? env.AGGREGATOR.get(id) : env.AGGREGATOR.get(id, { locationHint });
  return stub as unknown as AggregatorRpc;
};

const aggregatorIds = new WeakMap<DurableObjectNamespace, DurableObjectId[]>();

/** Ids are hashes of names: computing one anew for each read would cost as much as the read's other work. */
const aggregatorId = (namespace: DurableObjectNamespace, shard: number): DurableObjectId => {
  const ids = aggregatorIds.get(namespace) ?? [];
  if (ids.length === 0) aggregatorIds.set(namespace, ids);
  return (ids[shard] ??= namespace.idFromName(String(shard)));
};

/** A shard's vantage object in a region, always asked for with its location hint. */
export const vantageOf = (env: Bindings, shard: number, region: string): VantageRpc =>
  env.VANTAGE.get(env.VANTAGE.idFromName(`${shard}/${region}`), {
    locationHint: region as DurableObjectLocationHint,
  }) as unknown as VantageRpc;

/** The conductor of a group, as near to the pollers as the aggregators. */
export const conductorOf = (env: Bindings, config: Config, group: string): ConductorRpc => {
  const id = env.CONDUCTOR.idFromName(group);
  const locationHint = config.aggregatorHint;
  const stub = locationHint === undefined ? env.CONDUCTOR.get(id) : env.CONDUCTOR.get(id, { locationHint });
  return stub as unknown as ConductorRpc;
};
