import { createRoute, z } from "@hono/zod-openapi";
import { parseEndpoint } from "../../domain/address.ts";
import { toInstant } from "../../domain/instant.ts";
import type { WebhookTally } from "../../domain/rpc.ts";
import {
  type Webhook,
  type WebhookAnswer,
  type WebhookCounts,
  webhookRequest,
  type WebhookRequest,
} from "../../domain/webhook.ts";
import { maskedWebhook } from "../../domain/webhook-secrets.ts";
import { admin } from "../access/auth.ts";
import { jsonBody } from "../http/request-body.ts";
import type { Api, ApiContext, NameLookup } from "../context.ts";
import { unstored } from "../http/headers.ts";
import { IdParams, json, problems, schemas, security, Unstored } from "../openapi/descriptions.ts";
import { leadsToPrivate } from "./private-places.ts";
import { ApiError, invalid, valueOf } from "../errors/api-error.ts";
import {
  readAll,
  readAnswering,
  readRegistry,
  tellOthers,
  writeRegistry,
} from "../aggregators/shard-calls.ts";

const tags = ["webhooks"];
const path = "/v1/webhooks/{id}";

const putRoute = createRoute({
  method: "put",
  path,
  tags,
  security,
  summary:
    "Make a webhook, whose secret this answer alone shows; or replace one, which sends again and keeps its secret",
  middleware: [unstored, admin, ...jsonBody],
  request: { params: IdParams, body: { required: true, content: json(schemas.WebhookRequest) } },
  responses: {
    200: { description: "Replaced", content: json(schemas.Webhook) },
    201: { description: "Made", headers: Unstored, content: json(schemas.NewWebhook) },
    ...problems(400, 401, 403, 409, 413, 415, 503),
  },
});

const listRoute = createRoute({
  method: "get",
  path: "/v1/webhooks",
  tags,
  security,
  summary: "The webhooks, without their secrets",
  middleware: [admin],
  responses: {
    200: { description: "The webhooks", content: json(schemas.Webhooks) },
    ...problems(401, 403, 503),
  },
});

