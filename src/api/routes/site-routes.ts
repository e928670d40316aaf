import { createRoute } from "@hono/zod-openapi";
import { isAdmin, reader, readableSites } from "../access/auth.ts";
import { shardsFor } from "../access/snapshots.ts";
import type { Api } from "../context.ts";
import { json, problems, schemas, security, SiteParams } from "../openapi/descriptions.ts";
import { valueOf } from "../errors/api-error.ts";
import { readAll, readSite } from "../aggregators/shard-calls.ts";

const tags = ["targets"];

const sitesRoute = createRoute({
  method: "get",
  path: "/v1/sites",
  tags,
  security,
  summary: "The sites this token reads, and how many targets each has",
  middleware: [reader],
  responses: { 200: { description: "The sites", content: json(schemas.Sites) }, ...problems(401, 403, 503) },
});

const targetsRoute = createRoute({
  method: "get",
  path: "/v1/sites/{site}/targets",
  tags,
  security,
  summary: "The targets of a site, secrets masked",
  middleware: [reader],
  request: { params: SiteParams },
  responses: {
    200: { description: "The targets", content: json(schemas.Targets) },
    ...problems(400, 401, 403, 404, 503),
  },
});

/** Lists of sites and targets. A site is in one shard, so the lists of the shards only need to be joined. */
export const addSites = (app: Api): void => {
  app.openapi(sitesRoute, async (c) => {
    const lists = await readAll(c, (a) => a.listSites(), shardsFor(c, undefined));
    const allowed = readableSites(c);
    const sites = lists
      .flat()
      .filter(({ site }) => allowed?.includes(site) ?? true)
      .toSorted((left, right) => (left.site < right.site ? -1 : 1));
    return c.json({ sites }, 200);
  });

  app.openapi(targetsRoute, async (c) => {
    const { site } = c.req.valid("param");
    const targets = valueOf(await readSite(c, site, (a) => a.listTargets(site, isAdmin(c))));
    return c.json({ targets }, 200);
  });
};
