import { createRoute } from "@hono/zod-openapi";
import { UNTOLD, type Vantage, type VantageAnswer, type VantageState } from "../../domain/vantage.ts";
import { admin, reader, readableSites } from "../access/auth.ts";
import { jsonBody } from "../http/request-body.ts";
import { shardsFor } from "../access/snapshots.ts";
import type { Api, ApiContext } from "../context.ts";
import { unstored } from "../http/headers.ts";
import { IdParams, json, problems, schemas, security, Unstored } from "../openapi/descriptions.ts";
import { valueOf } from "../errors/api-error.ts";
import { readAll, tellOthers, writeRegistry } from "../aggregators/shard-calls.ts";
import { makeToken } from "./token-routes.ts";

const listRoute = createRoute({
  method: "get",
  path: "/v1/vantages",
  tags: ["vantages"],
  security,
  summary: "Where we look from, and whether each can be believed",
  middleware: [reader],
  responses: {
    200: { description: "The vantages", content: json(schemas.Vantages) },
    ...problems(401, 403, 503),
  },
});

const postRoute = createRoute({
  method: "post",
  path: "/v1/vantages",
  tags: ["vantages"],
  security,
  summary: "Register a remote vantage; this answer alone shows its token",
  middleware: [unstored, admin, ...jsonBody],
  request: { body: { required: true, content: json(schemas.VantageRequest) } },
  responses: {
    201: { description: "Registered", headers: Unstored, content: json(schemas.NewVantage) },
    ...problems(400, 401, 403, 409, 413, 415, 503),
  },
});

