import { createRoute, z } from "@hono/zod-openapi";
import type { LeaseRequest } from "../../domain/group.ts";
import { keyOf } from "../../domain/name.ts";
import type { Grant } from "../../domain/token.ts";
import { admin, member, reader } from "../access/auth.ts";
import { jsonBody, optionalJsonBody } from "../http/request-body.ts";
import { readGroup, writeGroup } from "../aggregators/conductor-calls.ts";
import type { Api } from "../context.ts";
import { GroupParams, json, problems, schemas, security } from "../openapi/descriptions.ts";
import { groupRead } from "../access/visible-groups.ts";
import { tags } from "../openapi/group-descriptions.ts";
import { ApiError, invalid, NotLeading, valueOf } from "../errors/api-error.ts";
import { askedBy } from "../aggregators/shard-calls.ts";

const base = "/v1/groups/{group}";
const DEFAULT_LIMIT = 20;

const leaseRoute = createRoute({
  method: "post",
  path: `${base}/lease`,
  tags,
  security,
  summary: "A member asks to lead, or goes on leading; with `released` it says that it has stopped",
  middleware: [member, ...optionalJsonBody],
  request: { params: GroupParams, body: { required: false, content: json(schemas.LeaseRequest) } },
  responses: {
    200: { description: "It leads", content: json(schemas.Lease) },
    204: { description: "It is noted that it has stopped" },
    ...problems(400, 401, 403, 404, 409, 413, 415, 503),
  },
});

const switchRoute = createRoute({
  method: "post",
  path: `${base}/switch`,
  tags,
  security,
  summary: "Have another member lead, once the old leader has stopped or its lease has run out",
  middleware: [admin, ...jsonBody],
  request: { params: GroupParams, body: { required: true, content: json(schemas.SwitchRequest) } },
  responses: {
    202: { description: "Begun; `switching` says until when", content: json(schemas.Group) },
    ...problems(400, 401, 403, 404, 409, 413, 415, 503),
  },
});

const freezeRoute = createRoute({
  method: "post",
  path: `${base}/freeze`,
  tags,
  security,
  summary: "Let nothing change until it is ended or runs out",
  middleware: [admin, ...jsonBody],
  request: { params: GroupParams, body: { required: true, content: json(schemas.FreezeRequest) } },
  responses: {
    200: { description: "Frozen", content: json(schemas.Group) },
    ...problems(400, 401, 403, 404, 409, 413, 415, 503),
  },
});

const thawRoute = createRoute({
  method: "delete",
  path: `${base}/freeze`,
  tags,
  security,
  summary: "End a freeze",
  middleware: [admin],
  request: { params: GroupParams },
  responses: { 204: { description: "Ended" }, ...problems(400, 401, 403, 404, 503) },
});

const historyRoute = createRoute({
  method: "get",
  path: `${base}/history`,
  tags,
  security,
  summary: "Every change, and every one that was withheld, newest first",
  middleware: [reader],
  request: {
    params: GroupParams,
    query: z.object({
      cursor: z.string().min(1).max(200).optional().meta({ description: "`next` of the page before" }),
      limit: z.coerce.number().int().min(1).max(100).default(DEFAULT_LIMIT),
    }),
  },
  responses: {
    200: { description: "One page", content: json(schemas.GroupHistory) },
    ...problems(400, 401, 403, 404, 503),
  },
});

/** The member that a request speaks for: a notify token's own member, or the member that an admin names. Throws ApiError. */
const memberOf = (grant: Grant, { site, target }: LeaseRequest): string => {
  if (grant.scope === "notify") {
    const own = keyOf(grant.site, grant.target);
    const named = keyOf(site ?? grant.site, target ?? grant.target);
    if (named !== own) throw new ApiError("forbidden", `this token speaks for ${own} alone`);
    return own;
  }
  const missing = Object.entries({ site, target }).filter(([, name]) => name === undefined);
  if (missing.length > 0)
    throw invalid(
      missing.map(([field]) => ({ path: field, message: "is required where no notify token says who asks" })),
    );
  return keyOf(site ?? "", target ?? "");
};

/** `POST …/lease`, `…/switch`, `…/freeze`, `DELETE …/freeze` and `GET …/history`. */
export const addGroupActs = (app: Api): void => {
  app.openapi(leaseRoute, async (c) => {
    const { group } = c.req.valid("param");
    // A request without a body asks to lead.
    const request: LeaseRequest = c.req.valid("json") ?? {};
    const name = memberOf(c.get("grant"), request);
    const reply = valueOf(
      await writeGroup(c, group, (a) => a.lease(group, name, request.released ?? null), true),
    );
    if (reply.kind === "released") return c.body(null, 204);
    if (reply.kind === "refused") throw new NotLeading(reply.detail, reply.leader);
    return c.json(reply.answer, 200);
  });

  app.openapi(switchRoute, async (c) => {
    const { group } = c.req.valid("param");
    const request = c.req.valid("json");
    const asked = askedBy(c);
    return c.json(valueOf(await writeGroup(c, group, (a) => a.change(group, request, asked))), 202);
  });

  app.openapi(freezeRoute, async (c) => {
    const { group } = c.req.valid("param");
    const request = c.req.valid("json");
    const asked = askedBy(c);
    return c.json(valueOf(await writeGroup(c, group, (a) => a.freeze(group, request, asked), true)), 200);
  });

  app.openapi(thawRoute, async (c) => {
    const { group } = c.req.valid("param");
    const asked = askedBy(c);
    valueOf(await writeGroup(c, group, (a) => a.thaw(group, asked)));
    return c.body(null, 204);
  });

  app.openapi(historyRoute, async (c) => {
    const { group } = c.req.valid("param");
    const { cursor, limit } = c.req.valid("query");
    await groupRead(c, group);
    return c.json(valueOf(await readGroup(c, group, (a) => a.history(group, cursor ?? null, limit))), 200);
  });
};
