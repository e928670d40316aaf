/**
 * The usual case, at a fraction of the cost: everybody's newest look at a target was an `ok` and
 * nothing is open. Its verdict stands, and only how long it may be believed moves on.
 *
 * Rejected: leaving such targets out altogether. Their verdicts would go stale under everybody's eyes.
 */
import { isSaidGone } from "../memory/notice.ts";
import type { Tuning } from "../tuning.ts";
import type { ShardState, TargetState } from "../memory/state.ts";
import { freshnessMs } from "../facts/votes.ts";

/** The state with its freshness moved on, or null where it must be judged in full. */
export const calmed = (
  { frozenSince, vantages }: ShardState,
  state: TargetState,
  now: number,
  tuning: Tuning,
): TargetState | null => {
  if (frozenSince !== null || !isCalm(state)) return null;
  let looked = 0;
  for (const id of state.target.vantages)
    if (vantages.get(id)?.state === "sound")
      looked = Math.max(looked, state.edges.get(id)?.recent.at(-1)?.begin ?? 0);
  const newest = Math.max(looked, state.asOf ?? 0);
  const until = newest + freshnessMs(state, tuning);
  if (looked === 0 || until < now) return null;
  // What was waited for has come, or it would not be calm.
  return newest === state.asOf && state.waiting === null
    ? state
    : { ...state, waiting: null, asOf: newest, nextAt: until + 1 };
};

const isCalm = (state: TargetState): boolean => {
  const { announced, episodeAt, goodSince, override, silentAt, standing, target, troubled } = state;
  const isOpen = troubled || target.paused || override !== null || !announced;
  const isHealing =
    isSaidGone(state) ||
    episodeAt !== null ||
    goodSince !== null ||
    silentAt !== null ||
    state.bursts.count > 0;
  return !isOpen && !isHealing && standing.verdict === "alive" && state.published.verdict === "alive";
};
