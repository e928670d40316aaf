/**
 * If most of the world falls silent at once, over several sites, the likelier cause is on our side:
 * better to say nothing than to advise a massacre.
 */
import type { JudgePolicy } from "./policy.ts";
import type { ShardState, TargetState } from "./state.ts";

/** The state frozen or thawed, and what share of the targets fell silent, in words. */
export const withFailOpen = (
  shard: ShardState,
  now: number,
  policy: JudgePolicy,
): { shard: ShardState; share: string } => {
  const known = [...shard.targets.values()].filter((state) => state.onceAlive && !state.target.paused);
  const silent = known.filter((state) => state.silentAt !== null);
  const newest = Math.max(0, ...silent.map((state) => state.silentAt ?? 0));
  const fell = silent.filter((state) => (state.silentAt ?? 0) >= newest - policy.failOpenWindowMs);
  const frozen =
    known.length >= policy.failOpenTargets &&
    sitesOf(known) > 1 &&
    sitesOf(fell) > 1 &&
    fell.length * 2 > known.length;
  const share = `${fell.length} of ${known.length} targets in ${sitesOf(fell)} sites`;
  if (frozen === (shard.frozenSince !== null)) return { shard, share };
  return { shard: { ...shard, frozenSince: frozen ? now : null }, share };
};

const sitesOf = (states: TargetState[]): number => new Set(states.map((state) => state.target.site)).size;
