import { createRoute, z } from "@hono/zod-openapi";
import { admin, isAdmin, reader } from "../access/auth.ts";
import { jsonBody } from "../http/request-body.ts";
import type { Api, NameLookup } from "../context.ts";
import { json, problems, schemas, security, TargetParams } from "../openapi/descriptions.ts";
import { lookingUpOnce } from "./private-places.ts";
import { valueOf } from "../errors/api-error.ts";
import { readSite, writeSite } from "../aggregators/shard-calls.ts";
import { refusingLostHeader, store, wantedTarget } from "./wanted-target.ts";

export const path = "/v1/sites/{site}/targets/{target}";
export const targetTags = ["targets"];
export const IfMatch = z.object({
  "if-match": z.string().optional().meta({ description: "Only if the target still has this ETag" }),
});
export const ETag = z.object({ ETag: z.string() });

const putRoute = createRoute({
  method: "put",
  path,
  tags: targetTags,
  security,
  summary:
    "Create or replace a target. What `GET` gives can be sent back: a mask keeps what is stored, and what the detector itself says may be left out, or is as it stands",
  middleware: [admin, ...jsonBody, refusingLostHeader],
  request: {
    params: TargetParams,
    headers: IfMatch,
    body: { required: true, content: json(schemas.TargetRequest) },
  },
  responses: {
    200: { description: "Replaced", headers: ETag, content: json(schemas.Target) },
    201: { description: "Created", headers: ETag, content: json(schemas.Target) },
    ...problems(400, 401, 403, 409, 412, 413, 415, 503),
  },
});

const getRoute = createRoute({
  method: "get",
  path,
  tags: targetTags,
  security,
  summary:
    "A target's configuration, secrets masked: header values, `expect.sends`, `expect.bodyIncludes`, values in the query of a URL",
  middleware: [reader],
  request: { params: TargetParams },
  responses: {
    200: { description: "The target", headers: ETag, content: json(schemas.Target) },
    ...problems(400, 401, 403, 404, 503),
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path,
  tags: targetTags,
  security,
  summary: "Forget a target and its history",
  middleware: [admin],
  request: { params: TargetParams, headers: IfMatch },
  responses: { 204: { description: "Deleted" }, ...problems(400, 401, 403, 404, 412, 503) },
});

/** `PUT`, `GET` and `DELETE` of a target. */
export const addTargets = (app: Api, edge: NameLookup): void => {
  app.openapi(putRoute, async (c) => {
    const place = c.req.valid("param");
    const wanted = wantedTarget(place, c.req.valid("json"));
    const stored = await store(c, lookingUpOnce(edge), place, wanted, c.req.header("If-Match") ?? null);
    const { created, answer, etag } = valueOf(stored);
    c.header("ETag", etag);
    return c.json(answer, created ? 201 : 200);
  });

  app.openapi(getRoute, async (c) => {
    const { site, target } = c.req.valid("param");
    const { answer, etag } = valueOf(await readSite(c, site, (a) => a.getTarget(site, target, isAdmin(c))));
    c.header("ETag", etag);
    return c.json(answer, 200);
  });

  app.openapi(deleteRoute, async (c) => {
    const { site, target } = c.req.valid("param");
    const ifMatch = c.req.header("If-Match") ?? null;
    valueOf(await writeSite(c, site, (a) => a.deleteTarget(site, target, ifMatch)));
    return c.body(null, 204);
  });
};
