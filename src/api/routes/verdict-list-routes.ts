import { createRoute } from "@hono/zod-openapi";
import { reader } from "../access/auth.ts";
import { readTargets } from "../access/snapshots.ts";
import type { Api } from "../context.ts";
import { json, problems, schemas, security, SiteQuery } from "../openapi/descriptions.ts";

const verdictsRoute = createRoute({
  method: "get",
  path: "/v1/verdicts",
  tags: ["verdicts"],
  security,
  summary: "What is held to be true of all targets, by site and target",
  middleware: [reader],
  request: { query: SiteQuery },
  responses: {
    200: { description: "The verdicts", content: json(schemas.Verdicts) },
    ...problems(400, 401, 403, 404, 503),
  },
});

/** `GET /v1/verdicts`. */
export const addVerdicts = (app: Api): void => {
  app.openapi(verdictsRoute, async (c) => {
    const targets = await readTargets(c, c.req.valid("query").site);
    return c.json({ verdicts: targets.map(({ verdict }) => verdict) }, 200);
  });
};
