/**
 * From what stands to what is advised. Routing and failover answer different questions and differ
 * on purpose: an isolated primary is useless to clients and may still be accepting writes.
 */
import { type Advice, VERDICTS, type Verdict } from "../../domain/verdict.ts";
import { CONTRADICTED_MS, isRestarting, isStopped } from "../memory/notice.ts";
import type { ShardState, TargetState } from "../memory/state.ts";

/** What is to be published: what stands, under an operator's word. */
export interface Word {
  verdict: Verdict;
  /** The rule that decided. */
  rule: string;
  confirmed: boolean;
  because: string;
  advice: Advice;
}

/** An operator decided, and no row of the table. */
const OVERRIDE = "override";

/** The verdict, confirmation and advice that hold of a target at `now`. */
export const wordOf = (shard: ShardState, state: TargetState, now: number): Word => {
  const { override } = state;
  if (override === null || override.until <= now) return judged(shard, state, now);
  const word =
    override.verdict === undefined
      ? advised(shard, state, override.advice ?? {}, now)
      : spoken(shard, state, override.verdict, now);
  const because = `an operator's word: ${override.reason}`;
  return { ...word, rule: OVERRIDE, because, advice: { ...word.advice, reason: because } };
};

/** The judge's own word. */
const judged = (shard: ShardState, state: TargetState, now: number): Word => {
  const { verdict, rule, confirmed, because, routing, cut } = state.standing;
  const failover = failoverHolds(state, now);
  const advice = adviceOf(shard, state, verdict, confirmed, routing, failover, cut, now);
  return { verdict, rule, confirmed, because, advice };
};

type Overridden = Pick<Word, "verdict" | "confirmed" | "advice">;

/** An operator's verdict: confirmed by whoever spoke it. */
const spoken = (shard: ShardState, state: TargetState, verdict: Verdict, now: number): Overridden => {
  const routing = overriddenRouting(state, verdict);
  const confirmed = verdict !== "unknown";
  const advice = adviceOf(shard, state, verdict, confirmed, routing, failsOver(state, verdict), [], now);
  return { verdict, confirmed, advice };
};

/** The judge's verdict with an operator's advice; who advises failover by hand confirms by hand. */
const advised = (
  shard: ShardState,
  state: TargetState,
  by: { routing?: Advice["routing"] | undefined; failover?: boolean | undefined },
  now: number,
): Overridden => {
  const { standing } = state;
  const { verdict } = standing;
  const failover = by.failover ?? failoverHolds(state, now);
  const confirmed = standing.confirmed || by.failover === true;
  const cut = by.routing === undefined ? standing.cut : [];
  const advice = adviceOf(
    shard,
    state,
    verdict,
    confirmed,
    by.routing ?? standing.routing,
    failover,
    cut,
    now,
  );
  return { verdict, confirmed, advice };
};

const overriddenRouting = (state: TargetState, verdict: Verdict): Advice["routing"] => {
  const { routing } = VERDICTS[verdict];
  if (routing === "settled") return state.settledRouting;
  return routing === "avoid" ? "avoid" : "serve";
};

const adviceOf = (
  shard: ShardState,
  state: TargetState,
  verdict: Verdict,
  confirmed: boolean,
  routing: Advice["routing"],
  failover: boolean,
  cut: string[],
  now: number,
): Advice => ({
  routing,
  regions: regionsOf(shard, state, routing, cut),
  failover,
  reason: `${confirmed ? "confirmed" : "unconfirmed"} ${verdict}${reservation(state, failover, now)}`,
});

/** Why failover is not advised although the verdict alone would. */
const reservation = (state: TargetState, failover: boolean, now: number): string => {
  const { notice, standing } = state;
  const contradictedAt = notice?.contradictedAt ?? -Infinity;
  if (notice !== null && now < contradictedAt + CONTRADICTED_MS)
    return `; a ${notice.kind} notice was contradicted`;
  if (failover || !standing.confirmed || !failsOver(state, standing.verdict)) return "";
  if (standing.verdict === "process_crashed" && isStopped(state))
    return "; failover withheld: it was stopped in order";
  if (standing.drill !== null && !standing.drill.live) return "; failover withheld: a drill that is not live";
  if (!state.onceAlive) return "; failover withheld: it has never been alive";
  return "; failover withheld until it has held long enough on fresh probes";
};

/** A region is to be avoided where all of it is, or where every vantage of it is cut off. */
const regionsOf = (
  shard: ShardState,
  state: TargetState,
  routing: Advice["routing"],
  cut: string[],
): Advice["regions"] => {
  const reached = new Set<string>();
  const regions = new Set<string>();
  for (const id of state.target.vantages) {
    const region = shard.vantages.get(id)?.vantage.region;
    if (region === undefined) continue;
    regions.add(region);
    if (!cut.includes(id)) reached.add(region);
  }
  return Object.fromEntries(
    [...regions].toSorted().map((region) => [region, reached.has(region) ? routing : "avoid"]),
  );
};

/** A supervisor that has said it starts the process again is given this long. */
const RESTARTED_WITHIN_MS = 10_000;

/** How long a verdict must have held for failover, or null where it never advises it; milliseconds. */
const failoverAfterMs = (state: TargetState, verdict: Verdict): number | null => {
  const { failoverOn, restartGraceMs } = state.target.policy;
  const restart = isRestarting(state) ? RESTARTED_WITHIN_MS : 0;
  const grace = verdict === "process_crashed" ? Math.max(restartGraceMs ?? 0, restart) : 0;
  if (failoverOn === undefined) return VERDICTS[verdict].failsOver ? grace : null;
  for (const entry of failoverOn) {
    if (entry === verdict) return grace;
    if (typeof entry === "object" && entry.verdict === verdict) return Math.max(entry.afterMs, grace);
  }
  return null;
};

const failsOver = (state: TargetState, verdict: Verdict): boolean => failoverAfterMs(state, verdict) !== null;

/** When failover will be advised if nothing changes, or null; epoch milliseconds. */
export const failoverAt = (state: TargetState): number | null => {
  const { standing } = state;
  const after = failoverAfterMs(state, standing.verdict);
  const stopped = standing.verdict === "process_crashed" && isStopped(state);
  const possible =
    !stopped && standing.confirmed && state.onceAlive && (standing.drill === null || standing.drill.live);
  return after === null || !possible ? null : standing.heldSince + after;
};

const failoverHolds = (state: TargetState, now: number): boolean => {
  const at = failoverAt(state);
  return at !== null && now >= at && now <= state.standing.quorumUntil;
};