const rotateRoute = createRoute({
  method: "post",
  path: "/v1/vantages/{id}/rotate",
  tags: ["vantages"],
  security,
  summary: "Give a remote vantage a new token; the old one opens nothing any more",
  middleware: [unstored, admin],
  request: { params: IdParams },
  responses: {
    200: { description: "Rotated", headers: Unstored, content: json(schemas.NewVantage) },
    ...problems(400, 401, 403, 404, 503),
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/v1/vantages/{id}",
  tags: ["vantages"],
  security,
  summary: "Forget a remote vantage and revoke its token",
  middleware: [admin],
  request: { params: IdParams },
  responses: { 204: { description: "Forgotten" }, ...problems(400, 401, 403, 404, 503) },
});

/** From best to worst: a vantage that is not well in one shard is shown as not well. */
const STATES: VantageState[] = ["sound", "suspect", "faulty", "silent"];

/** A vantage without targets in a shard need not report to that shard, and its silence there says nothing. */
const isIdle = ({ turns }: VantageAnswer): boolean => turns.assignedPerSecond === 0;

const worse = (left: VantageAnswer, right: VantageAnswer): Pick<VantageAnswer, "state" | "reason"> => {
  const isLeftWorse = STATES.indexOf(left.state) > STATES.indexOf(right.state);
  const isLeft = isIdle(left) === isIdle(right) ? isLeftWorse : isIdle(right);
  const { state, reason } = isLeft ? left : right;
  return { state, reason };
};

const later = (left: string | null, right: string | null): string | null =>
  (left ?? "") > (right ?? "") ? left : right;

const fullness = ({ turns }: VantageAnswer): number => turns.assignedPerSecond / turns.perSecond;

/** A control that is missed in one shard is shown as missed. */
const mergeControls = (
  left: VantageAnswer["controls"],
  right: VantageAnswer["controls"],
): VantageAnswer["controls"] => [
  ...left.map((control) => right.find(({ url, answered }) => url === control.url && !answered) ?? control),
  ...right.filter(({ url }) => !left.some((control) => control.url === url)),
];

const merge = (left: VantageAnswer, right: VantageAnswer): VantageAnswer => ({
  ...left,
  colo: left.colo ?? right.colo,
  ...worse(left, right),
  lastReportAt: later(left.lastReportAt, right.lastReportAt),
  rearmed: left.rearmed + right.rearmed,
  counts: {
    reports: left.counts.reports + right.counts.reports,
    observations: left.counts.observations + right.counts.observations,
    dropped: left.counts.dropped + right.counts.dropped,
    refused: left.counts.refused + right.counts.refused,
  },
  turns: {
    ...(fullness(left) >= fullness(right) ? left : right).turns,
    due: left.turns.due + right.turns.due,
    missed: left.turns.missed + right.turns.missed,
  },
  controls: mergeControls(left.controls, right.controls),
});

/** One entry for each vantage, though each shard has an object of its own in every region. */
export const mergeVantages = (lists: VantageAnswer[][]): VantageAnswer[] => {
  const merged = new Map<string, VantageAnswer>();
  for (const vantage of lists.flat()) {
    const known = merged.get(vantage.id);
    merged.set(vantage.id, known === undefined ? vantage : merge(known, vantage));
  }
  return [...merged.values()];
};

/** An answer without the figures of other sites: how many looks there are to take, how many were taken, and which sites it is made for. */
const confined = (vantage: VantageAnswer, sites: readonly string[]): VantageAnswer => ({
  ...vantage,
  counts: { reports: 0, observations: 0, dropped: 0, refused: 0 },
  turns: UNTOLD,
  sites: Array.isArray(vantage.sites) ? vantage.sites.filter((site) => sites.includes(site)) : vantage.sites,
});

const isFor = ({ site, sites: made }: VantageAnswer, sites: readonly string[]): boolean =>
  (site === null || sites.includes(site)) &&
  (!Array.isArray(made) || made.some((one) => sites.includes(one)));

/** The vantages that a token confined to `sites` sees: those that may probe one of these sites. Undefined: all, with all figures. */
export const vantagesFor = (
  sites: readonly string[] | undefined,
  vantages: VantageAnswer[],
): VantageAnswer[] =>
  sites === undefined
    ? vantages
    : vantages.filter((one) => isFor(one, sites)).map((one) => confined(one, sites));

const tokenFor = (c: ApiContext, vantage: string) => makeToken(c, { scope: "vantage", vantage });

/** `GET /v1/vantages`, merged over the shards, and the calls that make, rotate and forget remote ones. */
export const addVantages = (app: Api): void => {
  app.openapi(listRoute, async (c) => {
    // Shards of other sites are not asked.
    const shards = shardsFor(c, undefined);
    const [lists, healths] = await Promise.all([
      readAll(c, (a) => a.listVantages(), shards),
      readAll(c, (a) => a.health(), shards),
    ]);
    const aggregators = healths.map(({ colo = null }, index) => ({ shard: shards[index] ?? 0, colo }));
    const vantages = vantagesFor(readableSites(c), mergeVantages(lists));
    return c.json({ vantages, aggregators }, 200);
  });

  app.openapi(postRoute, async (c) => {
    const body = c.req.valid("json");
    const vantage: Vantage = {
      kind: "remote",
      ...body,
      ...(body.site === undefined ? {} : { sites: body.sites ?? [body.site] }),
    };
    const { token, hash, shown } = await tokenFor(c, vantage.id);
    valueOf(await writeRegistry(c, (a) => a.addVantage(vantage, shown, hash)));
    await tellOthers(c);
    return c.json({ ...vantage, token }, 201);
  });

  app.openapi(rotateRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { token, hash, shown } = await tokenFor(c, id);
    const { rotations: _, ...vantage } = valueOf(
      await writeRegistry(c, (a) => a.rotateVantage(id, shown, hash), true),
    );
    await tellOthers(c);
    return c.json({ ...vantage, token }, 200);
  });

  app.openapi(deleteRoute, async (c) => {
    const { id } = c.req.valid("param");
    valueOf(await writeRegistry(c, (a) => a.deleteVantage(id)));
    await tellOthers(c);
    return c.body(null, 204);
  });
};
