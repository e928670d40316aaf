/**
 * What a shard notices of its own condition and of its vantages, beside what it judges. In memory only: after a restart the shard notices
 * it anew.
 */
import type { Report } from "../domain/report.ts";
import { Punctuality } from "./overload.ts";
import { aheadMs } from "./clock-setback.ts";
import type { Condition } from "./unwell.ts";

/** Each reply hands out the newest assignment. After this many reports by the same old version, the vantage counts as not taking it. */
const OUTDATED_REPORTS = 3;

export class Notices {
  readonly punctuality = new Punctuality();
  readonly #ahead = new Map<string, number>();
  readonly #outdated = new Map<string, { version: number; reports: number }>();
  #unkept: Condition["unkept"] = null;
  #logged = new Set<string>();

  /** A report has come at `now`; `version`: the version of the newest assignment. */
  reported(report: Report, version: number, now: number): void {
    const { vantage } = report;
    const ms = aheadMs(report, now);
    if (ms === 0) this.#ahead.delete(vantage);
    else this.#ahead.set(vantage, ms);
    const before = this.#outdated.get(vantage);
    const reports = before?.version === report.version ? before.reports + 1 : 1;
    if (report.version >= version) this.#outdated.delete(vantage);
    else this.#outdated.set(vantage, { version: report.version, reports });
  }

  /** A judgement was kept, or could not be. */
  kept(): void {
    this.#unkept = null;
  }
  unkept(cause: unknown, now: number): void {
    this.#unkept = { since: this.#unkept?.since ?? now, reason: String(cause) };
  }

  get noticed(): Pick<Condition, "ahead" | "outdated" | "unkept"> {
    const outdated = [...this.#outdated].filter(([, { reports }]) => reports >= OUTDATED_REPORTS);
    return {
      ahead: [...this.#ahead],
      outdated: outdated.map(([vantage, { version }]) => [vantage, version]),
      unkept: this.#unkept,
    };
  }

  /** The reasons that were not given last time, even with other numbers in them. */
  news(reasons: readonly string[]): string[] {
    const kindOf = (reason: string): string => reason.replaceAll(/\d+/g, "");
    const logged = this.#logged;
    this.#logged = new Set(reasons.map(kindOf));
    return reasons.filter((reason) => !logged.has(kindOf(reason)));
  }
}
