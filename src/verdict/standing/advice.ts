/**
 * From the standing to the advice. Routing and failover answer different questions and differ on purpose: an isolated primary is useless to
 * clients and may still be accepting writes.
 */
import { keyOf } from "../../domain/plain/names.ts";
import type { Advice, Verdict } from "../../domain/verdict.ts";
import { VERDICTS } from "../../domain/plain/verdict-table.ts";
import { isLeftGone, isRestarting, isStopped } from "../memory/node.ts";
import { heldUntil } from "../facts/living.ts";
import type { Tuning } from "../tuning.ts";
import type { ShardState, TargetState } from "../memory/judge-state.ts";

/** What is to be published: the standing, under an operator's override. */
export interface Word {
  verdict: Verdict;
  /** The rule that decided. */
  rule: string;
  confirmed: boolean;
  because: string;
  advice: Advice;
}

/** The rule's name where an operator decided, and not a row of the table. */
const OVERRIDE = "override";

/** A target at one moment. */
interface Moment {
  shard: ShardState;
  state: TargetState;
  now: number;
  tuning: Tuning;
}

/** The verdict, confirmation and advice for a target at `now`. */
export const wordOf = (shard: ShardState, state: TargetState, now: number, tuning: Tuning): Word => {
  const moment = { shard, state, now, tuning };
  const { override } = state;
  if (override === null || override.until <= now) return judged(moment);
  const word =
    override.verdict === undefined
      ? advised(moment, override.advice ?? {})
      : spoken(moment, override.verdict);
  const because = `an operator's word: ${override.reason}`;
  return { ...word, rule: OVERRIDE, because, advice: { ...word.advice, reason: because } };
};

type Overridden = Pick<Word, "verdict" | "confirmed" | "advice">;

/** The word of the judge alone, without an override. */
const judged = (moment: Moment): Word => {
  const { verdict, rule, confirmed, because, routing, cut } = moment.state.standing;
  const failover = failoverHolds(moment);
  const advice = adviceOf(moment, { verdict, confirmed, routing, failover, cut });
  return { verdict, rule, confirmed, because, advice };
};

/** An operator's verdict. The operator confirms it. */
const spoken = (moment: Moment, verdict: Verdict): Overridden => {
  const { state, tuning } = moment;
  const routing = overriddenRouting(state, verdict);
  const confirmed = verdict !== "unknown";
  const failover = failsOver(state, verdict, tuning);
  return { verdict, confirmed, advice: adviceOf(moment, { verdict, confirmed, routing, failover, cut: [] }) };
};

/** The judge's verdict with an operator's advice. An operator who advises failover confirms the verdict as well. */
const advised = (
  moment: Moment,
  by: { routing?: Advice["routing"] | undefined; failover?: boolean | undefined },
): Overridden => {
  const { verdict, confirmed: isHeld, routing, cut } = moment.state.standing;
  const confirmed = isHeld || by.failover === true;
  const advice = adviceOf(moment, {
    verdict,
    confirmed,
    routing: by.routing ?? routing,
    failover: by.failover ?? failoverHolds(moment),
    cut: by.routing === undefined ? cut : [],
  });
  return { verdict, confirmed, advice };
};

const overriddenRouting = (state: TargetState, verdict: Verdict): Advice["routing"] => {
  const { routing } = VERDICTS[verdict];
  if (routing === "settled") return state.settledRouting;
  return routing === "avoid" ? "avoid" : "serve";
};

interface Held {
  verdict: Verdict;
  confirmed: boolean;
  routing: Advice["routing"];
  failover: boolean;
  cut: string[];
}

const adviceOf = (moment: Moment, { verdict, confirmed, routing, failover, cut }: Held): Advice => ({
  routing,
  regions: regionsOf(moment, routing, cut),
  failover,
  reason: `${confirmed ? "confirmed" : "unconfirmed"} ${verdict}${reservation(moment, failover)}`,
});

/** The reason why failover is not advised although the verdict alone would advise it. */
const reservation = ({ state, now, tuning }: Moment, failover: boolean): string => {
  const { notice, standing } = state;
  const contradictedAt = notice?.contradictedAt ?? -Infinity;
  if (notice !== null && now < contradictedAt + tuning.noticeContradictedMs)
    return `; a ${notice.kind} notice was contradicted`;
  if (failover || !standing.confirmed || !failsOver(state, standing.verdict, tuning)) return "";
  if (standing.verdict === "process_crashed" && isStopped(state))
    return "; failover withheld: it was stopped in order";
  if (standing.drill !== null && !standing.drill.live) return "; failover withheld: a drill that is not live";
  if (!state.onceAlive) return "; failover withheld: it has never been alive";
  return "; failover withheld until it has held long enough on fresh probes";
};

