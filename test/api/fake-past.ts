import type { Asked, Audited, AuditEntry } from "../../src/domain/audit.ts";
import type { GoAhead } from "../../src/domain/go-ahead.ts";
import type { ListedGroup } from "../../src/domain/group.ts";
import { toInstant } from "../../src/domain/instant.ts";
import type { AggregatorRpc, EvidenceQuery, MemberViews, PastPage, PastQuery } from "../../src/domain/rpc.ts";
import type { EvidenceAnswer } from "../../src/domain/replay.ts";
import type { MuteAnswer, MuteRequest } from "../../src/domain/mute.ts";
import { accepted, refused, type Result } from "../../src/domain/problem.ts";
import type { ListedTransition } from "../../src/domain/verdict.ts";
import { FakeWebhooks } from "./fake-webhooks.ts";

const AT = Date.UTC(2026, 10, 22, 18, 30, 4, 120);

/** A page of evidence. */
export const EVIDENCE: EvidenceAnswer = {
  site: "fra",
  target: "db-1",
  since: toInstant(AT),
  until: toInstant(AT),
  reachesBackTo: toInstant(AT),
  observations: [
    { vantage: "weur", at: toInstant(AT), subject: "target", outcome: "ok", stage: "done", totalMs: 5 },
  ],
  heartbeats: [],
  notices: [],
  replay: {
    snapshot: "{}",
    entries: [{ id: 1, at: toInstant(AT), events: [{ kind: "roster", vantages: [] }] }],
    published: [],
  },
  withheld: null,
  next: "1.0",
};

/** The part of a fake aggregator that reports the past. */
export class FakePast extends FakeWebhooks {
  /** The audited calls, oldest first. */
  audit: (Asked & { call: Audited; args: unknown[] })[] = [];

  audited(asked: Asked, call: Audited, args: unknown[]): Promise<unknown> {
    this.audit.push({ ...asked, call, args });
    return (this as unknown as Record<Audited, (...all: unknown[]) => Promise<unknown>>)[call](...args);
  }

  /** The go-aheads that the API has reported, one list for each call. */
  goAheads: GoAhead[][] = [];

  async noteTold(told: GoAhead[]): Promise<void> {
    await this.enter("noteTold");
    this.goAheads.push(told);
  }

  groups: ListedGroup[] = [];

  async memberViews(): Promise<MemberViews> {
    await this.enter("memberViews");
    return { views: [], hosts: {}, absent: [] };
  }

  async noteGroup(group: ListedGroup, isThere: boolean): Promise<Result<null>> {
    await this.enter("noteGroup");
    this.groups = [...this.groups.filter((one) => one.group !== group.group), ...(isThere ? [group] : [])];
    return accepted(null);
  }

  async listGroups(): Promise<ListedGroup[]> {
    await this.enter("listGroups");
    return this.groups;
  }

  async takeFromGroup(): Promise<number> {
    await this.enter("takeFromGroup");
    return 0;
  }

  mutes: MuteAnswer[] = [];

  async putMute(id: string, request: MuteRequest): Promise<Result<{ mute: MuteAnswer; created: boolean }>> {
    await this.enter("putMute");
    if (![...this.targets.values()].some(({ answer }) => answer.site === request.site))
      return refused("not-found", `there is no site "${request.site}"`, "site");
    const { site, target = null, reason } = request;
    const until = new Date(request.until).toISOString();
    const mute = { id, site, target, until, reason, by: "ADMIN_TOKEN" };
    const created = !this.mutes.some((one) => one.id === id);
    this.mutes = [...this.mutes.filter((one) => one.id !== id), mute];
    return accepted({ mute, created });
  }

  async listMutes(): Promise<MuteAnswer[]> {
    await this.enter("listMutes");
    return this.mutes;
  }

  async deleteMute(id: string): Promise<Result<null>> {
    await this.enter("deleteMute");
    if (!this.mutes.some((one) => one.id === id))
      return refused("not-found", `there is no mute "${id}"`, "id");
    this.mutes = this.mutes.filter((one) => one.id !== id);
    return accepted(null);
  }

  async auditBefore({ before, limit }: Parameters<AggregatorRpc["auditBefore"]>[0]) {
    await this.enter("auditBefore");
    const start = before ?? `${this.audit.length + 1}.0`;
    const older = this.audit.slice(0, Number.parseInt(start, 10) - 1).toReversed();
    const entries = older
      .slice(0, limit)
      .map(({ by, what }, index): PastPage<AuditEntry>["entries"][number] => ({
        at: AT,
        before: `${older.length - index}.0`,
        entry: { at: toInstant(AT), by, what, before: null, after: null },
      }));
    return { entries, next: older.length > limit ? (entries.at(-1)?.before ?? null) : null, start };
  }

  /** Newest first. The entries before the place `n.0` are those from index `past.length - n` on. */
  past: PastPage<ListedTransition>["entries"] = [];
  /** The number of entries that one call looks at. */
  looksAt = Infinity;

  async transitionsBefore({
    since,
    until,
    sites,
    target,
    before,
    limit,
  }: PastQuery): Promise<PastPage<ListedTransition>> {
    await this.enter("transitionsBefore");
    const { length } = this.past;
    const start = before ?? `${length}.0`;
    const skipped = length - Number(start.split(".")[0]);
    const looked = this.past.slice(skipped, skipped + this.looksAt);
    const fits = ({ at, entry }: PastPage<ListedTransition>["entries"][number]): boolean =>
      at >= (since ?? -Infinity) &&
      at <= (until ?? Infinity) &&
      (sites?.includes(entry.site) ?? true) &&
      (target === null || target === entry.target);
    const wanted = looked.filter(fits).slice(0, limit);
    const last = wanted.length === limit ? wanted.at(-1) : looked.at(-1);
    const next = last === undefined || last === this.past.at(-1) ? null : last.before;
    return { entries: wanted, next, start };
  }

  /** The answer to a request for evidence, and the requests so far, oldest first. */
  evidenceAnswer: Result<string> = accepted(JSON.stringify(EVIDENCE));
  evidenceAsked: EvidenceQuery[] = [];

  async evidence(_site: string, _target: string, query: EvidenceQuery): Promise<Result<string>> {
    await this.enter("evidence");
    this.evidenceAsked.push(query);
    return this.evidenceAnswer;
  }
}
