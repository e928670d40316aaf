import { keyOf } from "./plain/names.ts";
import type { Override } from "./override.ts";
import type { Report } from "./report.ts";
import type { Policy } from "./target.ts";
import type { Vantage } from "./vantage.ts";

/** What the judge needs to know of a target's configuration. */
export interface JudgedTarget {
  site: string;
  target: string;
  intervalMs: number;
  timeoutMs: number;
  /** Ids of the vantages assigned. */
  vantages: string[];
  /**
   * Since when each vantage has had to look at it this often; epoch milliseconds. Decides no verdict, only how long a look is waited for.
   * Absent if an earlier version kept it: then since the target was made.
   */
  askedSince?: Record<string, number> | undefined;
  hasWitness: boolean;
  /**
   * Where its witness is, and the version of the assignment that first carries that address: earlier reports refer to another. Absent if an
   * earlier version kept it, which did not record the address.
   */
  witness?: { url: string; version: number } | undefined;
  paused: boolean;
  /** Why it counts as paused although its operator did not pause it, in a sentence. */
  barred?: string | undefined;
  policy: Policy;
}

/** A node's own "I am alive". */
export interface Heartbeat {
  site: string;
  target: string;
  bootId: string;
  everyMs?: number | undefined;
  /** When it arrived, epoch milliseconds. */
  at: number;
}

/** A supervisor's notice that a process exited, stopped or started. */
export interface Notice {
  site: string;
  target: string;
  kind: "crash" | "stop" | "start";
  bootId: string;
  restarting: boolean;
  /** When it happened, epoch milliseconds; never after it arrived. */
  at: number;
}

/**
 * Everything that may change the judge's mind, in the order in which it became known. The same events at the same instants give the same
 * verdicts, so history is kept in this form too.
 */
export type EvidenceEvent =
  | { kind: "roster"; vantages: Vantage[] }
  /** `version`: of the assignment that first carries this address; earlier reports refer to another. */
  | { kind: "target"; target: JudgedTarget; url: string; version: number }
  | { kind: "removed"; site: string; target: string }
  | { kind: "report"; report: Report }
  | { kind: "override"; site: string; target: string; override: Override | null }
  | { kind: "heartbeat"; heartbeat: Heartbeat }
  | { kind: "notice"; notice: Notice };

/** The keys of the targets that an event is about. */
export const keysOf = (event: EvidenceEvent): string[] => {
  switch (event.kind) {
    case "roster":
      return [];
    case "target":
      return [keyOf(event.target.site, event.target.target)];
    case "removed":
    case "override":
      return [keyOf(event.site, event.target)];
    case "report":
      return event.report.observations.map(({ site, target }) => keyOf(site, target));
    case "heartbeat":
      return [keyOf(event.heartbeat.site, event.heartbeat.target)];
    case "notice":
      return [keyOf(event.notice.site, event.notice.target)];
  }
};

/** The sites of these targets, by their keys. */
export const sitesOf = (keys: Iterable<string>): Set<string> =>
  new Set([...keys].map((key) => key.slice(0, key.indexOf("/"))));
