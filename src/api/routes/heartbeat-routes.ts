import { createRoute } from "@hono/zod-openapi";
import { notifier } from "../access/auth.ts";
import { jsonBody } from "../http/request-body.ts";
import type { Api } from "../context.ts";
import { json, problems, schemas, security, TargetParams } from "../openapi/descriptions.ts";
import { valueOf } from "../errors/api-error.ts";
import { writeSite } from "../aggregators/shard-calls.ts";

const base = "/v1/sites/{site}/targets/{target}";
const tags = ["a node's own word"];
const responses = {
  202: { description: "Heard; `accepted` says whether it counts", content: json(schemas.Heard) },
  ...problems(400, 401, 403, 404, 413, 415, 503),
};

const heartbeatRoute = createRoute({
  method: "post",
  path: `${base}/heartbeats`,
  tags,
  security,
  summary: "The node says that it is alive",
  middleware: [notifier, ...jsonBody],
  request: { params: TargetParams, body: { required: true, content: json(schemas.Heartbeat) } },
  responses,
});

const noticeRoute = createRoute({
  method: "post",
  path: `${base}/notices`,
  tags,
  security,
  summary: "A supervisor says that the process exited, stopped or started",
  middleware: [notifier, ...jsonBody],
  request: { params: TargetParams, body: { required: true, content: json(schemas.Notice) } },
  responses,
});

/** `POST …/heartbeats` and `POST …/notices`. Sending one twice does no harm, so both are tried twice. */
export const addWords = (app: Api): void => {
  app.openapi(heartbeatRoute, async (c) => {
    const { site, target } = c.req.valid("param");
    const request = c.req.valid("json");
    return c.json(valueOf(await writeSite(c, site, (a) => a.heartbeat(site, target, request), true)), 202);
  });

  app.openapi(noticeRoute, async (c) => {
    const { site, target } = c.req.valid("param");
    const request = c.req.valid("json");
    return c.json(valueOf(await writeSite(c, site, (a) => a.notice(site, target, request), true)), 202);
  });
};
