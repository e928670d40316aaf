import { createRoute, z } from "@hono/zod-openapi";
import { admin } from "../access/auth.ts";
import type { Api } from "../context.ts";
import { json, problems, schemas, security } from "../openapi/descriptions.ts";
import { InstantQuery } from "./instant-query.ts";
import { newestOf, listPlacesIn } from "../aggregators/merged-lists.ts";
import { readEach, shardsOf } from "../aggregators/shard-calls.ts";

const DEFAULT_LIMIT = 50;

const auditRoute = createRoute({
  method: "get",
  path: "/v1/audit",
  tags: ["audit"],
  security,
  summary: "What was changed by this API, newest first: by whom, and what stood there before and after it",
  middleware: [admin],
  request: {
    query: z.object({
      since: InstantQuery.meta({ description: "Not older than this instant, or than so long ago: `-1h`" }),
      until: InstantQuery.meta({ description: "Not newer than this instant, or than so long ago" }),
      cursor: z.string().min(1).max(16_384).optional().meta({ description: "`next` of the page before" }),
      limit: z.coerce.number().int().min(1).max(100).default(DEFAULT_LIMIT),
    }),
  },
  responses: {
    200: { description: "One page", content: json(schemas.Audit) },
    ...problems(400, 401, 403, 503),
  },
});

/** `GET /v1/audit`. Each shard keeps the lines about changes that it was asked to make. */
export const addAudit = (app: Api): void => {
  app.openapi(auditRoute, async (c) => {
    const { since, until, cursor, limit } = c.req.valid("query");
    const places = listPlacesIn(cursor);
    const pages = await readEach(c, shardsOf(c.get("config")), (a, shard) =>
      a.auditBefore({ since, until, before: places.get(shard) ?? null, limit }),
    );
    return c.json(newestOf(pages, limit), 200);
  });
};
