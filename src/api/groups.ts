import { createRoute, z } from "@hono/zod-openapi";
import { groupRequest, type ListedGroup } from "../domain/group.ts";
import type { StoredGroup } from "../domain/rpc.ts";
import { mayReadSite } from "../domain/token.ts";
import { admin, reader, requireSite, sitesOf } from "./auth.ts";
import { jsonBody } from "./body.ts";
import { readGroup, writeGroup } from "./conductors.ts";
import type { Api, ApiContext } from "./context.ts";
import { GroupParams, json, problems, schemas, security } from "./document.ts";
import { ApiError, valueOf } from "./problem.ts";
import { askedBy, readRegistry, unlessEarlier } from "./shards.ts";
import { ETag } from "./targets.ts";

export const tags = ["groups"];
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

const listRoute = createRoute({
  method: "get",
  path: "/v1/groups",
  tags,
  security,
  summary: "The groups, by name",
  middleware: [reader],
  responses: {
    200: { description: "The groups", content: json(schemas.Groups) },
    ...problems(401, 403, 503),
  },
});

export const noGroup = (group: string): ApiError =>
  new ApiError("not-found", `there is no group "${group}"`, [{ path: "group", message: "is not known" }]);

/** A group as it is, or ApiError 404; 403 where the token may not read the sites of all its members. `region`: of a pool, as seen from there. */
export const groupRead = async (
  c: ApiContext,
  group: string,
  region: string | null = null,
): Promise<StoredGroup> => {
  const found = await readGroup(c, group, (conductor) => conductor.read(group, region));
  if (found === null) throw noGroup(group);
  for (const { site } of found.answer.members) requireSite(c.get("grant"), site);
  return found;
};

/** An aggregator of an earlier release knows of none. */
export const listGroups = async (c: ApiContext): Promise<ListedGroup[]> => {
  const all = await readRegistry(c, (first) =>
    unlessEarlier(
      () => first.listGroups(),
      () => [],
    ),
  );
  const grant = c.get("grant");
  return sitesOf(c) === undefined
    ? all
    : all.filter(({ sites }) => sites.every((site) => mayReadSite(grant, site)));
};

/** `PUT`, `GET` and `DELETE` of groups, and the list of them. */
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

  app.openapi(listRoute, async (c) => c.json({ groups: await listGroups(c) }, 200));
};
