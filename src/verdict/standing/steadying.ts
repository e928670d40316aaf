/**
 * A trouble may take a few names until it is known. After several names within a minute the next one has to last before it is
 * published: what automation reads must not change with every look at a target that fails in several ways at once. Three things are
 * published at once all the same: whether the target is served, which vantages reach it, and that failover is no longer advised.
 */
import { VERDICTS } from "../../domain/verdict.ts";
import type { Standing, TargetState } from "../memory/state.ts";
import type { Tuning } from "../tuning.ts";

/** Another name is waited for: no row of the table, which asks what is true now. */
const STEADYING = "steadying";

type Name = Pick<Standing, "verdict" | "confirmed">;

const isSame = (a: Name, b: Name): boolean => a.verdict === b.verdict && a.confirmed === b.confirmed;

/** Whether those call every path cut that these do. */
const isWithin = (these: Standing, those: Standing): boolean =>
  these.cut.every((id) => those.cut.includes(id));

/** What failover rests on, confirmed or not, is not held any longer than the evidence for it. */
const isSafer = (before: TargetState, { verdict, confirmed }: Name): boolean => {
  const stays = VERDICTS[verdict].failsOver;
  if (VERDICTS[before.standing.verdict].failsOver && !stays) return true;
  return before.published.advice.failover && !(stays && confirmed);
};

const SETTLED: ReadonlySet<string> = new Set(["alive", "unknown"]);

/** What is never waited for. */
const isAtOnce = (before: TargetState, after: Standing): boolean =>
  after.routing !== before.standing.routing ||
  SETTLED.has(before.standing.verdict) ||
  SETTLED.has(after.verdict) ||
  // A path that carries again is called cut no longer.
  !isWithin(before.standing, after) ||
  isSafer(before, after);

/** The state `after` a judgement; where it has been renamed often lately, with the name of `before` until the new one has lasted. */
export const steadied = (
  before: TargetState,
  after: TargetState,
  now: number,
  tuning: Tuning,
): TargetState => {
  const { standing } = after;
  const isOld = isSame(standing, before.standing) && isWithin(standing, before.standing);
  if (isOld && isWithin(before.standing, standing))
    return after.candidate === null ? after : { ...after, candidate: null };
  const turns = before.turns.filter((at) => at > now - tuning.turnMemoryMs);
  const surplus = turns.length - tuning.turnsFree;
  const since =
    before.candidate !== null && isSame(before.candidate, standing) ? before.candidate.since : now;
  const dwellMs = after.target.intervalMs * tuning.dwellGrowth ** Math.max(0, surplus);
  const until = surplus < 0 ? now : since + Math.min(dwellMs, tuning.dwellMaxMs);
  if (now >= until || isAtOnce(before, standing))
    return { ...after, candidate: null, turns: [...turns, now].slice(-tuning.fallsKept) };
  const { verdict, confirmed, quorumUntil } = standing;
  return {
    ...after,
    standing: { ...before.standing, quorumUntil },
    candidate: { verdict, confirmed, since },
    waiting: { rule: STEADYING, what: "it has had several names in a minute: the next has to last", until },
  };
};
