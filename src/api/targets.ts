import { createRoute, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { completeTarget } from "../domain/target.ts";
import { admin, isAdmin, reader } from "./auth.ts";
import { jsonBody } from "./body.ts";
import type { Api, ApiContext, ApiEnv, Edge } from "./context.ts";
import { json, problems, schemas, security, TargetParams } from "./document.ts";
import { addressWarnings, harmfulSends, lookingUpOnce, privatePlaces } from "./place.ts";
import { invalid, valueOf } from "./problem.ts";
import { readSite, writeSite } from "./shards.ts";

const path = "/v1/sites/{site}/targets/{target}";
const tags = ["targets"];
const IfMatch = z.object({
  "if-match": z.string().optional().meta({ description: "Only if the target still has this ETag" }),
});
const ETag = z.object({ ETag: z.string() });

const LOST_NAME = "__proto__";

/** The schema passes over this name, as do many programs on the way to a target. Whoever sends it is told, and not left without a header. */
const refuseLostHeader: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const body: unknown = await c.req.json().catch(() => undefined);
  const { headers } = (body ?? {}) as { headers?: unknown };
  if (typeof headers === "object" && headers !== null && Object.hasOwn(headers, LOST_NAME))
    throw invalid([{ path: `headers.${LOST_NAME}`, message: "is no name for a header: give it another" }]);
  await next();
};

const putRoute = createRoute({
  method: "put",
  path,
  tags,
  security,
  summary: "Create or replace a target; a mask, as in `GET`, keeps what is stored",
  middleware: [admin, ...jsonBody, refuseLostHeader],
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
  tags,
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
  tags,
  security,
  summary: "Forget a target and its history",
  middleware: [admin],
  request: { params: TargetParams, headers: IfMatch },
  responses: { 204: { description: "Deleted" }, ...problems(400, 401, 403, 404, 412, 503) },
});

/** Whether remote vantages alone are named: they may stand where a private place is at home. */
const areRemote = async (c: ApiContext, site: string, ids: string[] | undefined): Promise<boolean> => {
  if (ids === undefined) return false;
  const known = await readSite(c, site, (a) => a.listVantages());
  return ids.every((id) => known.some((vantage) => vantage.id === id && vantage.kind === "remote"));
};

/** `PUT`, `GET` and `DELETE` of a target. */
export const addTargets = (app: Api, edge: Edge): void => {
  app.openapi(putRoute, async (c) => {
    const { site, target } = c.req.valid("param");
    const config = completeTarget(c.req.valid("json"));
    const { allowPrivate } = c.get("config");
    const names = lookingUpOnce(edge);
    const misplaced = allowPrivate ? [] : [...harmfulSends(config), ...(await privatePlaces(names, config))];
    if (misplaced.length > 0 && !(await areRemote(c, site, config.vantages))) throw invalid(misplaced);
    const ifMatch = c.req.header("If-Match") ?? null;
    const [result, warnings] = await Promise.all([
      writeSite(c, site, (a) => a.putTarget(site, target, config, ifMatch), ifMatch === null),
      allowPrivate ? [] : addressWarnings(names, config.url),
    ]);
    const { created, answer, etag } = valueOf(result);
    c.header("ETag", etag);
    return c.json({ ...answer, warnings: [...answer.warnings, ...warnings] }, created ? 201 : 200);
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
