import { createRoute } from "@hono/zod-openapi";
import { admin } from "../access/auth.ts";
import { jsonBody } from "../http/request-body.ts";
import type { Api } from "../context.ts";
import { json, problems, schemas, security, TargetParams } from "../openapi/descriptions.ts";
import { valueOf } from "../errors/api-error.ts";
import { writeSite } from "../aggregators/shard-calls.ts";

const path = "/v1/sites/{site}/targets/{target}/override";
const tags = ["verdicts"];

const putRoute = createRoute({
  method: "put",
  path,
  tags,
  security,
  summary: "An operator's word, which outranks the judge until it runs out",
  middleware: [admin, ...jsonBody],
  request: { params: TargetParams, body: { required: true, content: json(schemas.OverrideRequest) } },
  responses: {
    200: { description: "In force", content: json(schemas.Override) },
    ...problems(400, 401, 403, 404, 409, 413, 415, 503),
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path,
  tags,
  security,
  summary: "Withdraw it",
  middleware: [admin],
  request: { params: TargetParams },
  responses: { 204: { description: "Withdrawn" }, ...problems(400, 401, 403, 404, 503) },
});

/** `PUT` and `DELETE …/override`. */
export const addOverride = (app: Api): void => {
  app.openapi(putRoute, async (c) => {
    const { site, target } = c.req.valid("param");
    const override = c.req.valid("json");
    const shown = await writeSite(c, site, (a) => a.putOverride(site, target, override), true);
    return c.json(valueOf(shown), 200);
  });

  app.openapi(deleteRoute, async (c) => {
    const { site, target } = c.req.valid("param");
    valueOf(await writeSite(c, site, (a) => a.deleteOverride(site, target)));
    return c.body(null, 204);
  });
};
