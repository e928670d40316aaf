import { accepted, refused, type Result } from "../../src/domain/problem.ts";
import type { ListedDelivery, TransitionPage, WebhookTally } from "../../src/domain/rpc.ts";
import type { DeliveryState, Webhook, WebhookRequest } from "../../src/domain/webhook.ts";
import { FakeRegistry } from "./fake-registry.ts";

const AT = Date.UTC(2026, 10, 22);

/** The part of a fake aggregator that notifies others: webhooks, and transitions for clients that follow them. */
export class FakeWebhooks extends FakeRegistry {
  declare first: FakeWebhooks | null;
  hooks: Webhook[] = [];
  tallies: WebhookTally[] = [];
  listed: ListedDelivery[] = [];
  /** One transition a batch, from batch 1 on; the first `forgotten` of them are not kept any more. */
  transitions: { site: string; json: string }[] = [];
  forgotten = 0;

  async transitionsAfter(after: string | null, limit: number): Promise<TransitionPage> {
    await this.enter("transitionsAfter");
    const end = this.transitions.length + 1;
    const asked = after === null ? end : Number(after.split(".")[0]);
    const first = Math.max(asked > end ? end : asked, this.forgotten + 1);
    const events = this.transitions
      .map((event, index) => ({ ...event, next: `${index + 2}.0` }))
      .slice(first - 1, first - 1 + limit);
    const next = events.at(-1)?.next ?? `${first}.0`;
    return { isGap: first !== asked, start: `${first}.0`, events, next, isEnd: next === `${end}.0` };
  }

  async putWebhook(
    id: string,
    request: WebhookRequest,
    secret: string,
  ): Promise<Result<{ webhook: Webhook; created: boolean }>> {
    await this.enter("putWebhook");
    const old = this.hooks.find((hook) => hook.id === id);
    const keys = old?.keys ?? [{ secret, until: null }];
    const revision = (old?.revision ?? 0) + 1;
    const webhook = { ...request, id, keys, revision, gone: null, createdAt: AT, updatedAt: AT };
    this.hooks = [...this.hooks.filter((hook) => hook !== old), webhook];
    return accepted({ webhook, created: old === undefined });
  }

  async webhooks(): Promise<Webhook[]> {
    await this.enter("webhooks");
    return this.hooks;
  }

  async deleteWebhook(id: string): Promise<Result<null>> {
    await this.enter("deleteWebhook");
    if (!this.hooks.some((hook) => hook.id === id)) return refused("not-found", `no webhook ${id}`, "id");
    this.hooks = this.hooks.filter((hook) => hook.id !== id);
    return accepted(null);
  }

  async rotateWebhook(id: string, secret: string): Promise<Result<Webhook>> {
    await this.enter("rotateWebhook");
    const hook = this.hooks.find((one) => one.id === id);
    if (hook === undefined) return refused("not-found", `no webhook ${id}`, "id");
    const old = hook.keys.map((key) => ({ ...key, until: Date.now() + 3_600_000 }));
    const rotated = { ...hook, keys: [{ secret, until: null }, ...old] };
    this.hooks = this.hooks.map((one) => (one === hook ? rotated : one));
    return accepted(rotated);
  }

  async closeWebhook(): Promise<void> {
    await this.enter("closeWebhook");
  }

  override async follow(): Promise<void> {
    await super.follow();
    this.hooks = this.first?.hooks ?? this.hooks;
  }

  async webhookCounts(): Promise<WebhookTally[]> {
    await this.enter("webhookCounts");
    return this.tallies;
  }

  async testWebhook(id: string, unique: string): Promise<Result<string>> {
    await this.enter("testWebhook");
    return this.hooks.some((hook) => hook.id === id)
      ? accepted(`test-0-${unique}-0`)
      : refused("not-found", `no webhook ${id}`, "id");
  }

  async deliveries(
    _webhook: string,
    state: DeliveryState | null,
    before: number[] | null,
    limit: number,
  ): Promise<ListedDelivery[]> {
    await this.enter("deliveries");
    return this.listed
      .filter(({ delivery }) => state === null || delivery.state === state)
      .filter(({ place }) => before === null || (place[0] ?? 0) < (before[0] ?? 0))
      .slice(0, limit);
  }

  async replayDelivery(_webhook: string, delivery: string): Promise<Result<null>> {
    await this.enter("replayDelivery");
    return this.listed.some((one) => one.delivery.id === delivery)
      ? accepted(null)
      : refused("not-found", `no delivery ${delivery}`, "delivery");
  }
}
