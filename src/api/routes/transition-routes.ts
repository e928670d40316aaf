import { createRoute, z } from "@hono/zod-openapi";
import { NameSchema } from "../../domain/name.ts";
import { reader, readableSites } from "../access/auth.ts";
import { shardsFor } from "../access/snapshots.ts";
import type { Api } from "../context.ts";
import { json, problems, schemas, security } from "../openapi/descriptions.ts";
import { InstantQuery } from "./instant-query.ts";
import { newestOf, listPlacesIn } from "../aggregators/merged-lists.ts";
import { readEach } from "../aggregators/shard-calls.ts";

const DEFAULT_LIMIT = 50;

const Query = z.object({
  since: InstantQuery.meta({ description: "Not older than this instant, or than so long ago: `-1h`" }),
  until: InstantQuery.meta({ description: "Not newer than this instant, or than so long ago" }),
  site: NameSchema.optional().meta({ description: "Of this site alone" }),
  target: NameSchema.optional().meta({ description: "Of targets of this name alone" }),
  cursor: z.string().min(1).max(16_384).optional().meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(100).default(DEFAULT_LIMIT),
});

const transitionsRoute = createRoute({
  method: "get",
  path: "/v1/transitions",
  tags: ["verdicts"],
  security,
  summary: "Transitions of all targets, newest first",
  middleware: [reader],
  request: { query: Query },
  responses: {
    200: { description: "One page", content: json(schemas.Transitions) },
    ...problems(400, 401, 403, 503),
  },
});

/** `GET /v1/transitions`. */
export const addTransitions = (app: Api): void => {
  app.openapi(transitionsRoute, async (c) => {
    const { since, until, site, target = null, cursor, limit } = c.req.valid("query");
    const places = listPlacesIn(cursor);
    const sites = site === undefined ? (readableSites(c) ?? null) : [site];
    const { entries, next } = newestOf(
      await readEach(c, shardsFor(c, site), (a, shard) =>
        a.transitionsBefore({ since, until, sites, target, before: places.get(shard) ?? null, limit }),
      ),
      limit,
    );
    return c.json({ transitions: entries, next }, 200);
  });
};