/** A region is to be avoided where the whole target is, or where every vantage of the region is cut off. */
const regionsOf = (
  { shard, state }: Moment,
  routing: Advice["routing"],
  cut: string[],
): Advice["regions"] => {
  const advised = new Map<string, Advice["routing"]>();
  for (const id of state.target.vantages) {
    const region = shard.vantages.get(id)?.vantage.region;
    if (region === undefined) continue;
    if (!cut.includes(id)) advised.set(region, routing);
    else if (!advised.has(region)) advised.set(region, "avoid");
  }
  const regions: Advice["regions"] = {};
  for (const region of [...advised.keys()].toSorted()) regions[region] = advised.get(region) ?? "avoid";
  return regions;
};

/**
 * How long a supervisor may still revive the process; milliseconds. Zero once the supervisor has said that it will not. Where it has said
 * that it will, or that it has, no shorter than usual, however short the operator made it.
 */
const restartGraceMs = (state: TargetState, tuning: Tuning): number => {
  if (isLeftGone(state)) return 0;
  const grace = state.target.policy.restartGraceMs ?? tuning.restartGraceMs;
  const isRevived = isRestarting(state) || state.notice?.follows !== undefined;
  return isRevived ? Math.max(grace, tuning.restartGraceMs) : grace;
};

/** How long a verdict must have held for failover, or null where it never advises it; milliseconds. */
const failoverAfterMs = (state: TargetState, verdict: Verdict, tuning: Tuning): number | null => {
  const { failoverOn } = state.target.policy;
  const grace = verdict === "process_crashed" ? restartGraceMs(state, tuning) : 0;
  if (failoverOn === undefined) return VERDICTS[verdict].failsOver ? grace : null;
  for (const entry of failoverOn) {
    if (entry === verdict) return grace;
    if (typeof entry === "object" && entry.verdict === verdict) return Math.max(entry.afterMs, grace);
  }
  return null;
};

/**
 * Since when the crash has to last. For a process that began after an ordered stop, since it began, and not since the process before it
 * stopped. A process that crashes and is started again and again wins no time by that.
 */
const goneSince = ({ notice, standing }: TargetState): number =>
  standing.verdict === "process_crashed" && notice?.follows === "stop"
    ? Math.max(standing.heldSince, notice.heardAt)
    : standing.heldSince;

const failsOver = (state: TargetState, verdict: Verdict, tuning: Tuning): boolean =>
  failoverAfterMs(state, verdict, tuning) !== null;

/** When failover will be advised if nothing changes, or null; epoch milliseconds. */
export const failoverAt = (state: TargetState, tuning: Tuning): number | null => {
  const { standing } = state;
  const after = failoverAfterMs(state, standing.verdict, tuning);
  const isStop = standing.verdict === "process_crashed" && isStopped(state);
  const isPossible =
    !isStop && standing.confirmed && state.onceAlive && (standing.drill === null || standing.drill.live);
  return after === null || !isPossible ? null : goneSince(state) + after;
};

/**
 * Whether a vantage has been answered lately, since the verdict. A vantage in doubt counts here too, since an answer proves that the target
 * serves, except a vantage whose claim to be let in is overruled.
 */
const isServedSince = ({ shard, state, now, tuning }: Moment): boolean => {
  const { edges, standing, target } = state;
  const from = Math.max(standing.heldSince + 1, now - target.intervalMs - tuning.okGraceMs);
  const key = keyOf(target.site, target.target);
  return [...edges].some(
    ([id, { lastOk }]) =>
      (lastOk ?? 0) >= from && shard.vantages.get(id)?.alone.get(key)?.isOverruled !== true,
  );
};

const failoverHolds = (moment: Moment): boolean => {
  const { shard, state, now, tuning } = moment;
  const at = failoverAt(state, tuning);
  if (at === null || now < at || now > state.standing.quorumUntil || isServedSince(moment)) return false;
  if (heldUntil(shard, state.target, now, tuning) === null) return true;
  // Reports that waited for us may contain answers. Meanwhile failover is not newly advised, and one answer takes it back.
  return state.published.advice.failover && state.okAt <= state.standing.heldSince;
};
