import type { Heard, HeartbeatRequest, NoticeRequest } from "../../src/domain/heartbeat.ts";
import { toInstant } from "../../src/domain/instant.ts";
import { type Join, type JoinDraft, type Trade, type Traded, UNKNOWN_CODE } from "../../src/domain/join.ts";
import { accepted, refused, type Result } from "../../src/domain/problem.ts";
import type { ProbeRequest, RemoteReply, Report } from "../../src/domain/report.ts";
import type { StoredTarget } from "../../src/domain/rpc.ts";
import { listedAs, type Grant, type TokenAnswer, type TokenKey } from "../../src/domain/token.ts";
import type { Vantage } from "../../src/domain/vantage.ts";

/**
 * The part of a fake aggregator for remote vantages, tokens and a node's own words. `mood` runs before each call and may throw or stall.
 */
export class FakeRegistry {
  mood: (call: string) => Promise<void> = async () => {};
  /** The number of its shard, and shard 0. Both are set when the aggregator is bound. */
  number = 0;
  first: FakeRegistry | null = null;
  calls: string[] = [];
  targets = new Map<string, StoredTarget>();
  remote: Vantage[] = [];
  /** By hash. */
  tokens = new Map<string, TokenAnswer>();
  exchanges: { vantage: string; version: number; reports: Report[] }[] = [];
  wanted: ProbeRequest[] = [];

  protected async enter(call: string): Promise<void> {
    this.calls.push(call);
    await this.mood(call);
  }

  async publicBadges(): Promise<string[]> {
    await this.enter("publicBadges");
    return [...this.targets].flatMap(([key, { answer }]) => (answer.publicBadge === true ? [key] : []));
  }

  async exchange(vantage: string, version: number, reports: Report[]): Promise<RemoteReply> {
    await this.enter("exchange");
    this.exchanges.push({ vantage, version, reports });
    return { acknowledged: reports.at(-1)?.sequence ?? 0, wanted: this.wanted.splice(0) };
  }

  async heartbeat(site: string, target: string, request: HeartbeatRequest): Promise<Result<Heard>> {
    await this.enter("heartbeat");
    return this.#hear(site, target, request.bootId);
  }

  async notice(site: string, target: string, request: NoticeRequest): Promise<Result<Heard>> {
    await this.enter("notice");
    return this.#hear(site, target, request.bootId);
  }

