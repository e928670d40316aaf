import type { GoAhead } from "../domain/go-ahead.ts";
import type { DrillAnswer, DrillRequest } from "../domain/drill.ts";
import { keyOf } from "../domain/name.ts";
import type { Heard, HeartbeatRequest, NoticeRequest } from "../domain/heartbeat.ts";
import type { Asked, Audited, AuditEntry } from "../domain/audit.ts";
import type { MuteAnswer, MuteRequest } from "../domain/mute.ts";
import type { OverrideRequest, ShownOverride } from "../domain/override.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import type { RemoteReply, Report, ReportReply } from "../domain/report.ts";
import type {
  AggregatorRpc,
  EvidenceQuery,
  MemberViews,
  ShardHealth,
  PutTarget,
  StoredTarget,
  PastPage,
  PastQuery,
  TransitionPage,
} from "../domain/rpc.ts";
import type { SaidAt, SiteAnswer, TargetAnswer, TargetConfig } from "../domain/target.ts";
import type { VantageAnswer } from "../domain/vantage.ts";
import type { History, ListedTransition } from "../domain/verdict.ts";
import { endIfStill, Suspicion } from "../still.ts";
import { assignmentFor } from "./assignment.ts";
import { shardSnapshot } from "./shard-snapshot.ts";
import * as configuration from "./configuration.ts";
import { evidenceOf } from "./evidence-pages.ts";
import { noteTold } from "./go-aheads.ts";
import { hearHeartbeat, hearNotice } from "./hearing.ts";
import { memberViews } from "./members.ts";
import * as mutes from "./mute-acts.ts";
import { audited } from "./audit-lines.ts";
import { besideOf, transitionsBefore } from "./transition-pages.ts";
import { transitionsAfter } from "./tail.ts";
import { examineStorage, shardHealth, rearmedOf, shownVantages, watchShards } from "./watchdog.ts";
import { Registrar } from "./registrar.ts";

/** The Durable Object of one shard, as vantages, the API and the watchdog call it. Wiring only. */
export class Aggregator extends Registrar implements AggregatorRpc {
  readonly #suspicion = new Suspicion();

  override async alarm(): Promise<void> {
    this.shard.wake();
  }

  async report(reports: Report[]): Promise<ReportReply> {
    const vantage = reports[0]?.vantage ?? "";
    return this.#take(vantage, Math.max(0, ...reports.map(({ version }) => version)), reports);
  }

  async exchange(vantage: string, version: number, reports: Report[]): Promise<RemoteReply> {
    await this.shard.verify();
    this.shard.visits.note(vantage, this.shard.now());
    const reply = this.#take(vantage, version, reports);
    return { ...reply, wanted: this.shard.mailbox.take(vantage, this.shard.now()) };
  }

