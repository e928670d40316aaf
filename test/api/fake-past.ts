import type { Asked, Audited, AuditEntry } from "../../src/domain/audit.ts";
import type { GoAhead } from "../../src/domain/go-ahead.ts";
import { toInstant } from "../../src/domain/instant.ts";
import { accepted, type Result } from "../../src/domain/problem.ts";
import type { AggregatorRpc, EvidenceQuery, PastPage, PastQuery } from "../../src/domain/rpc.ts";
import type { ListedTransition } from "../../src/domain/verdict.ts";
import { FakeWebhooks } from "./fake-webhooks.ts";

const AT = Date.UTC(2026, 10, 22, 18, 30, 4, 120);

/** What of an aggregator tells what has been. */
export class FakePast extends FakeWebhooks {
  /** What was asked to be audited, oldest first. */
  audit: (Asked & { call: Audited; args: unknown[] })[] = [];

  audited(asked: Asked, call: Audited, args: unknown[]): Promise<unknown> {
    this.audit.push({ ...asked, call, args });
    return (this as unknown as Record<Audited, (...all: unknown[]) => Promise<unknown>>)[call](...args);
  }

  /** What it was told of automation, a list for each call. */
  goAheads: GoAhead[][] = [];

  async noteTold(told: GoAhead[]): Promise<void> {
    await this.enter("noteTold");
    this.goAheads.push(told);
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

  /** Newest first; what lies before `n.0` are those from the index `past.length - n` on. */
  past: PastPage<ListedTransition>["entries"] = [];
  /** So many are looked at in one call. */
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

  /** What is answered when evidence is asked for, and what was asked, oldest first. */
  evidenceAnswer: Result<string> = accepted("{}");
  evidenceAsked: EvidenceQuery[] = [];

  async evidence(_site: string, _target: string, query: EvidenceQuery): Promise<Result<string>> {
    await this.enter("evidence");
    this.evidenceAsked.push(query);
    return this.evidenceAnswer;
  }
}