  #hear(site: string, target: string, bootId: string): Result<Heard> {
    if (!this.targets.has(`${site}/${target}`)) return refused("not-found", `no target ${site}/${target}`);
    return accepted({ accepted: bootId !== "over", detail: bootId, at: toInstant(Date.UTC(2026, 10, 22)) });
  }

  async remoteVantages(): Promise<Vantage[]> {
    await this.enter("remoteVantages");
    return this.remote;
  }

  async addVantage(vantage: Vantage, token: TokenAnswer, hash: string): Promise<Result<null>> {
    await this.enter("addVantage");
    if (this.remote.some(({ id }) => id === vantage.id)) return refused("conflict", "it is there", "id");
    this.remote.push(vantage);
    this.tokens.set(hash, token);
    return accepted(null);
  }

  #revoke(vantage: string): void {
    for (const [hash, token] of this.tokens) if (token.vantage === vantage) this.tokens.delete(hash);
  }

  async rotateVantage(id: string, token: TokenAnswer, hash: string): Promise<Result<Vantage>> {
    await this.enter("rotateVantage");
    const vantage = this.remote.find((one) => one.id === id);
    if (vantage === undefined) return refused("not-found", `no vantage ${id}`);
    this.#revoke(id);
    this.tokens.set(hash, token);
    return accepted(vantage);
  }

  async deleteVantage(id: string): Promise<Result<null>> {
    await this.enter("deleteVantage");
    if (!this.remote.some((one) => one.id === id)) return refused("not-found", `no vantage ${id}`);
    this.remote = this.remote.filter((one) => one.id !== id);
    this.#revoke(id);
    return accepted(null);
  }

  async follow(): Promise<void> {
    await this.enter("follow");
    this.remote = this.first?.remote ?? this.remote;
  }

  async grant(hash: string): Promise<Grant | null> {
    await this.enter("grant");
    const former = this.former.get(hash);
    const token = this.tokens.get(hash) ?? (Date.now() < (former?.until ?? 0) ? former?.token : undefined);
    return (token as Grant | undefined) ?? null;
  }

  /** Whether there are texts that were made before texts had a tag. */
  isUntagged = false;
  /** Whether it lists these texts. An aggregator of an earlier release does not. */
  isListing = true;

  async tokenKey(): Promise<TokenKey> {
    await this.enter("tokenKey");
    const key = "the key of this deployment";
    if (!this.isUntagged) return { key, untagged: false };
    return {
      key,
      untagged: true,
      ...(this.isListing ? { listed: [...this.tokens.keys()].map(listedAs) } : {}),
    };
  }

  async addToken(token: TokenAnswer, hash: string): Promise<Result<null>> {
    await this.enter("addToken");
    this.tokens.set(hash, token);
    return accepted(null);
  }

  async listTokens(): Promise<TokenAnswer[]> {
    await this.enter("listTokens");
    return [...this.tokens.values()];
  }

  /** Hashes of earlier texts, with the end of their grace. */
  former = new Map<string, { token: TokenAnswer; until: number }>();

  async rotateToken(id: string, hash: string, graceMs: number): Promise<Result<TokenAnswer>> {
    await this.enter("rotateToken");
    const known = [...this.tokens].find(([, token]) => token.id === id);
    if (known === undefined) return refused("not-found", `no token ${id}`);
    const [old, token] = known;
    if (token.scope === "vantage") return refused("conflict", "is a vantage's token", "id");
    this.tokens.delete(old);
    this.tokens.set(hash, token);
    if (graceMs > 0) this.former.set(old, { token, until: Date.now() + graceMs });
    return accepted(token);
  }

  async deleteToken(id: string): Promise<Result<null>> {
    await this.enter("deleteToken");
    const known = [...this.tokens].find(([, token]) => token.id === id);
    if (known === undefined) return refused("not-found", `no token ${id}`);
    this.tokens.delete(known[0]);
    return accepted(null);
  }

  joins = new Map<string, { join: Join; hash: string }>();

  async addJoin(draft: JoinDraft, ttlMs: number, hash: string): Promise<Result<Join>> {
    await this.enter("addJoin");
    const at = Date.UTC(2026, 10, 22);
    const join = {
      ...draft,
      createdAt: toInstant(at),
      expiresAt: toInstant(at + ttlMs),
      state: "open" as const,
    };
    this.joins.set(join.join, { join, hash });
    return accepted(join);
  }

  async tradeJoin({ join: id, code, hash, token, kind, site, target }: Trade): Promise<Result<Traded>> {
    await this.enter("tradeJoin");
    const known = this.joins.get(id);
    if (known?.hash !== code) return refused("not-found", UNKNOWN_CODE, "code");
    if (known.join.state !== "open") return refused("conflict", "the code was used", "code");
    known.join = { ...known.join, state: "used", token: token.id };
    const of = kind === "vantage" ? { vantage: known.join.id ?? id } : { site, target };
    this.tokens.set(hash, { ...token, ...(of as Partial<TokenAnswer>) });
    return accepted({ join: id, kind, ...(of as Partial<Traded>) });
  }

  async listJoins(): Promise<Join[]> {
    await this.enter("listJoins");
    return [...this.joins.values()].map(({ join }) => join);
  }

  async deleteJoin(id: string): Promise<Result<null>> {
    await this.enter("deleteJoin");
    return this.joins.delete(id) ? accepted(null) : refused("not-found", `no join ${id}`, "id");
  }
}
