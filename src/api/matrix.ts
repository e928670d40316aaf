import { createRoute } from "@hono/zod-openapi";
import { matrixOf } from "../dashboard/matrix.ts";
import { reader, sitesOf } from "./auth.ts";
import { censusOf, shardsFor, targetsIn } from "./census.ts";
import type { Api } from "./context.ts";
import { json, problems, schemas, security, SiteQuery } from "./document.ts";
import { mergeVantages, vantagesFor } from "./vantages.ts";

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
    const censuses = await Promise.all(shardsFor(c, site).map((shard) => censusOf(c, shard, site)));
    const verdicts = targetsIn(censuses, site).map(({ verdict, aside }) => ({ ...verdict, aside }));
    const vantages = vantagesFor(sitesOf(c), mergeVantages(censuses.map((census) => census.vantages)));
    return c.json(matrixOf(verdicts, vantages, asOf), 200);
  });
};
