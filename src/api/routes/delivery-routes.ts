import { createRoute, z } from "@hono/zod-openapi";
import { NameSchema } from "../../domain/name.ts";
import type { ListedDelivery } from "../../domain/rpc.ts";
import { DeliveryStateSchema } from "../../domain/webhook.ts";
import { admin } from "../access/auth.ts";
import type { Api } from "../context.ts";
import { IdParams, json, problems, schemas, security } from "../openapi/descriptions.ts";
import { ApiError, invalid, valueOf } from "../errors/api-error.ts";
import { readAll, shardIn, writeRegistry, writeShard } from "../aggregators/shard-calls.ts";
import { findWebhook } from "./webhook-routes.ts";

const tags = ["webhooks"];
const DEFAULT_LIMIT = 20;

const Page = z.object({
  state: DeliveryStateSchema.optional(),
  cursor: z.string().min(1).max(200).optional().meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(100).default(DEFAULT_LIMIT),
});
const DeliveryParams = z.object({ id: NameSchema, delivery: NameSchema });

const listRoute = createRoute({
  method: "get",
  path: "/v1/webhooks/{id}/deliveries",
  tags,
  security,
  summary: "What was sent and what waits, newest first",
  middleware: [admin],
  request: { params: IdParams, query: Page },
  responses: {
    200: { description: "One page", content: json(schemas.Deliveries) },
    ...problems(400, 401, 403, 404, 503),
  },
});

const replayRoute = createRoute({
  method: "post",
  path: "/v1/webhooks/{id}/deliveries/{delivery}/replay",
  tags,
  security,
  summary: "Send a message once more, whatever became of it, under the same webhook-id",
  middleware: [admin],
  request: { params: DeliveryParams },
  responses: {
    202: { description: "It will be sent", content: json(schemas.DeliveryId) },
    ...problems(400, 401, 403, 404, 409, 503),
  },
});

const testRoute = createRoute({
  method: "post",
  path: "/v1/webhooks/{id}/test",
  tags,
  security,
  summary: "Send a message of type test, in the way of all others",
  middleware: [admin],
  request: { params: IdParams },
  responses: {
    202: { description: "It will be sent", content: json(schemas.DeliveryId) },
    ...problems(400, 401, 403, 404, 409, 503),
  },
});

/** Instant, shard, batch and message: a place in the list of all shards' deliveries. */
const CURSOR = /^\d{1,15}(-\d{1,10}){3}$/;

const placeIn = (cursor: string | undefined): number[] | null => {
  if (cursor === undefined) return null;
  if (!CURSOR.test(cursor))
    throw invalid([{ path: "cursor", message: "must be a cursor that this list gave as `next`" }]);
  return cursor.split("-").map(Number);
};

const newerFirst = ({ place }: ListedDelivery, { place: other }: ListedDelivery): number => {
  const differs = place.findIndex((part, index) => part !== other[index]);
  return (other[differs] ?? 0) - (place[differs] ?? 0);
};

const uniqueText = (): string => crypto.randomUUID().replaceAll("-", "").slice(0, 16);

/** A webhook's deliveries over all shards, their replay, and test deliveries. */
export const addDeliveries = (app: Api): void => {
  app.openapi(listRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { state, cursor, limit } = c.req.valid("query");
    const before = placeIn(cursor);
    await findWebhook(c, id);
    // One more than asked for shows whether there is another page.
    const lists = await readAll(c, (a) => a.deliveries(id, state ?? null, before, limit + 1));
    const all = lists.flat().toSorted(newerFirst);
    const page = all.slice(0, limit);
    const next = all.length > limit ? (page.at(-1)?.place.join("-") ?? null) : null;
    return c.json({ deliveries: page.map(({ delivery }) => delivery), next }, 200);
  });

  app.openapi(replayRoute, async (c) => {
    const { id, delivery } = c.req.valid("param");
    await findWebhook(c, id);
    const shard = shardIn(delivery, c.get("config"));
    if (shard === null)
      throw new ApiError("not-found", `there is no delivery "${delivery}"`, [
        { path: "delivery", message: "is not known" },
      ]);
    valueOf(await writeShard(c, shard, (a) => a.replayDelivery(id, delivery), true));
    return c.json({ deliveryId: delivery }, 202);
  });

  app.openapi(testRoute, async (c) => {
    const { id } = c.req.valid("param");
    const deliveryId = valueOf(await writeRegistry(c, (a) => a.testWebhook(id, uniqueText())));
    return c.json({ deliveryId }, 202);
  });
};
