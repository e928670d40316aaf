import { createRoute, z } from "@hono/zod-openapi";
import type { ShardSnapshot } from "../../domain/snapshot.ts";
import { reader, readableSites } from "../access/auth.ts";
import { readSnapshot, shardsFor, targetsIn } from "../access/snapshots.ts";
import type { Api, ApiContext } from "../context.ts";
import { problems, security, SiteQuery } from "../openapi/descriptions.ts";
import { exposed, EXPOSITION_TYPE } from "./exposition.ts";
import { metricsOf } from "./gauges.ts";
import { stateGroupsOrNull } from "../routes/group-list-routes.ts";

const metricsRoute = createRoute({
  method: "get",
  path: "/v1/metrics",
  tags: ["exports"],
  security,
  summary:
    "Prometheus metrics; what a shard or a group that does not answer would say is missing, and the rest is there",
  middleware: [reader],
  request: { query: SiteQuery },
  responses: {
    200: { description: "Text format 0.0.4", content: { "text/plain": { schema: z.string() } } },
    ...problems(400, 401, 403, 404, 503),
  },
});

/** A shard's snapshot, or null where the shard does not answer: an error would discard the whole scrape. */
const censusOrNull = async (
  c: ApiContext,
  shard: number,
  site: string | undefined,
): Promise<ShardSnapshot | null> => {
  try {
    return await readSnapshot(c, shard, site);
  } catch {
    return null;
  }
};

/** `GET /v1/metrics`. */
export const addMetrics = (app: Api): void => {
  app.openapi(metricsRoute, async (c) => {
    const { site } = c.req.valid("query");
    const shards = shardsFor(c, site);
    const [asked, groups] = await Promise.all([
      Promise.all(shards.map((shard) => censusOrNull(c, shard, site))),
      stateGroupsOrNull(c, site),
    ]);
    const censuses = asked.filter((census) => census !== null);
    const isWhole = censuses.length === shards.length;
    const targets = targetsIn(censuses, isWhole ? site : undefined);
    const up = shards.map((shard, index): [number, boolean] => [shard, asked[index] !== null]);
    const text = exposed(
      metricsOf({ up, censuses, targets, groups, sites: readableSites(c), now: Date.now() }),
    );
    return c.text(text, 200, { "Content-Type": EXPOSITION_TYPE });
  });
};
