import { createRoute, z } from "@hono/zod-openapi";
import { groupRequest } from "../../domain/group.ts";
import { admin, reader } from "../access/auth.ts";
import { groupRead } from "../access/visible-groups.ts";
import { jsonBody } from "../http/request-body.ts";
import { writeGroup } from "../aggregators/conductor-calls.ts";
import type { Api } from "../context.ts";
import { GroupParams, json, problems, schemas, security } from "../openapi/descriptions.ts";
import { valueOf } from "../errors/api-error.ts";
import { askedBy } from "../aggregators/shard-calls.ts";
import { tags } from "../openapi/group-descriptions.ts";
import { ETag } from "./target-routes.ts";

const path = "/v1/groups/{group}";
const IfMatch = z.object({
  "if-match": z
    .string()
    .optional()
    .meta({ description: "Only if the group is still configured as this ETag says" }),
});

const putRoute = createRoute({
  method: "put",
  path,
  tags,
  security,
  summary: "Make a group, or configure it anew. What `GET` gives can be sent back",
  middleware: [admin, ...jsonBody],
  request: {
    params: GroupParams,
    headers: IfMatch,
    body: { required: true, content: json(schemas.GroupRequest) },
  },
  responses: {
    200: { description: "Configured anew", headers: ETag, content: json(schemas.Group) },
    201: { description: "Made", headers: ETag, content: json(schemas.Group) },
    ...problems(400, 401, 403, 409, 412, 413, 415, 503),
  },
});

const getRoute = createRoute({
  method: "get",
  path,
  tags,
  security,
  summary: "Who serves or leads now, since when and why, and what holds a change back",
  middleware: [reader],
  request: { params: GroupParams },
  responses: {
    200: {
      description: "The group; its ETag is of what is configured",
      headers: ETag,
      content: json(schemas.Group),
    },
    ...problems(400, 401, 403, 404, 503),
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path,
  tags,
  security,
  summary: "Delete a group. One of the same name that is made later goes on with its epoch",
  middleware: [admin],
  request: { params: GroupParams, headers: IfMatch },
  responses: { 204: { description: "Deleted" }, ...problems(400, 401, 403, 404, 412, 503) },
});

/** `PUT`, `GET` and `DELETE` of groups. */
export const addGroups = (app: Api): void => {
  app.openapi(putRoute, async (c) => {
    const { group } = c.req.valid("param");
    const request = groupRequest(c.req.valid("json"));
    const ifMatch = c.req.header("If-Match") ?? null;
    const asked = askedBy(c);
    const stored = await writeGroup(c, group, (a) => a.put(group, request, ifMatch, asked), ifMatch === null);
    const { created, answer, etag } = valueOf(stored);
    c.header("ETag", etag);
    return c.json(answer, created ? 201 : 200);
  });

  app.openapi(getRoute, async (c) => {
    const { answer, etag } = await groupRead(c, c.req.valid("param").group);
    c.header("ETag", etag);
    return c.json(answer, 200);
  });

  app.openapi(deleteRoute, async (c) => {
    const { group } = c.req.valid("param");
    const ifMatch = c.req.header("If-Match") ?? null;
    const asked = askedBy(c);
    valueOf(await writeGroup(c, group, (a) => a.remove(group, ifMatch, asked)));
    return c.body(null, 204);
  });
};
