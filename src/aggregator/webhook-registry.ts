/** Webhooks and the deliveries to them. Shard 0 keeps the list and the other shards follow it. Each shard sends what it judges. */
import { toInstant } from "../domain/instant.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import type { ListedDelivery, WebhookTally } from "../domain/rpc.ts";
import {
  MAX_WEBHOOKS,
  type Delivery,
  type DeliveryState,
  type Webhook,
  type WebhookRequest,
} from "../domain/webhook.ts";
import { unmaskedWebhook } from "../domain/webhook-secrets.ts";
import { isActive } from "../webhooks/message.ts";
import { deliveryId, type Message, type DeliveryBatch } from "../webhooks/delivery-batch.ts";
import type { Shard } from "./shard.ts";

/** How long a secret still signs, beside its successor, after it was rotated away. */
const OLD_SECRET_MS = 24 * 3_600_000;
/**
 * The most secrets of a webhook. An operator repeats a rotation whose answer was lost, and the secret that receivers still have must
 * survive that.
 */
const MAX_KEYS = 4;

const noWebhook = (id: string) => refused("not-found", `there is no webhook "${id}"`, "id");
const findWebhook = (shard: Shard, id: string): Webhook | undefined =>
  shard.webhooks.find((webhook) => webhook.id === id);

const keep = (shard: Shard, webhook: Webhook): Webhook => {
  shard.registry.putWebhook(webhook);
  shard.resubscribe();
  return webhook;
};

/** Settings that a request may leave out, and that then keep their old values. */
const choicesOf = (
  { format = "standard", bundle, groups }: WebhookRequest,
  old: Webhook | undefined,
): Pick<Webhook, "bundle" | "groups"> => ({
  // A webhook that has sent one message for each target goes on to do so, until a request says otherwise. Formats for people send causes.
  bundle:
    format === "standard" ? (bundle ?? (old === undefined ? "site" : (old.bundle ?? "target"))) : "site",
  groups: groups ?? (old === undefined ? "all" : (old.groups ?? "none")),
});

/** Makes a webhook with this secret, or replaces one, which keeps its own secret and sends again. */
export const putWebhook = (
  shard: Shard,
  id: string,
  asked: WebhookRequest,
  secret: string,
): Result<{ webhook: Webhook; created: boolean }> => {
  const old = findWebhook(shard, id);
  const whole = unmaskedWebhook(asked, old);
  if ("flaw" in whole) return refused("invalid", whole.flaw.message, whole.flaw.field);
  const { request } = whole;
  if (old === undefined && shard.webhooks.length >= MAX_WEBHOOKS)
    return refused("capacity", `there are ${MAX_WEBHOOKS} webhooks, the most there may be: delete some`);
  const now = shard.now();
  const webhook: Webhook = {
    ...request,
    ...choicesOf(request, old),
    id,
    keys: old?.keys ?? [{ secret, until: null }],
    gone: null,
    revision: (old?.revision ?? 0) + 1,
    createdAt: old?.createdAt ?? now,
    updatedAt: now,
  };
  return accepted({ webhook: keep(shard, webhook), created: old === undefined });
};

export const rotateWebhook = (shard: Shard, id: string, secret: string): Result<Webhook> => {
  const webhook = findWebhook(shard, id);
  if (webhook === undefined) return noWebhook(id);
  const now = shard.now();
  const old = webhook.keys
    .map((key) => ({ ...key, until: key.until ?? now + OLD_SECRET_MS }))
    .filter(({ until }) => until > now);
  const keys = [{ secret, until: null }, ...old].slice(0, MAX_KEYS);
  return accepted(keep(shard, { ...webhook, keys, updatedAt: now }));
};

export const deleteWebhook = (shard: Shard, id: string): Result<null> => {
  if (findWebhook(shard, id) === undefined) return noWebhook(id);
  shard.transact(() => forget(shard, id));
  shard.resubscribe();
  return accepted(null);
};

const forget = (shard: Shard, id: string): void => {
  shard.registry.deleteWebhook(id);
  shard.outbox.clear(id);
};

/** Stops sending to a receiver that wants no more messages. Shard 0 notifies the other shards, and every other shard notifies shard 0. */
export const closeWebhook = (shard: Shard, id: string, revision: number, reason: string): void => {
  const webhook = findWebhook(shard, id);
  if (webhook === undefined || webhook.revision !== revision || webhook.gone !== null) return;
  keep(shard, { ...webhook, gone: reason });
  if (shard.number !== 0) {
    shard.peers.tell([0], (first) => first.closeWebhook(id, revision, reason));
    return;
  }
  shard.peers.tell(shard.peers.others, (other) => other.follow());
};

