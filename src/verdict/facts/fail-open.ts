/**
 * If most of the world falls silent at once, over several sites, the likelier cause is on our side:
 * better to say nothing than to advise a massacre.
 *
 * Rejected: a share of vantages in place of targets. They all see the same when it is our side that fails.
 */
import type { Tuning } from "../tuning.ts";
import type { ShardState, TargetState } from "../memory/state.ts";

/** The state frozen or thawed, and what share of the targets fell silent, in words. */
export const withFailOpen = (
  shard: ShardState,
  now: number,
  tuning: Tuning,
): { shard: ShardState; share: string } => {
  const known: TargetState[] = [];
  let newest = 0;
  for (const state of shard.targets.values()) {
    if (!state.onceAlive || state.target.paused) continue;
    known.push(state);
    newest = Math.max(newest, state.silentAt ?? 0);
  }
  if (newest === 0 && shard.frozenSince === null) return { shard, share: "" };
  const fell = known.filter(
    ({ silentAt }) => silentAt !== null && silentAt >= newest - tuning.failOpenWindowMs,
  );
  const frozen =
    known.length >= tuning.failOpenTargets &&
    sitesOf(known) > 1 &&
    sitesOf(fell) > 1 &&
    fell.length * 2 > known.length;
  const share = `${fell.length} of ${known.length} targets in ${sitesOf(fell)} sites`;
  if (frozen === (shard.frozenSince !== null)) return { shard, share };
  return { shard: { ...shard, frozenSince: frozen ? now : null }, share };
};

const sitesOf = (states: TargetState[]): number => new Set(states.map((state) => state.target.site)).size;
