import {
  DeliveriesAnswerSchema,
  DeliveryIdSchema,
  NewWebhookSchema,
  WebhookAnswerSchema,
  WebhooksAnswerSchema,
  type Deliveries,
  type DeliveryState,
  type NewWebhook,
  type WebhookAnswer,
  type WebhookBody,
} from "../domain/webhook.ts";
import { type Called, mapped } from "./called.ts";
import type { Connection, Stop } from "./connection.ts";
import { part, queryOf } from "./paths.ts";

const path = "/v1/webhooks";
const pathOf = (id: string): string => `${path}/${part(id)}`;

/** The webhooks to which transitions are sent. Every call needs an admin's token. */
export class Webhooks {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async list(ask: Stop = {}): Promise<Called<WebhookAnswer[]>> {
    return mapped(await this.#connection.json(path, WebhooksAnswerSchema, ask), ({ webhooks }) => webhooks);
  }

  get(id: string, ask: Stop = {}): Promise<Called<WebhookAnswer>> {
    return this.#connection.json(pathOf(id), WebhookAnswerSchema, ask);
  }

  /** Makes a webhook, whose `secret` only this answer shows, or replaces one, which keeps its secret. */
  put(
    id: string,
    body: WebhookBody,
    ask: Stop = {},
  ): Promise<Called<WebhookAnswer & { secret?: string | undefined }>> {
    const schema = NewWebhookSchema.partial({ secret: true });
    return this.#connection.json(pathOf(id), schema, { ...ask, method: "PUT", body });
  }

  /** Makes a new secret, shown once; messages are signed by the old one too for a day. */
  rotate(id: string, ask: Stop = {}): Promise<Called<NewWebhook>> {
    return this.#connection.json(`${pathOf(id)}/rotate`, NewWebhookSchema, { ...ask, method: "POST" });
  }

  /** Sends a message of type `test`; gives its delivery's id. */
  test(id: string, ask: Stop = {}): Promise<Called<string>> {
    return this.#sent(`${pathOf(id)}/test`, ask);
  }

  /** The messages sent and those that wait, newest first. */
  deliveries(
    id: string,
    { state, cursor, limit, ...ask }: Stop & { state?: DeliveryState; cursor?: string; limit?: number } = {},
  ): Promise<Called<Deliveries>> {
    const query = queryOf({ state, cursor, limit });
    return this.#connection.json(`${pathOf(id)}/deliveries${query}`, DeliveriesAnswerSchema, ask);
  }

  /** Sends a message once more, whether or not it was delivered, under the same `webhook-id`. */
  replay(id: string, delivery: string, ask: Stop = {}): Promise<Called<string>> {
    return this.#sent(`${pathOf(id)}/deliveries/${part(delivery)}/replay`, ask);
  }

  delete(id: string, ask: Stop = {}): Promise<Called<null>> {
    return this.#connection.done(pathOf(id), { ...ask, method: "DELETE" });
  }

  async #sent(to: string, ask: Stop): Promise<Called<string>> {
    const called = await this.#connection.json(to, DeliveryIdSchema, { ...ask, method: "POST" });
    return mapped(called, ({ deliveryId }) => deliveryId);
  }
}
