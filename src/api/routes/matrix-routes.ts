import { createRoute } from "@hono/zod-openapi";
import { matrixOf } from "../../dashboard/matrix-view.ts";
import { reader, readableSites } from "../access/auth.ts";
import { readSnapshot, shardsFor, targetsIn } from "../access/snapshots.ts";
import type { Api } from "../context.ts";
import { json, problems, schemas, security, SiteQuery } from "../openapi/descriptions.ts";
import { mergeVantages, vantagesFor } from "./vantage-routes.ts";

const matrixRoute = createRoute({
  method: "get",
  path: "/v1/matrix",
  tags: ["verdicts"],
  security,
  summary: "What each vantage saw last of each target, in about 10 bytes a cell",
  middleware: [reader],
  request: { query: SiteQuery },
  responses: {
    200: { description: "All targets by all vantages", content: json(schemas.Matrix) },
    ...problems(400, 401, 403, 404, 503),
  },
});

/** `GET /v1/matrix`. */
export const addMatrix = (app: Api): void => {
  app.openapi(matrixRoute, async (c) => {
    const { site } = c.req.valid("query");
    const asOf = Date.now();
    const censuses = await Promise.all(shardsFor(c, site).map((shard) => readSnapshot(c, shard, site)));
    const verdicts = targetsIn(censuses, site).map(({ verdict, aside }) => ({ ...verdict, aside }));
    const vantages = vantagesFor(readableSites(c), mergeVantages(censuses.map((census) => census.vantages)));
    return c.json(matrixOf(verdicts, vantages, asOf), 200);
  });
};
