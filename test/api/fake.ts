import type { Bindings } from "../../src/config.ts";
import type { ShardSnapshot, Counters } from "../../src/domain/snapshot.ts";
import type { DrillAnswer, DrillRequest } from "../../src/domain/drill.ts";
import { toInstant } from "../../src/domain/instant.ts";
import type { Load } from "../../src/domain/load.ts";
import type { OverrideRequest, ShownOverride } from "../../src/domain/override.ts";
import { accepted, refused, type Result } from "../../src/domain/problem.ts";
import { encodeReading } from "../../src/domain/reading.ts";
import type { ReportReply } from "../../src/domain/report.ts";
import type { AggregatorRpc, ShardHealth, StoredTarget } from "../../src/domain/rpc.ts";
import type { SiteAnswer, TargetAnswer, TargetConfig } from "../../src/domain/target.ts";
import type { VantageAnswer } from "../../src/domain/vantage.ts";
import type { History, VerdictAnswer } from "../../src/domain/verdict.ts";
import { FakePast } from "./fake-past.ts";

const AT = Date.UTC(2026, 10, 22, 18, 30, 4, 120);
const CAPACITY = 10;

/** A verdict like the contract's example, with `changes` laid over it. */
export const verdictOf = (changes: Partial<VerdictAnswer> = {}): VerdictAnswer => ({
  site: "fra",
  target: "db-1",
  verdict: "alive",
  rule: "good",
  waitingFor: null,
  scope: "target",
  confirmed: true,
  confidence: 0.9997,
  beliefs: { up: 0.9997, crashed: 0, dead: 0.0003, hung: 0, gray: 0, cut: 0 },
  sequence: 42,
  since: toInstant(AT),
  asOf: toInstant(AT + 4_882),
  validUntil: toInstant(AT + 64_882),
  stale: false,
  lastVerdict: "alive",
  because: '5 of 5 sound vantages got an answer; “sequence”:7 and even "sequence":8 are only text',
  reachableFrom: ["enam", "weur"],
  unreachableFrom: [],
  notCounted: [{ vantage: "eeur", reason: "faulty: 3 of 3 controls silent" }],
  evidence: [{ vantage: "weur", at: toInstant(AT), outcome: "ok", stage: "done", totalMs: 12 }],
  advice: { routing: "serve", regions: { enam: "serve", weur: "serve" }, failover: false, reason: "alive" },
  warnings: [],
  drill: null,
  override: null,
  paused: false,
  muted: null,
  told: [],
  ...changes,
});

export const vantageAnswer = (changes: Partial<VantageAnswer> = {}): VantageAnswer => ({
  id: "weur",
  kind: "regional",
  region: "weur",
  colo: null,
  provider: "cloudflare",
  site: null,
  sites: "all",
  state: "sound",
  reason: "",
  lastReportAt: null,
  rearmed: 0,
  counts: { reports: 1, observations: 2, dropped: 0, refused: 0 },
  turns: { due: 4, missed: 1, heldMs: 840, perSecond: 4.762, assignedPerSecond: 1.2 },
  controls: [],
  ...changes,
});

/** Thrown as the platform throws: with flags on the error. */
export const platformError = (flags: { retryable?: boolean; overloaded?: boolean } = {}): Error =>
  Object.assign(new Error("Durable Object reset because its code was updated."), flags);

/** The aggregator of one shard in memory, for tests of the API. */
export class FakeAggregator extends FakePast implements AggregatorRpc {
  readings = new Map<string, { verdict: VerdictAnswer; rehearsal: boolean; etag: string }>();
  drills: DrillAnswer[] = [];
  vantages: VantageAnswer[] = [vantageAnswer()];
  shardHealth: ShardHealth = { shard: 0, targets: 0, overloaded: false, reasons: [], rearmed: [] };
  load: Load = { looks: [], behind: [], alarmLateMs: 0, isAlarmLate: false, stale: [], isOverloaded: false };
  counters: Counters = { bursts: 0, burstProbes: 0 };
  #versions = 0;