/**
 * Replaces this shard's list of webhooks by that of shard 0. If this shard has found a receiver gone and could not report that, the finding
 * stays.
 */
export const followWebhooks = (shard: Shard, told: Webhook[]): void => {
  const known = shard.webhooks;
  const next = told.map((webhook): Webhook => {
    const old = known.find((one) => one.id === webhook.id && one.createdAt === webhook.createdAt);
    const found = old?.revision === webhook.revision ? old.gone : null;
    if (found === null || webhook.gone !== null) return webhook;
    shard.peers.tell([0], (first) => first.closeWebhook(webhook.id, webhook.revision, found));
    return { ...webhook, gone: found };
  });
  if (JSON.stringify(known) === JSON.stringify(next)) return;
  shard.transact(() => {
    for (const { id, createdAt } of known)
      if (!next.some((webhook) => webhook.id === id && webhook.createdAt === createdAt)) forget(shard, id);
    for (const webhook of next) shard.registry.putWebhook(webhook);
  });
  shard.resubscribe();
};

export const countWebhooks = (shard: Shard): WebhookTally[] =>
  shard.webhooks.flatMap(({ id }) => {
    const counts = shard.dispatcher.counts(id);
    return counts === null ? [] : [{ id, ...counts }];
  });

/** `unique`: a part of the delivery's id that no other test has. */
export const testWebhook = (shard: Shard, id: string, unique: string): Result<string> => {
  const webhook = findWebhook(shard, id);
  if (webhook === undefined) return noWebhook(id);
  const delivery = isActive(webhook) ? shard.dispatcher.test(id, unique) : null;
  return delivery === null ? isDisabled(id) : accepted(delivery);
};

export const replayDelivery = (shard: Shard, id: string, delivery: string): Result<null> => {
  const webhook = findWebhook(shard, id);
  if (webhook === undefined) return noWebhook(id);
  if (!isActive(webhook)) return isDisabled(id);
  return shard.dispatcher.replay(id, delivery)
    ? accepted(null)
    : refused(
        "not-found",
        `webhook "${id}" has no delivery "${delivery}", or none that is still kept`,
        "delivery",
      );
};

const isDisabled = (id: string) =>
  refused("conflict", `webhook "${id}" is disabled, so nothing is sent: PUT it again first`, "id");

/** Deliveries before a place in the list, newest first, at most `limit`. */
export const listDeliveries = (
  shard: Shard,
  id: string,
  state: DeliveryState | null,
  before: number[] | null,
  limit: number,
): ListedDelivery[] => {
  const listed: ListedDelivery[] = [];
  for (const number of shard.outbox.numbers(
    id,
    before?.[0] ?? Number.MAX_SAFE_INTEGER,
    state === "pending",
  )) {
    const deliveryBatch = shard.dispatcher.deliveryBatch(id, number);
    for (const message of deliveryBatch?.messages.toReversed() ?? []) {
      if (listed.length >= limit) return listed;
      if (deliveryBatch === null || (state !== null && message.state !== state)) continue;
      const place = [deliveryBatch.at, shard.number, deliveryBatch.number, message.index];
      if (before === null || isBefore(place, before))
        listed.push({ place, delivery: shownDelivery(deliveryBatch, message) });
    }
  }
  return listed;
};

/** Whether a place in the list is older than another. */
const isBefore = (place: number[], other: number[]): boolean => {
  const differs = place.findIndex((part, index) => part !== other[index]);
  return differs !== -1 && (place[differs] ?? 0) < (other[differs] ?? 0);
};

const typeOf = ({ batch, body }: DeliveryBatch, { rest }: Message): Delivery["type"] => {
  if (body !== undefined) return body.type === "note" && body.kind === "cause" ? "cause" : "group";
  if (batch === null) return "test";
  return rest === undefined ? "transition" : "site";
};

const shownDelivery = (deliveryBatch: DeliveryBatch, message: Message): Delivery => {
  const [site = null, target = null] = message.key?.split("/") ?? [];
  return {
    id: deliveryId(deliveryBatch, message),
    type: typeOf(deliveryBatch, message),
    site,
    target,
    sequence: message.sequence,
    state: message.state,
    createdAt: toInstant(deliveryBatch.at),
    attempts: message.attempts,
    lastAttemptAt: message.attemptedAt === null ? null : toInstant(message.attemptedAt),
    lastStatus: message.status,
    lastError: message.error,
    nextAttemptAt: message.state === "pending" ? toInstant(deliveryBatch.nextAt) : null,
  };
};