  #take(vantage: string, version: number, reports: Report[]): ReportReply {
    const shard = this.shard;
    const seen = (): number => shard.ledger.state.vantages.get(vantage)?.lastSequence ?? 0;
    for (const report of reports)
      // A report that is delivered again after a lost reply is taken once and acknowledged again.
      if (report.vantage === vantage && report.sequence > seen() && !shard.take(report)) break;
    const isBehind = version < shard.catalogue.version();
    return {
      acknowledged: seen(),
      ...(isBehind ? { assignment: assignmentFor(vantage, shard.assignmentSource()) } : {}),
    };
  }

  async heartbeat(site: string, target: string, request: HeartbeatRequest): Promise<Result<Heard>> {
    await this.shard.verify();
    return hearHeartbeat(this.shard, site, target, request);
  }

  async notice(site: string, target: string, request: NoticeRequest): Promise<Result<Heard>> {
    await this.shard.verify();
    return hearNotice(this.shard, site, target, request);
  }

  async read(site: string, target: string): Promise<string | null> {
    if (this.#suspicion.arises(Date.now())) await endIfStill(this.ctx);
    await this.shard.verify();
    return this.shard.read(keyOf(site, target));
  }

  async noteTold(told: GoAhead[]): Promise<void> {
    await this.shard.verify();
    noteTold(this.shard, told);
  }

  async census(site: string | null): Promise<string> {
    await this.shard.verify();
    return shardSnapshot(this.shard, site);
  }

  async history(
    site: string,
    target: string,
    cursor: string | null,
    limit: number,
  ): Promise<Result<History>> {
    await this.shard.verify();
    if (this.shard.catalogue.target(site, target) === null)
      return refused("not-found", `site "${site}" has no target "${target}"`, "target");
    if (cursor !== null && !/^\d{1,15}$/.test(cursor))
      return refused("invalid", "must be a cursor that history gave as `next`", "cursor");
    const from = cursor === null ? null : Number(cursor);
    return accepted(this.shard.ledger.history(keyOf(site, target), from, limit, besideOf(this.shard)));
  }

  async transitionsAfter(after: string | null, limit: number): Promise<TransitionPage> {
    await this.shard.verify();
    return transitionsAfter(this.shard, after, limit);
  }

  async transitionsBefore(query: PastQuery): Promise<PastPage<ListedTransition>> {
    await this.shard.verify();
    return transitionsBefore(this.shard, query);
  }

  async evidence(site: string, target: string, query: EvidenceQuery): Promise<Result<string>> {
    await this.shard.verify();
    return evidenceOf(this.shard, site, target, query);
  }

  async audited(asked: Asked, call: Audited, args: unknown[]): Promise<unknown> {
    await this.shard.verify();
    return audited(this.shard, this.audit, this, asked, call, args);
  }

  async auditBefore(query: Parameters<AggregatorRpc["auditBefore"]>[0]): Promise<PastPage<AuditEntry>> {
    await this.shard.verify();
    return this.audit.before(query);
  }

  async putTarget(
    site: string,
    target: string,
    config: TargetConfig,
    ifMatch: string | null,
    said?: SaidAt,
  ): Promise<Result<PutTarget>> {
    await this.shard.verify();
    return configuration.putTarget(this.shard, site, target, config, ifMatch, said);
  }

  async getTarget(site: string, target: string, isForAdmin?: boolean): Promise<Result<StoredTarget>> {
    await this.shard.verify();
    return configuration.getTarget(this.shard, site, target, isForAdmin);
  }

  async publicBadges(): Promise<string[]> {
    await this.shard.verify();
    return configuration.publicBadges(this.shard);
  }

  async deleteTarget(site: string, target: string, ifMatch: string | null): Promise<Result<null>> {
    await this.shard.verify();
    return configuration.deleteTarget(this.shard, site, target, ifMatch);
  }

  async listSites(): Promise<SiteAnswer[]> {
    await this.shard.verify();
    return configuration.listSites(this.shard);
  }

  async listTargets(site: string, isForAdmin?: boolean): Promise<Result<TargetAnswer[]>> {
    await this.shard.verify();
    return configuration.listTargets(this.shard, site, isForAdmin);
  }

  async putOverride(site: string, target: string, override: OverrideRequest): Promise<Result<ShownOverride>> {
    await this.shard.verify();
    return configuration.putOverride(this.shard, site, target, override);
  }

  async deleteOverride(site: string, target: string): Promise<Result<null>> {
    await this.shard.verify();
    return configuration.deleteOverride(this.shard, site, target);
  }

  async listVantages(): Promise<VantageAnswer[]> {
    await this.shard.verify();
    const { ledger, catalogue, deployed } = this.shard;
    return shownVantages(ledger.state, rearmedOf(catalogue), deployed.controls);
  }

  async follow(): Promise<void> {
    await this.shard.follow();
  }

  async startDrill(request: DrillRequest): Promise<Result<DrillAnswer>> {
    await this.shard.verify();
    return configuration.startDrill(this.shard, request);
  }

  async listDrills(since: number | null = null): Promise<DrillAnswer[]> {
    await this.shard.verify();
    return configuration.listDrills(this.shard, since);
  }

  async stopDrill(id: string): Promise<Result<null>> {
    await this.shard.verify();
    return configuration.stopDrill(this.shard, id);
  }

  async putMute(id: string, request: MuteRequest): Promise<Result<{ mute: MuteAnswer; created: boolean }>> {
    await this.shard.verify();
    return mutes.putMute(this.shard, id, request);
  }

  async listMutes(): Promise<MuteAnswer[]> {
    await this.shard.verify();
    return mutes.listMutes(this.shard);
  }

  async deleteMute(id: string): Promise<Result<null>> {
    await this.shard.verify();
    return mutes.deleteMute(this.shard, id);
  }

  async memberViews(group: string, members: string[]): Promise<MemberViews> {
    await this.shard.verify();
    return memberViews(this.shard, group, members);
  }

  async shardCount(): Promise<number> {
    return this.shard.peers.fixedCount();
  }

  async health(): Promise<ShardHealth> {
    await endIfStill(this.ctx);
    await examineStorage(this.shard);
    return shardHealth(this.shard);
  }

  async watch(): Promise<void> {
    await endIfStill(this.ctx);
    await watchShards(this.shard, this.shard.now());
  }
}
