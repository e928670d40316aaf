import { DurableObject } from "cloudflare:workers";
import { type Bindings, configOf } from "../config.ts";
import type { ListedGroup } from "../domain/group.ts";
import type { Join, JoinDraft, Trade, Traded } from "../domain/join.ts";
import type { Result } from "../domain/problem.ts";
import type { GroupWord, ListedDelivery, WebhookTally } from "../domain/rpc.ts";
import type { Grant, TokenAnswer, TokenKey } from "../domain/token.ts";
import type { Vantage } from "../domain/vantage.ts";
import type { DeliveryState, Webhook, WebhookRequest } from "../domain/webhook.ts";
import { resolverFor } from "../resolve.ts";
import type { DeliveryPorts } from "../webhooks/delivery/dispatcher.ts";
import * as groups from "./group-list.ts";
import * as joins from "./joins.ts";
import * as registration from "./registration.ts";
import { sendingBy } from "../webhooks/delivery/public-sender.ts";
import { Shard } from "./shard.ts";
import { Audit } from "./store/audit-table.ts";
import { tokenKeyOf } from "./token-key.ts";
import * as webhooks from "./webhook-registry.ts";

/** The calls of an aggregator about what exists once for all shards: shard 0 keeps it, and the other shards follow what concerns them. */
export class Registrar extends DurableObject<Bindings> {
  /** How objects made from now on send messages. Tests replace the name servers. */
  static sending = (env: Bindings): DeliveryPorts["send"] =>
    sendingBy(configOf(env), resolverFor(configOf(env)));

  protected readonly shard: Shard;
  protected readonly audit: Audit;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    this.shard = new Shard(ctx, env, new.target.sending(env));
    this.audit = new Audit(ctx.storage.sql);
  }

  async remoteVantages(): Promise<Vantage[]> {
    return this.shard.registry.vantages();
  }

  async addVantage(vantage: Vantage, token: TokenAnswer, hash: string): Promise<Result<null>> {
    await this.shard.verify();
    return registration.addVantage(this.shard, vantage, token, hash);
  }

  async rotateVantage(id: string, token: TokenAnswer, hash: string): Promise<Result<Vantage>> {
    await this.shard.verify();
    return registration.rotateVantage(this.shard, id, token, hash);
  }

  async deleteVantage(id: string): Promise<Result<null>> {
    await this.shard.verify();
    return registration.deleteVantage(this.shard, id);
  }

  async tokenKey(): Promise<TokenKey> {
    await this.shard.verify();
    return tokenKeyOf(this.shard.catalogue, this.shard.registry, this.shard.now());
  }

  async grant(hash: string): Promise<Grant | null> {
    return this.shard.registry.grant(hash, this.shard.now());
  }

  async addToken(token: TokenAnswer, hash: string): Promise<Result<null>> {
    await this.shard.verify();
    return registration.addToken(this.shard, token, hash);
  }

  async listTokens(): Promise<TokenAnswer[]> {
    return this.shard.registry.tokens(this.shard.now());
  }

  async rotateToken(id: string, hash: string, graceMs: number): Promise<Result<TokenAnswer>> {
    await this.shard.verify();
    return registration.rotateToken(this.shard, id, hash, graceMs);
  }

  async deleteToken(id: string): Promise<Result<null>> {
    await this.shard.verify();
    return registration.deleteToken(this.shard, id);
  }

  async addJoin(join: JoinDraft, ttlMs: number, hash: string): Promise<Result<Join>> {
    await this.shard.verify();
    return joins.addJoin(this.shard, join, ttlMs, hash);
  }

  async tradeJoin(trade: Trade): Promise<Result<Traded>> {
    await this.shard.verify();
    return joins.tradeJoin(this.shard, trade);
  }

  async listJoins(): Promise<Join[]> {
    return joins.listJoins(this.shard);
  }

  async deleteJoin(id: string): Promise<Result<null>> {
    await this.shard.verify();
    return joins.deleteJoin(this.shard, id);
  }

  async putWebhook(
    id: string,
    request: WebhookRequest,
    secret: string,
  ): Promise<Result<{ webhook: Webhook; created: boolean }>> {
    await this.shard.verify();
    return webhooks.putWebhook(this.shard, id, request, secret);
  }

  async webhooks(): Promise<Webhook[]> {
    return [...this.shard.webhooks];
  }

  async deleteWebhook(id: string): Promise<Result<null>> {
    await this.shard.verify();
    return webhooks.deleteWebhook(this.shard, id);
  }

  async rotateWebhook(id: string, secret: string): Promise<Result<Webhook>> {
    await this.shard.verify();
    return webhooks.rotateWebhook(this.shard, id, secret);
  }

  async closeWebhook(id: string, revision: number, reason: string): Promise<void> {
    webhooks.closeWebhook(this.shard, id, revision, reason);
  }

  async webhookCounts(): Promise<WebhookTally[]> {
    return webhooks.countWebhooks(this.shard);
  }

  async testWebhook(id: string, unique: string): Promise<Result<string>> {
    await this.shard.verify();
    return webhooks.testWebhook(this.shard, id, unique);
  }

  async deliveries(
    webhook: string,
    state: DeliveryState | null,
    before: number[] | null,
    limit: number,
  ): Promise<ListedDelivery[]> {
    return webhooks.listDeliveries(this.shard, webhook, state, before, limit);
  }

  async replayDelivery(webhook: string, delivery: string): Promise<Result<null>> {
    await this.shard.verify();
    return webhooks.replayDelivery(this.shard, webhook, delivery);
  }

  async noteGroup(group: ListedGroup, isThere: boolean): Promise<Result<null>> {
    await this.shard.verify();
    return groups.noteGroup(this.shard, group, isThere);
  }

  async listGroups(): Promise<ListedGroup[]> {
    return this.shard.registry.groups();
  }

  async takeFromGroup(group: string, words: GroupWord[]): Promise<number> {
    await this.shard.verify();
    return groups.takeFromGroup(this.shard, this.audit, group, words);
  }
}
