import { createRoute, z } from "@hono/zod-openapi";
import { admin, reader, readableSites } from "../access/auth.ts";
import { shardsFor } from "../access/snapshots.ts";
import { jsonBody } from "../http/request-body.ts";
import type { Api } from "../context.ts";
import { IdParams, json, problems, schemas, security } from "../openapi/descriptions.ts";
import { InstantQuery } from "./instant-query.ts";
import { ApiError, valueOf } from "../errors/api-error.ts";
import { readAll, shardIn, writeShard, writeSite } from "../aggregators/shard-calls.ts";

const tags = ["drills"];

const postRoute = createRoute({
  method: "post",
  path: "/v1/drills",
  tags,
  security,
  summary: "Inject a fault for a limited time",
  middleware: [admin, ...jsonBody],
  request: { body: { required: true, content: json(schemas.DrillRequest) } },
  responses: {
    201: { description: "Started", content: json(schemas.Drill) },
    ...problems(400, 401, 403, 404, 409, 413, 415, 503),
  },
});

const listRoute = createRoute({
  method: "get",
  path: "/v1/drills",
  tags,
  security,
  summary: "Drills under way, or all since an instant",
  middleware: [reader],
  request: {
    query: z.object({
      since: InstantQuery.meta({
        description: "Those that have ended since, too: an instant, or so long ago: `-1h`",
      }),
    }),
  },
  responses: {
    200: { description: "The drills", content: json(schemas.Drills) },
    ...problems(400, 401, 403, 503),
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/v1/drills/{id}",
  tags,
  security,
  summary: "End a drill before its time",
  middleware: [admin],
  request: { params: IdParams },
  responses: { 204: { description: "Ended" }, ...problems(400, 401, 403, 404, 503) },
});

/** `POST`, `GET` and `DELETE` of drills. An id names its shard. */
export const addDrills = (app: Api): void => {
  app.openapi(postRoute, async (c) => {
    const request = c.req.valid("json");
    return c.json(valueOf(await writeSite(c, request.site, (a) => a.startDrill(request))), 201);
  });

  app.openapi(listRoute, async (c) => {
    const { since } = c.req.valid("query");
    const lists = await readAll(c, (a) => a.listDrills(since), shardsFor(c, undefined));
    const allowed = readableSites(c);
    const drills = lists
      .flat()
      .filter(({ site }) => allowed?.includes(site) ?? true)
      .toSorted((left, right) => (left.startsAt < right.startsAt ? -1 : 1));
    return c.json({ drills }, 200);
  });

  app.openapi(deleteRoute, async (c) => {
    const { id } = c.req.valid("param");
    const shard = shardIn(id, c.get("config"));
    if (shard === null) throw new ApiError("not-found", `no drill ${id}`);
    valueOf(await writeShard(c, shard, (a) => a.stopDrill(id), true));
    return c.body(null, 204);
  });
};
