/**
 * Which hidden causes explain a site's silences: its paths from each vantage, the site itself, and each of its targets, weighed together,
 * so that one cut explains what would otherwise take many deaths.
 *
 *   P(causes | evidence) ∝ P(site) · Π_paths P(path) · Π_targets Σ_x base(x) · Π_open paths P(silences | x)
 *
 * Silences that a later answer makes unambiguous are settled before (site-evidence.ts). The rest is enumerated exactly over the paths that
 * may be cut, target by target inside each configuration, since given the paths the targets are independent. Beyond eight paths, only
 * configurations within two paths of all open, all cut and the best single guess are weighed: the others are rarer by a prior of 10^-3
 * each. All this is done under each state of the site: connected, lossy or cut. A lossy site makes every silence cheap. A cut site has been
 * cut since its own last proof, so what was silent before that proof has to be explained without the cut.
 *
 * Rejected: one filter for each edge, multiplied. It counts a target's prior once for every vantage.
 */
import { branchOf, weigh, weighAll, WIDTH, type Branch } from "./enumeration.ts";
import { CAUSES, type Cause, NEGLIGIBLE_NATS } from "../likelihood.ts";
import { SITE_STATES, type SiteEvidence, type SiteState } from "./site-evidence.ts";

/** Posterior of one site. */
export interface SitePosterior {
  siteCut: number;
  /** Probability that no vantage outside reaches the site, because it is cut itself or every path to it is. */
  unreached: number;
  /** The probability that each path is cut on its own. */
  pathCut: number[];
  targets: TargetPosterior[];
}

/** The causes sum to 1, without `alone`. `cut`: the target runs, and no vantage outside reaches it, for whatever reason. */
export interface TargetPosterior extends Record<Cause, number> {
  /** Probability that its host alone is dead or cut off, which look the same from outside. */
  alone: number;
}

/** The posterior over a site's causes. Cost: configurations × targets × paths. */
export const inferSite = (evidence: SiteEvidence): SitePosterior => {
  const branches = SITE_STATES.map((site) => {
    const branch = branchOf(evidence, site);
    return { site, branch, weighed: weighAll(branch) };
  });
  let highest = -Infinity;
  for (const { weighed } of branches) for (const nats of weighed.nats) highest = Math.max(highest, nats);
  let total = 0;
  for (const { weighed } of branches) for (const nats of weighed.nats) total += Math.exp(nats - highest);
  const posterior: SitePosterior = {
    siteCut: 0,
    unreached: 0,
    pathCut: evidence.paths.map(() => 0),
    targets: evidence.targets.map(() => ({ up: 0, crashed: 0, dead: 0, hung: 0, gray: 0, cut: 0, alone: 0 })),
  };
  let kept = 0;
  for (const { site, branch, weighed } of branches)
    for (const [at, open] of weighed.open.entries()) {
      const nats = weighed.nats[at] as number;
      if (nats < highest - NEGLIGIBLE_NATS) continue;
      const chance = Math.exp(nats - highest) / total;
      kept += chance;
      addTo(posterior, { site, branch, open, chance });
    }
  return normalised(posterior, kept);
};

interface Weighed {
  site: SiteState;
  branch: Branch;
  open: number;
  chance: number;
}

const addTo = (posterior: SitePosterior, one: Weighed): void => {
  const { site, branch, open, chance } = one;
  const isCut = site === "cut";
  if (isCut) posterior.siteCut += chance;
  let isReached = branch.isReached;
  for (const [rank, { index }] of branch.paths.entries()) {
    const isClosed = (open & (1 << rank)) === 0;
    if (isClosed) posterior.pathCut[index] = (posterior.pathCut[index] ?? 0) + chance;
    else if (!isCut) isReached = true;
  }
  if (!isReached) posterior.unreached += chance;
  const weights = new Float64Array(branch.bases.length);
  weigh(branch, open, weights);
  for (const [at, sums] of posterior.targets.entries())
    addTarget(sums, weights.subarray(at * WIDTH, (at + 1) * WIDTH), chance, isReached);
};

/** A target that is up or gray and that no vantage reaches is cut off; a dead one is dead either way. */
const addTarget = (
  sums: TargetPosterior,
  weights: Float64Array,
  chance: number,
  isReached: boolean,
): void => {
  const total = weights.reduce((mass, weight) => mass + weight, 0);
  for (const [at, cause] of CAUSES.entries()) {
    const share = (chance * (weights[at] as number)) / total;
    sums[!isReached && (cause === "up" || cause === "gray") ? "cut" : cause] += share;
    if (cause === "dead" || cause === "cut") sums.alone += share;
  }
};

const normalised = (
  { siteCut, unreached, pathCut, targets }: SitePosterior,
  kept: number,
): SitePosterior => ({
  siteCut: siteCut / kept,
  unreached: unreached / kept,
  pathCut: pathCut.map((chance) => chance / kept),
  targets: targets.map((of) => ({
    up: of.up / kept,
    crashed: of.crashed / kept,
    dead: of.dead / kept,
    hung: of.hung / kept,
    gray: of.gray / kept,
    cut: of.cut / kept,
    alone: of.alone / kept,
  })),
});