  /** Puts a verdict in place, as if judged. */
  judge(verdict: VerdictAnswer, rehearsal = false): void {
    const etag = `"${verdict.sequence}-${verdict.asOf}"`;
    this.readings.set(`${verdict.site}/${verdict.target}`, { verdict, rehearsal, etag });
  }

  async report(): Promise<ReportReply> {
    await this.enter("report");
    return { acknowledged: 0 };
  }

  async read(site: string, target: string): Promise<string | null> {
    await this.enter("read");
    const reading = this.readings.get(`${site}/${target}`);
    return reading === undefined
      ? null
      : encodeReading({ ...reading, json: JSON.stringify(reading.verdict) });
  }

  async census(site: string | null): Promise<string> {
    await this.enter("census");
    const readings = [...this.readings].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const targets = readings.flatMap(([key, { verdict, rehearsal }]): ShardSnapshot["targets"] => {
      if (site !== null && site !== verdict.site) return [];
      const { url = "http://127.0.0.1/", intervalMs = 30_000 } = this.targets.get(key)?.answer ?? {};
      return [{ rehearsal, url, intervalMs, verdict }];
    });
    const { vantages, counters, load, shardHealth, tallies: webhooks } = this;
    const census: ShardSnapshot = { shard: shardHealth.shard, targets, vantages, webhooks, load, counters };
    return JSON.stringify(census);
  }

  async history(
    site: string,
    target: string,
    cursor: string | null,
    limit: number,
  ): Promise<Result<History>> {
    await this.enter("history");
    const verdict = this.readings.get(`${site}/${target}`)?.verdict;
    if (verdict === undefined) return refused("not-found", `no target ${site}/${target}`);
    const start = cursor === null ? verdict.sequence : Number(cursor);
    if (Number.isNaN(start))
      return refused("invalid", "must be a cursor that history gave as `next`", "cursor");
    const sequences = Array.from({ length: limit }, (_, index) => start - index).filter((n) => n > 0);
    const last = sequences.at(-1) ?? 1;
    const { confirmed, confidence, because, advice, evidence } = verdict;
    return accepted({
      transitions: sequences.map((sequence) => ({
        sequence,
        at: toInstant(AT),
        from: "unknown",
        to: "alive",
        rule: "good",
        confirmed,
        confidence,
        because,
        advice,
        evidence,
        drill: null,
        override: null,
        by: null,
        told: [],
      })),
      next: last > 1 ? String(last - 1) : null,
    });
  }

  async putTarget(
    site: string,
    target: string,
    config: TargetConfig,
    ifMatch: string | null,
  ): Promise<Result<StoredTarget & { created: boolean }>> {
    await this.enter("putTarget");
    const key = `${site}/${target}`;
    const before = this.targets.get(key);
    if (ifMatch !== null && ifMatch !== before?.etag)
      return refused("precondition", "If-Match does not name the stored version");
    const stranger = config.vantages?.findIndex((id) => !this.vantages.some((vantage) => vantage.id === id));
    if (stranger !== undefined && stranger >= 0)
      return refused("invalid", "is no vantage here: must be one of weur, enam", `vantages.${stranger}`);
    if (before === undefined && this.targets.size >= CAPACITY)
      return refused("capacity", `a shard holds ${CAPACITY} targets`);
    const answer: TargetAnswer = {
      ...config,
      site,
      target,
      createdAt: toInstant(AT),
      updatedAt: toInstant(AT),
      warnings: ["no sibling and no witness"],
    };
    const stored = { answer, etag: `"${++this.#versions}"` };
    this.targets.set(key, stored);
    this.judge(verdictOf({ site, target }));
    return accepted({ ...stored, created: before === undefined });
  }

  async getTarget(site: string, target: string): Promise<Result<StoredTarget>> {
    await this.enter("getTarget");
    const stored = this.targets.get(`${site}/${target}`);
    return stored === undefined ? refused("not-found", `no target ${site}/${target}`) : accepted(stored);
  }

  async deleteTarget(site: string, target: string, ifMatch: string | null): Promise<Result<null>> {
    await this.enter("deleteTarget");
    const key = `${site}/${target}`;
    const before = this.targets.get(key);
    if (before === undefined) return refused("not-found", `no target ${key}`);
    if (ifMatch !== null && ifMatch !== before.etag)
      return refused("precondition", "If-Match does not name the stored version");
    this.targets.delete(key);
    this.readings.delete(key);
    return accepted(null);
  }

