/** When time alone, without any event, may change what holds of a target. */
import { failoverAt } from "./standing/advice.ts";
import type { Conclusion } from "./naming/conclusion.ts";
import { lateAt } from "./memory/heartbeat.ts";
import type { Tuning } from "./tuning.ts";
import type { TargetState } from "./memory/state.ts";
import type { View } from "./facts/view.ts";
import { freshnessMs } from "./facts/votes.ts";

/** An undecided target is judged again at least this often, while anybody looks harder at it. */
const UNDECIDED_MS = 2_000;

/** Later than any instant, and unlike Infinity it survives being kept as JSON. */
export const NEVER = Number.MAX_SAFE_INTEGER;

/** The earliest instant after `view.now` at which the target must be judged again; NEVER for none. */
export const nextAt = (
  view: View,
  state: TargetState,
  conclusion: Conclusion | null,
  burstAt: number | null,
  tuning: Tuning,
): number => {
  const { now } = view;
  const candidates: (number | null)[] = [
    state.asOf === null ? null : state.asOf + freshnessMs(state, tuning) + 1,
    burstAt === null ? null : burstAt > now ? burstAt : now + tuning.urgentGapMs,
    state.override === null ? null : state.override.until,
    state.published.advice.failover ? state.standing.quorumUntil + 1 : failoverAt(state),
    state.heartbeat !== null && view.failing.length > 0 ? lateAt(state.heartbeat) + 1 : null,
    conclusion === null && burstAt !== null && view.failing.length > 0 ? now + UNDECIDED_MS : null,
  ];
  return Math.min(...candidates.filter((at) => at !== null && at > now).map(Number), NEVER);
};
