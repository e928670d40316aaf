/** Descriptions of the read routes that run without a schema, for `/openapi.json` alone. */
import { z } from "zod";
import type { Api } from "../context.ts";
import { json, problems, schemas, security, TargetParams } from "./descriptions.ts";
import { MAX_WAIT_MS } from "../http/long-poll.ts";

const tags = ["verdicts"];
const base = "/v1/sites/{site}/targets/{target}";

const asOf = z.object({
  "Verdict-As-Of": z
    .string()
    .optional()
    .meta({ description: "`asOf` of the verdict; absent before the first observation" }),
});
const tagged = asOf.extend({ ETag: z.string() });

const describeVerdict = (app: Api): void => {
  app.openAPIRegistry.registerPath({
    method: "get",
    path: `${base}/verdict`,
    tags,
    security,
    summary: "What is held to be true of a target, and why",
    request: {
      params: TargetParams,
      query: z.object({
        seq: z.int().min(0).optional().meta({ description: "A sequence already known" }),
        waitMs: z
          .int()
          .min(0)
          .max(MAX_WAIT_MS)
          .optional()
          .meta({ description: "Hold the answer this long while the sequence is still `seq`" }),
      }),
      headers: z.object({ "if-none-match": z.string().optional() }),
    },
    responses: {
      200: {
        description: "The verdict",
        headers: tagged.extend({
          "Retry-After": z
            .string()
            .optional()
            .meta({ description: "Of one that should have been held and was not: seconds to wait" }),
        }),
        content: json(schemas.Verdict),
      },
      304: { description: "Still what If-None-Match names", headers: tagged },
      ...problems(400, 401, 403, 404, 503),
    },
  });
};

const line = z.string().max(512).meta({ example: "up alive fra/db-1 seq=42\n" });
const text = (description: string) => ({
  description,
  headers: asOf,
  content: { "text/plain": { schema: line } },
});
const health = (description: string) => ({
  description,
  headers: asOf,
  content: { "application/health+json": { schema: schemas.TargetHealth } },
});

const slant = z.object({
  from: z.string().optional().meta({ description: "A vantage or region: answer as seen from there" }),
  gray: z.literal("down").optional(),
  partition: z.literal("down").optional(),
});

const CHECKS = {
  up: {
    summary: "200: send traffic there; 503: avoid it. Our own trouble: the last answer, or 200",
    query: slant,
    responses: { 200: text("Serve"), 503: text("Avoid") },
  },
  avoid: {
    summary: "200: switch away; 409: do not, or we cannot tell",
    query: slant,
    responses: { 200: text("Avoid"), 409: text("Keep") },
  },
  failover: {
    summary: "200: a successor may take its place; 409: it may not, or we cannot tell",
    query: z.object({}),
    responses: { 200: text("Fail over"), 409: text("Hold") },
  },
  consul: {
    summary:
      "200: passing; 429: a warning, or we cannot tell; 503: critical. Our own trouble: the last answer, or 429",
    query: slant,
    responses: {
      200: text("Serve"),
      429: text("Serve, though it is gray, partitioned or unknown"),
      503: text("Avoid"),
    },
  },
  health: {
    summary: "The same as `application/health+json` (draft-inadarei-api-health-check), one check a vantage",
    query: slant,
    responses: {
      200: health("Serve"),
      429: health("Serve, though it is gray, partitioned or unknown"),
      503: health("Avoid"),
    },
  },
} as const;

const describeChecks = (app: Api): void => {
  for (const [kind, { summary, query, responses }] of Object.entries(CHECKS))
    for (const method of ["get", "head", "options"] as const)
      app.openAPIRegistry.registerPath({
        method,
        path: `${base}/${kind}`,
        tags: ["checks"],
        security,
        summary,
        request: { params: TargetParams, query },
        responses: { ...responses, ...problems(400, 401, 403, 404) },
      });
};

const describeBadge = (app: Api): void => {
  const headers = z.object({ ETag: z.string().optional() });
  app.openAPIRegistry.registerPath({
    method: "get",
    path: `${base}/badge.svg`,
    tags: ["checks"],
    security,
    summary:
      "The target's name and verdict as a picture; without a token where its `publicBadge` says so. Our own trouble: a picture that says so",
    request: { params: TargetParams, headers: z.object({ "if-none-match": z.string().optional() }) },
    responses: {
      200: { description: "The picture", headers, content: { "image/svg+xml": { schema: z.string() } } },
      304: { description: "Still what If-None-Match names", headers },
      ...problems(400, 401, 403, 404),
    },
  });
};

/** Adds the verdict, the checks and the badge to the document. */
export const describeReads = (app: Api): void => {
  describeVerdict(app);
  describeChecks(app);
  describeBadge(app);
};
