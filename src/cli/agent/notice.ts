import type { NoticeRequest } from "../../domain/heartbeat.ts";

/** A notice on its way. */
export interface AgentNotice {
  kind: NoticeRequest["kind"];
  bootId: string;
  restarting: boolean;
  /** When it happened, epoch milliseconds, by what is known of the detector's clock when asked. */
  at: () => number;
}

/** Past this age it is no news. Far more than clocks are set by, as age is told by them after a restart. */
export const USEFUL_MS = 86_400_000;

/** Whether the notice says that a boot ended: those are worth keeping for the next run. */
export const isEnding = ({ kind }: AgentNotice): boolean => kind !== "start";

/** What is left to send, in order: an end makes all before it moot, a start all but the end before it. */
export const queued = (waiting: AgentNotice[], next: AgentNotice): AgentNotice[] =>
  isEnding(next) ? [next] : [...waiting.filter(isEnding), next];
