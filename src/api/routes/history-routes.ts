import { createRoute, z } from "@hono/zod-openapi";
import { reader } from "../access/auth.ts";
import type { Api } from "../context.ts";
import { json, problems, schemas, security, TargetParams } from "../openapi/descriptions.ts";
import { valueOf } from "../errors/api-error.ts";
import { readSite } from "../aggregators/shard-calls.ts";

const DEFAULT_LIMIT = 20;

const Page = z.object({
  cursor: z.string().min(1).max(200).optional().meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(100).default(DEFAULT_LIMIT),
});

const historyRoute = createRoute({
  method: "get",
  path: "/v1/sites/{site}/targets/{target}/history",
  tags: ["verdicts"],
  security,
  summary: "Transitions, newest first",
  middleware: [reader],
  request: { params: TargetParams, query: Page },
  responses: {
    200: { description: "One page", content: json(schemas.History) },
    ...problems(400, 401, 403, 404, 503),
  },
});

/** `GET …/history`. */
export const addHistory = (app: Api): void => {
  app.openapi(historyRoute, async (c) => {
    const { site, target } = c.req.valid("param");
    const { cursor, limit } = c.req.valid("query");
    const page = await readSite(c, site, (a) => a.history(site, target, cursor ?? null, limit));
    return c.json(valueOf(page), 200);
  });
};
