import type { NoticeRequest } from "../../domain/heartbeat.ts";

/** A notice to be sent. */
export interface AgentNotice {
  kind: NoticeRequest["kind"];
  bootId: string;
  restarting: boolean;
  /** When it happened, in epoch milliseconds, by the estimate of the detector's clock at the time of the call. */
  at: () => number;
}

/** A notice older than this is dropped. Far above any correction of a clock, by which a notice's age is known after a restart. */
export const USEFUL_MS = 86_400_000;

/** Whether the notice says that a boot has ended: such notices are kept for the next run. */
export const isEnding = ({ kind }: AgentNotice): boolean => kind !== "start";

/** The notices that are left to send, in order. An end makes all before it moot; a start makes all moot except the end before it. */
export const queued = (waiting: AgentNotice[], next: AgentNotice): AgentNotice[] =>
  isEnding(next) ? [next] : [...waiting.filter(isEnding), next];
