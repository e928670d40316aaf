/**
 * Whether the path between one vantage and a target others reach is cut. Silence alone is not enough:
 * loss comes in bursts, so it must have lasted; and a vantage that loses much everywhere must have
 * missed this target more often than its own loss explains. A cut path shows no answer at all, so
 * that loss is learnt where its paths are proven open.
 *
 * Rejected: the path's belief. A burst of loss that swallows one tick of five targets is five silences to it, and
 * one accident to the world.
 */
import type { JudgePolicy } from "./policy.ts";
import type { ShardState, Sighting } from "./state.ts";
import type { View } from "./view.ts";
import { kindOf, silentRun, type Vote } from "./votes.ts";

/**
 * Silent to one vantage, several times over some time, while another is answered. Its own soundness
 * must have been checked since, where it has controls to check by.
 */
export const isCut = (shard: ShardState, view: View, vote: Vote, policy: JudgePolicy): boolean => {
  if (vote.kind !== "silent") return false;
  const run = silentRun(vote.edge, view.state.recoveredAt ?? 0, policy);
  const [first, last] = [run[0]?.begin ?? 0, run.at(-1)?.begin ?? 0];
  const silences = settledIn(run);
  if (silences < policy.cutSilences || last - first < policy.cutSpanMs) return false;
  const { controls, vantage } = vote.record;
  const checked = controls.size === 0 || [...controls.values()].some((control) => control.begin >= first);
  if (!checked || !view.dissent.some((other) => other.sighting.begin > first)) return false;
  const loss = Math.max(
    view.state.target.policy.expectedLoss ?? 0,
    lossOf(shard, vantage.id, view.now, policy),
  );
  return loss === 0 || silences >= Math.log(policy.cutByLoss) / Math.log(loss);
};

/** What is still silent may answer yet, when its lost packet is sent again: it does not count for a cut. */
const settledIn = (run: readonly Sighting[]): number =>
  run.filter(({ outcome }) => outcome !== "pending").length;

/** How far back a vantage's own loss is learnt. */
const LOSS_WINDOW_MS = 30_000;
/** … as if so many of its probes had been answered before. */
const PRIOR_ANSWERS = 10;

const known = new WeakMap<ShardState, Map<string, number>>();

/** Share of the vantage's probes that were lost on paths proven open since. */
const lossOf = (shard: ShardState, vantage: string, now: number, policy: JudgePolicy): number => {
  const losses = known.get(shard) ?? new Map<string, number>();
  known.set(shard, losses);
  const learnt = losses.get(`${vantage}@${now}`) ?? learnLoss(shard, vantage, now, policy);
  losses.set(`${vantage}@${now}`, learnt);
  return learnt;
};

const learnLoss = (shard: ShardState, vantage: string, now: number, policy: JudgePolicy): number => {
  let [lost, looked] = [0, PRIOR_ANSWERS];
  for (const { edges, target } of shard.targets.values()) {
    const edge = edges.get(vantage);
    const provenAt = shard.sites.get(target.site)?.paths.get(vantage)?.at ?? 0;
    for (const sighting of edge?.recent ?? []) {
      if (edge === undefined || sighting.begin < now - LOSS_WINDOW_MS || sighting.begin > provenAt) continue;
      const kind = kindOf(sighting, edge, policy);
      if (kind === null) continue;
      looked += 1;
      if (kind === "silent" || kind === "hung") lost += 1;
    }
  }
  return lost / looked;
};
