import { createRoute } from "@hono/zod-openapi";
import type { MuteAnswer } from "../../domain/mute.ts";
import type { AggregatorRpc } from "../../domain/rpc.ts";
import { admin, reader, readableSites } from "../access/auth.ts";
import { jsonBody } from "../http/request-body.ts";
import { shardsFor } from "../access/snapshots.ts";
import type { Api, ApiContext } from "../context.ts";
import { IdParams, json, problems, schemas, security, SiteQuery } from "../openapi/descriptions.ts";
import { ApiError, valueOf } from "../errors/api-error.ts";
import { readAnswering, readEach, unlessEarlier, writeShard, writeSite } from "../aggregators/shard-calls.ts";

const tags = ["mutes"];
const path = "/v1/mutes/{id}";

const putRoute = createRoute({
  method: "put",
  path,
  tags,
  security,
  summary: "Mute a target or a site until an instant: judged as ever, and marked in what is notified",
  middleware: [admin, ...jsonBody],
  request: { params: IdParams, body: { required: true, content: json(schemas.MuteRequest) } },
  responses: {
    200: { description: "Replaced", content: json(schemas.Mute) },
    201: { description: "Made", content: json(schemas.Mute) },
    ...problems(400, 401, 403, 404, 409, 413, 415, 503),
  },
});

const listRoute = createRoute({
  method: "get",
  path: "/v1/mutes",
  tags,
  security,
  summary: "The mutes in force, by id",
  middleware: [reader],
  request: { query: SiteQuery },
  responses: {
    200: { description: "The mutes", content: json(schemas.Mutes) },
    ...problems(400, 401, 403, 503),
  },
});

const getRoute = createRoute({
  method: "get",
  path,
  tags,
  security,
  summary: "A mute in force",
  middleware: [reader],
  request: { params: IdParams },
  responses: {
    200: { description: "The mute", content: json(schemas.Mute) },
    ...problems(400, 401, 403, 404, 503),
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path,
  tags,
  security,
  summary: "End a mute before its time",
  middleware: [admin],
  request: { params: IdParams },
  responses: { 204: { description: "Ended" }, ...problems(400, 401, 403, 404, 503) },
});

interface Found {
  shard: number;
  mute: MuteAnswer;
}

/** The mutes of a shard. An aggregator of an earlier release has none. */
const listMutes = (aggregator: AggregatorRpc): PromiseLike<MuteAnswer[]> =>
  unlessEarlier(
    () => aggregator.listMutes(),
    () => [],
  );

/** The mutes of a site, or of all sites that the token reads, by id. */
const mutesOf = async (c: ApiContext, site?: string): Promise<Found[]> => {
  const lists = await readEach(c, shardsFor(c, site), listMutes);
  const allowed = site === undefined ? readableSites(c) : [site];
  return [...lists]
    .flatMap(([shard, mutes]) => mutes.map((mute) => ({ shard, mute })))
    .filter(({ mute }) => allowed?.includes(mute.site) ?? true)
    .toSorted(({ mute: a }, { mute: b }) => (a.id < b.id ? -1 : 1));
};

const noMute = (id: string): ApiError =>
  new ApiError("not-found", `there is no mute "${id}"`, [{ path: "id", message: "is not known" }]);

/** `PUT`, `GET` and `DELETE` of mutes. A mute is kept with its site, and its id does not name the site, so all shards are asked for it. */
export const addMutes = (app: Api): void => {
  app.openapi(putRoute, async (c) => {
    const { id } = c.req.valid("param");
    const request = c.req.valid("json");
    // Trouble in one shard must not keep the caller from muting a site of another.
    const known = (await readAnswering(c, listMutes)).flat();
    const other = known.find((mute) => mute.id === id && mute.site !== request.site);
    if (other !== undefined)
      throw new ApiError(
        "conflict",
        `mute "${id}" is one of site "${other.site}": delete it, or take another id`,
        [{ path: "site", message: `must be ${other.site}` }],
      );
    const made = valueOf(await writeSite(c, request.site, (a) => a.putMute(id, request), true));
    return made.created ? c.json(made.mute, 201) : c.json(made.mute, 200);
  });

  app.openapi(listRoute, async (c) => {
    const found = await mutesOf(c, c.req.valid("query").site);
    return c.json({ mutes: found.map(({ mute }) => mute) }, 200);
  });

  app.openapi(getRoute, async (c) => {
    const { id } = c.req.valid("param");
    const [found] = (await mutesOf(c)).filter(({ mute }) => mute.id === id);
    if (found === undefined) throw noMute(id);
    return c.json(found.mute, 200);
  });

  app.openapi(deleteRoute, async (c) => {
    const { id } = c.req.valid("param");
    const found = (await mutesOf(c)).filter(({ mute }) => mute.id === id);
    if (found.length === 0) throw noMute(id);
    // Two mutes that were made at once for two sites may have the same id.
    for (const { shard } of found) valueOf(await writeShard(c, shard, (a) => a.deleteMute(id)));
    return c.body(null, 204);
  });
};
