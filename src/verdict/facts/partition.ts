/**
 * Whether the path between one vantage and a target others reach is cut. Silence alone is not enough:
 * loss comes in bursts, so it must have lasted; and a vantage that loses much everywhere must have
 * missed this target more often than its own loss explains, or its site's. A cut path shows no answer at all, so
 * that loss is learnt where its paths are proven open.
 *
 * Rejected: the path's belief. A burst of loss that swallows one tick of five targets is five silences to it, and
 * one accident to the world.
 */
import type { Tuning } from "../tuning.ts";
import type { ShardState, Sighting } from "../memory/state.ts";
import type { View } from "./view.ts";
import { kindOf, silentRun, type Vote } from "./votes.ts";

/**
 * Silent to one vantage, several times over some time, while another is answered. Its own soundness
 * must have been checked since, where it has controls to check by.
 */
export const isCut = (shard: ShardState, view: View, vote: Vote, tuning: Tuning): boolean => {
  if (vote.kind !== "silent") return false;
  const run = silentRun(vote.edge, view.state.recoveredAt ?? 0, tuning);
  const [first, last] = [run[0]?.begin ?? 0, run.at(-1)?.begin ?? 0];
  const silences = settledIn(run, view.now - view.state.target.timeoutMs);
  if (silences < tuning.cutSilences || last - first < tuning.cutSpanMs) return false;
  const { controls, vantage } = vote.record;
  const checked = controls.size === 0 || [...controls.values()].some((control) => control.begin >= first);
  if (!checked || !view.dissent.some((other) => other.sighting.begin > first)) return false;
  const { policy: own, site } = view.state.target;
  const byVantage = Math.max(own.expectedLoss ?? 0, lossOf(shard, vantage.id, view.now, tuning));
  const bySite = lossOf(shard, `/${site}`, view.now, tuning);
  return (
    silences >= neededRun(byVantage, tuning.cutByLoss) &&
    silences >= Math.min(MOST_BY_SITE, neededRun(bySite, tuning.cutBySiteLoss))
  );
};

/** Where most of what is sent to a site is lost, whoever hears nothing at all is cut off for all that matters. */
const MOST_BY_SITE = 5;

/** Silences in a row that chance brings seldom enough where so much is lost. */
const neededRun = (loss: number, chance: number): number =>
  loss === 0 ? 0 : Math.log(chance) / Math.log(loss);

/** What began so late that it may answer yet, when its lost packet is sent again, does not count for a cut. */
const settledIn = (run: readonly Sighting[], openSince: number): number =>
  run.filter(({ begin, outcome }) => outcome !== "pending" || begin <= openSince).length;

/** How far back a vantage's own loss is learnt. */
const LOSS_WINDOW_MS = 30_000;
/** … as if so many of its probes had been answered before. */
const PRIOR_ANSWERS = 10;

const known = new WeakMap<ShardState, Map<string, number>>();

/** Share of the probes lost of late on paths proven open since: by a vantage, or by all of them to `/site`. */
const lossOf = (shard: ShardState, name: string, now: number, tuning: Tuning): number => {
  const losses = known.get(shard) ?? new Map<string, number>();
  known.set(shard, losses);
  const key = `${name}@${now}`;
  const loss = losses.get(key) ?? learnLoss(shard, name, now, tuning);
  losses.set(key, loss);
  return loss;
};

const learnLoss = (shard: ShardState, name: string, now: number, tuning: Tuning): number => {
  let [lost, looked] = [0, PRIOR_ANSWERS];
  for (const { edges, target } of shard.targets.values())
    for (const [vantage, edge] of edges) {
      if (vantage !== name && `/${target.site}` !== name) continue;
      const provenAt = shard.sites.get(target.site)?.paths.get(vantage)?.at ?? 0;
      for (const sighting of edge.recent) {
        if (sighting.begin < now - LOSS_WINDOW_MS || sighting.begin > provenAt) continue;
        const kind = kindOf(sighting, edge, tuning);
        if (kind === null) continue;
        looked += 1;
        if (kind === "silent" || kind === "hung") lost += sighting.weight ?? 1;
      }
    }
  return lost / looked;
};
