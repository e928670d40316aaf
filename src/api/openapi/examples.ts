/** Examples for the document: bodies that can be sent as they are, and values that cannot be derived from a schema. */
import type { JsonSchema, Media, Operation, Specification } from "./specification.ts";
import { componentOf, resolve } from "./specification.ts";

const AT = "2026-11-22T18:30:04.120Z";

/** By the schema's name. */
const BODIES: Record<string, unknown> = {
  TargetRequest: {
    url: "https://db-1.example.com/health",
    intervalMs: 10_000,
    witness: "tcp://db-1.example.com:22",
    policy: { restartGraceMs: 30_000 },
  },
  TargetPatch: { intervalMs: 5_000, timeoutMs: null, policy: { outsideProof: true } },
  OverrideRequest: { advice: { routing: "avoid" }, reason: "maintenance of the rack", ttlMs: 1_800_000 },
  VantageRequest: { id: "lab-1", region: "hel", provider: "hetzner", sites: ["fra"] },
  Exchange: { version: 3, waitMs: 20_000, reports: [] },
  Heartbeat: { bootId: "9f1c", everyMs: 1_000 },
  Notice: { kind: "crash", bootId: "9f1c" },
  TokenRequest: { scope: "read", sites: ["fra"], note: "PowerDNS" },
  TokenRotation: { graceMs: 600_000 },
  JoinRequest: {
    kind: "vantage",
    id: "lab-1",
    sites: ["fra"],
    region: "hel",
    provider: "hetzner",
    ttlMs: 900_000,
  },
  TradeRequest: { code: "7K3M9QX-2C8RVZ0-HT5WGJ4-PD1AB8Y", nonce: "made-by-who-joins-01", kind: "vantage" },
  WebhookRequest: { url: "https://hooks.example.com/parallax", sites: ["fra"], events: "verdict" },
  MuteRequest: { site: "fra", target: "db-1", until: AT, reason: "maintenance of the rack" },
  DrillRequest: { site: "fra", target: "db-1", fault: "silence", durationMs: 20_000 },
};

/** By the property's or parameter's name. */
const VALUES: Record<string, unknown> = {
  site: "fra",
  target: "db-1",
  vantage: "weur",
  region: "weur",
  provider: "cloudflare",
  id: "t-9f1c2b",
  url: "https://db-1.example.com/health",
  token: "plx_…",
  secret: "whsec_…",
  delivery: "msg-0-17-0",
  deliveryId: "msg-0-17-0",
  sequence: 42,
  status: 400,
  because: "5 of 5 sound vantages got an answer",
  rule: "good",
  reason: "maintenance of the rack",
  from: "weur",
  timeoutMs: 5_000,
  warnings: "no sibling in its site and no witness: silence cannot be told from isolation",
};

const ofText = ({ format, minLength }: JsonSchema): string => {
  if (format === "date-time") return AT;
  if (format === "uri" || format === "url") return "https://example.com/";
  return "x".repeat(Math.max(1, Math.min(minLength ?? 0, 8)));
};

const kindOf = ({ type }: JsonSchema): string | undefined =>
  Array.isArray(type) ? type.find((one) => one !== "null") : type;

const given = (schema: JsonSchema): unknown =>
  schema.example ?? schema.examples?.[0] ?? schema.const ?? schema.default ?? schema.enum?.[0];

/** An object with the required properties only. */
const ofObject = (schema: JsonSchema, document: Specification, depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(schema.properties ?? {})
      .filter(([name]) => schema.required?.includes(name))
      .map(([name, property]) => [name, exampleOf(property, document, name, depth + 1)]),
  );

const MAX_DEPTH = 8;

/** A value that a schema allows, as far as the schema shows it; `name`: of the property that the value is for. */
export const exampleOf = (schema: JsonSchema, document: Specification, name = "", depth = 0): unknown => {
  const found = resolve(schema, document);
  const value = given(found);
  if (value !== undefined) return value;
  if (depth > MAX_DEPTH) return null;
  const [branch] = found.anyOf ?? found.oneOf ?? found.allOf ?? [];
  if (branch !== undefined) return exampleOf(branch, document, name, depth + 1);
  const kind = kindOf(found);
  if (kind === "object") return ofObject(found, document, depth);
  if (kind === "array")
    return found.items === undefined ? [] : [exampleOf(found.items, document, name, depth + 1)];
  return ofScalar(kind, found, VALUES[name]);
};

const ofScalar = (kind: string | undefined, schema: JsonSchema, known: unknown): unknown => {
  if (kind === "string") return typeof known === "string" ? known : ofText(schema);
  if (kind === "boolean") return false;
  return typeof known === "number" ? known : (schema.minimum ?? 0);
};

const withExample = (media: Media, document: Specification): Media => {
  const { schema } = media;
  if (schema === undefined || media.example !== undefined) return media;
  const body = BODIES[componentOf(schema) ?? ""];
  return { ...media, example: body ?? exampleOf(schema, document) };
};

/** Puts an example beside every JSON body of a request. */
export const addExamples = (document: Specification): void => {
  for (const operations of Object.values(document.paths))
    for (const operation of Object.values(operations)) exemplify(operation, document);
};

const exemplify = ({ requestBody }: Operation, document: Specification): void => {
  for (const [type, media] of Object.entries(requestBody?.content ?? {}))
    if (requestBody !== undefined) requestBody.content[type] = withExample(media, document);
};