  async listSites(): Promise<SiteAnswer[]> {
    await this.enter("listSites");
    const sites = Map.groupBy(this.targets.values(), ({ answer }) => answer.site);
    return [...sites].map(([site, targets]) => ({ site, targets: targets.length }));
  }

  async listTargets(site: string): Promise<Result<TargetAnswer[]>> {
    await this.enter("listTargets");
    const answers = [...this.targets.values()].map(({ answer }) => answer);
    const listed = answers.filter((answer) => answer.site === site);
    return listed.length === 0 ? refused("not-found", `no site ${site}`) : accepted(listed);
  }

  async putOverride(
    site: string,
    target: string,
    { ttlMs, ...word }: OverrideRequest,
  ): Promise<Result<ShownOverride>> {
    await this.enter("putOverride");
    return this.readings.has(`${site}/${target}`)
      ? accepted({ ...word, until: toInstant(AT + ttlMs) })
      : refused("not-found", `no target ${site}/${target}`);
  }

  async deleteOverride(site: string, target: string): Promise<Result<null>> {
    await this.enter("deleteOverride");
    return this.readings.has(`${site}/${target}`)
      ? accepted(null)
      : refused("not-found", `no override on ${site}/${target}`);
  }

  async listVantages(): Promise<VantageAnswer[]> {
    await this.enter("listVantages");
    return this.vantages;
  }

  async startDrill(request: DrillRequest): Promise<Result<DrillAnswer>> {
    await this.enter("startDrill");
    if (![...this.targets.values()].some(({ answer }) => answer.site === request.site))
      return refused("not-found", `no site ${request.site}`);
    const drill = {
      ...request,
      id: `drill-${this.number}-${this.drills.length + 1}`,
      startsAt: toInstant(AT + this.drills.length),
      endsAt: toInstant(AT + request.durationMs),
    };
    this.drills.push(drill);
    return accepted(drill);
  }

  /** Drills that were ended. */
  pastDrills: DrillAnswer[] = [];

  async listDrills(since: number | null): Promise<DrillAnswer[]> {
    await this.enter("listDrills");
    return [...this.drills.toReversed(), ...(since === null ? [] : this.pastDrills)];
  }

  async stopDrill(id: string): Promise<Result<null>> {
    await this.enter("stopDrill");
    const index = this.drills.findIndex((drill) => drill.id === id);
    if (index === -1) return refused("not-found", `no drill ${id}`);
    this.pastDrills.push(...this.drills.splice(index, 1));
    return accepted(null);
  }

  async shardCount(): Promise<number> {
    await this.enter("shardCount");
    return 1;
  }

  async health(): Promise<ShardHealth> {
    await this.enter("health");
    return this.shardHealth;
  }

  async watch(): Promise<void> {
    await this.enter("watch");
  }
}

/** Bindings whose aggregators are these, one for each shard; `stubs` counts how often the API took a stub. */
export const bindingsOf = (
  shards: FakeAggregator[],
  changes: Partial<Bindings> = {},
): Bindings & { stubs: { taken: number } } => {
  const stubs = { taken: 0 };
  for (const [number, shard] of shards.entries()) Object.assign(shard, { number, first: shards[0] });
  const namespace = {
    idFromName: (name: string) => name,
    get: (id: string) => {
      stubs.taken++;
      return shards[Number(id)];
    },
  };
  return {
    AGGREGATOR: namespace as unknown as DurableObjectNamespace,
    VANTAGE: namespace as unknown as DurableObjectNamespace,
    CONDUCTOR: namespace as unknown as DurableObjectNamespace,
    VANTAGES: "wnam,enam,weur,eeur",
    CONTROLS: "",
    SHARDS: String(shards.length),
    AGGREGATOR_HINT: "weur",
    ALLOW_PRIVATE: "true",
    ADMIN_TOKEN: "the-admin-token",
    READ_TOKEN: "the-read-token",
    stubs,
    ...changes,
  };
};