const getRoute = createRoute({
  method: "get",
  path,
  tags,
  security,
  summary: "A webhook, whether it sends, and what it has sent",
  middleware: [admin],
  request: { params: IdParams },
  responses: {
    200: { description: "The webhook", content: json(schemas.Webhook) },
    ...problems(400, 401, 403, 404, 503),
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path,
  tags,
  security,
  summary: "Forget a webhook and all its deliveries",
  middleware: [admin],
  request: { params: IdParams },
  responses: { 204: { description: "Forgotten" }, ...problems(400, 401, 403, 404, 503) },
});

const rotateRoute = createRoute({
  method: "post",
  path: "/v1/webhooks/{id}/rotate",
  tags,
  security,
  summary: "Give a webhook a new secret, shown once; the old one signs as well for 24 hours",
  middleware: [unstored, admin],
  request: { params: IdParams },
  responses: {
    200: { description: "Rotated", headers: Unstored, content: json(schemas.NewWebhook) },
    ...problems(400, 401, 403, 404, 503),
  },
});

const SECRET_BYTES = 32;

const newSecret = (): string =>
  `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(SECRET_BYTES))))}`;

const NOTHING: WebhookCounts = { pending: 0, delivered: 0, failed: 0, dead: 0, dropped: 0 };

const sumOf = (tallies: WebhookTally[]): WebhookCounts =>
  tallies.reduce(
    (sum, tally) => ({
      pending: sum.pending + tally.pending,
      delivered: sum.delivered + tally.delivered,
      failed: sum.failed + tally.failed,
      dead: sum.dead + tally.dead,
      dropped: sum.dropped + tally.dropped,
    }),
    NOTHING,
  );

const reasonOf = ({ disabled, gone }: Webhook): string | null =>
  disabled ? "disabled by an operator" : gone;

/** A webhook as the API shows it: everything, with its secrets masked or left out. */
const shown = (webhook: Webhook, tallies: WebhookTally[]): WebhookAnswer => {
  const {
    id,
    format = "standard",
    template,
    page,
    sites,
    events,
    // Formats for people report causes.
    bundle = format === "standard" ? "target" : "site",
    groups = "none",
    disabled,
    note,
    keys,
    createdAt,
    updatedAt,
  } = webhook;
  const reason = reasonOf(webhook);
  const own = tallies.filter((tally) => tally.id === id);
  const [refused] = own.flatMap((tally) => tally.refused ?? []).toSorted((a, b) => b.at - a.at);
  const until = Math.max(0, ...keys.map((key) => key.until ?? 0));
  return {
    id,
    ...maskedWebhook(webhook),
    format,
    ...(template === undefined ? {} : { template }),
    ...(page === undefined ? {} : { page }),
    ...(sites === undefined ? {} : { sites }),
    events,
    bundle,
    groups,
    disabled,
    ...(note === undefined ? {} : { note }),
    state: reason === null ? "active" : "disabled",
    reason,
    oldSecretUntil: until > Date.now() ? toInstant(until) : null,
    counts: sumOf(own),
    refused: refused === undefined ? null : { ...refused, at: toInstant(refused.at) },
    createdAt: toInstant(createdAt),
    updatedAt: toInstant(updatedAt),
  };
};

const talliesOf = async (c: ApiContext): Promise<WebhookTally[]> =>
  (await readAll(c, (a) => a.webhookCounts())).flat();

/**
 * The counts after a change, of the shards that answer. The answer must come in any case, since it may be the only one that shows a secret.
 */
const talliesAfter = async (c: ApiContext): Promise<WebhookTally[]> =>
  (await readAnswering(c, (a) => a.webhookCounts())).flat();

/** The webhook with this id. Throws ApiError `not-found`. */
export const findWebhook = async (c: ApiContext, id: string): Promise<Webhook> => {
  const webhook = (await readRegistry(c, (a) => a.webhooks())).find((one) => one.id === id);
  if (webhook === undefined)
    throw new ApiError("not-found", `there is no webhook "${id}"`, [{ path: "id", message: "is not known" }]);
  return webhook;
};

/** A hosted detector that sends to any URL it is given is a way into private networks. Throws ApiError 400. */
const checkPlace = async (c: ApiContext, edge: NameLookup, url: string): Promise<void> => {
  const endpoint = parseEndpoint(url);
  if (c.get("config").allowPrivate || typeof endpoint === "string") return;
  if (endpoint.scheme !== "https") throw invalid([{ path: "url", message: "must begin with https://" }]);
  if (await leadsToPrivate(edge, url))
    throw invalid([
      { path: "url", message: "is a private or loopback place, to which nothing is sent from here" },
    ]);
};

/** Adds the address of the page, for links: the origin of this request, unless the webhook names another. */
const linked = (request: WebhookRequest, asked: string): WebhookRequest =>
  request.format === undefined || request.format === "standard"
    ? request
    : { ...request, page: request.page ?? new URL(asked).origin };

/** The message that a receiver gets, for the document alone. */
const describeMessage = (app: Api): void => {
  app.openAPIRegistry.registerWebhook({
    method: "post",
    path: "message",
    summary: "What a webhook sends, signed by Standard Webhooks",
    request: {
      headers: z.object({
        "webhook-id": z.string().meta({ description: "The same at every attempt: take each once" }),
        "webhook-timestamp": z.string().meta({ description: "Of this attempt, seconds since the epoch" }),
        "webhook-signature": z.string().meta({ description: "`v1,` and base64; two while a secret rotates" }),
      }),
      body: { required: true, content: json(schemas.WebhookMessage) },
    },
    responses: {
      "2XX": { description: "Taken" },
      410: { description: "Nothing more is wanted: the webhook is disabled" },
    },
  });
};

/** `PUT`, `GET`, `DELETE` and rotation of webhooks. Shard 0 keeps them, and every shard sends the messages of its own judgements. */
export const addWebhooks = (app: Api, edge: NameLookup): void => {
  describeMessage(app);
  app.openapi(putRoute, async (c) => {
    const { id } = c.req.valid("param");
    const request = webhookRequest(c.req.valid("json"));
    await checkPlace(c, edge, request.url);
    const secret = newSecret();
    const put = valueOf(await writeRegistry(c, (a) => a.putWebhook(id, linked(request, c.req.url), secret)));
    await tellOthers(c);
    if (put.created) return c.json({ ...shown(put.webhook, []), secret }, 201);
    return c.json(shown(put.webhook, await talliesAfter(c)), 200);
  });

  app.openapi(listRoute, async (c) => {
    const [webhooks, tallies] = await Promise.all([readRegistry(c, (a) => a.webhooks()), talliesOf(c)]);
    return c.json({ webhooks: webhooks.map((webhook) => shown(webhook, tallies)) }, 200);
  });

  app.openapi(getRoute, async (c) => {
    const webhook = await findWebhook(c, c.req.valid("param").id);
    return c.json(shown(webhook, await talliesOf(c)), 200);
  });

  app.openapi(deleteRoute, async (c) => {
    const { id } = c.req.valid("param");
    valueOf(await writeRegistry(c, (a) => a.deleteWebhook(id)));
    await tellOthers(c);
    return c.body(null, 204);
  });

  app.openapi(rotateRoute, async (c) => {
    const { id } = c.req.valid("param");
    const secret = newSecret();
    const webhook = valueOf(await writeRegistry(c, (a) => a.rotateWebhook(id, secret)));
    await tellOthers(c);
    return c.json({ ...shown(webhook, await talliesAfter(c)), secret }, 200);
  });
};
