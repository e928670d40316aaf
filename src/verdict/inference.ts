/**
 * Which hidden causes explain a site's silences: its paths from each vantage, the site itself, and
 * each of its targets, weighed together, so that one cut explains what else takes many deaths.
 *
 *   P(causes | evidence) ∝ P(site) · Π_paths P(path) · Π_targets Σ_x base(x) · Π_open paths P(silences | x)
 *
 * Silences that a later answer makes unambiguous are settled before (evidence.ts); what is left is
 * enumerated exactly over the paths that may be cut, target by target inside each configuration,
 * since given the paths the targets are independent. Beyond `EXACT_PATHS` paths only configurations
 * within two paths of all open, all cut and the best single guess are weighed: the others are rarer
 * by a prior of 10^-3 each. All this under each state of the site: connected, lossy or cut. A lossy one
 * makes every silence cheap; one that is cut has been so since its own last proof, and what was silent
 * before that has to be explained without it.
 *
 * Rejected: one filter for each edge, multiplied. It counts a target's prior once for every vantage.
 */
import { CAUSES, LIKELIHOOD, REPEATED_SILENCE_NATS, SILENT_WHEN_LOSSY, type Cause } from "./likelihood.ts";

/** Silences on one edge, by weight: those that stand alone, and those that follow another. */
export interface Silences {
  first: number;
  repeats: number;
}

export const NO_SILENCES: Silences = { first: 0, repeats: 0 };

export type ByCause = readonly number[];
export type SiteState = "connected" | "lossy" | "cut";
export const SITE_STATES: readonly SiteState[] = ["connected", "lossy", "cut"];

/** What is left to explain of one site. Arrays run parallel to `paths`, and `ByCause` to CAUSES. */
export interface SiteEvidence {
  /** Log-weights of the site's states, given all that is the same for its targets. */
  site: Record<SiteState, number>;
  paths: {
    /** Chance that it was cut, or its vantage broke, since it was last proven open. */
    prior: number;
    /** Stands inside the site: a cut of the site does not touch it. */
    inside: boolean;
    /** Silences of targets that have answered others since: loss, or a cut of this path. */
    pathOnly: Silences;
  }[];
  targets: {
    /** Weights of the target's causes, given all that no path can explain. */
    base: Record<SiteState, ByCause>;
    /** Chance under each cause that a probe on an open path meets silence. */
    silent: Record<SiteState, ByCause>;
    /** Silences that the path or the target explains, up to the site's last proof and after it. */
    before: readonly Silences[];
    after: readonly Silences[];
  }[];
}

/** Posterior of one site. */
export interface SitePosterior {
  siteCut: number;
  /** Of each path, cut on its own. */
  pathCut: number[];
  targets: TargetPosterior[];
}

/** Sums to 1 without `alone`. `cut`: it runs, and nobody outside reaches it, by whatever cause. */
export interface TargetPosterior extends Record<Cause, number> {
  /** Its host alone is dead or cut off, which shows outsiders the same. */
  alone: number;
}

const EXACT_PATHS = 8;
/** Configurations are numbered by bits; of more paths than this the least silent count as open. */
const PATHS_MAX = 24;
const WIDTH = CAUSES.length;
const CUT_CHANCE = LIKELIHOOD.connect_timeout.dead;
/** Chance of silence on an open path from one who would have answered. */
export const PATH_SILENT: Record<SiteState, number> = {
  connected: LIKELIHOOD.connect_timeout.up,
  lossy: SILENT_WHEN_LOSSY,
  cut: LIKELIHOOD.connect_timeout.up,
};
/** Configurations this much less likely than the best add nothing that is ever shown; nats. */
const NEGLIGIBLE_NATS = 25;

/** Log-likelihood of silences where each alone has this chance. */
export const silenceNats = ({ first, repeats }: Silences, chance: number): number => {
  const once = Math.log(chance);
  return first * once + repeats * Math.max(once, -REPEATED_SILENCE_NATS);
};

const sum = (a: Silences, b: Silences): Silences =>
  b.first + b.repeats === 0 ? a : { first: a.first + b.first, repeats: a.repeats + b.repeats };

/** One branch, the site connected or cut: what has to be enumerated of it. */
interface Branch {
  /** Of each doubtful path: log-weights open and cut, and whether a cut of the site touches it. */
  paths: { index: number; open: number; cut: number }[];
  /** Log-weight of all that is the same in every configuration. */
  nats: number;
  /** By target, then cause: weights with every doubtful path cut. */
  bases: Float64Array;
  /** By doubtful path, target, cause: what the weight is multiplied by when the path is open. */
  ratios: Float64Array;
  /** Some path from outside is open whatever the doubtful ones are. */
  isReached: boolean;
}

const branchOf = (evidence: SiteEvidence, site: SiteState): Branch => {
  const isCut = site === "cut";
  const silences = (target: number, path: number): Silences => {
    const { before, after } = evidence.targets[target] as SiteEvidence["targets"][number];
    const early = before[path] ?? NO_SILENCES;
    return isCut && evidence.paths[path]?.inside !== true ? early : sum(early, after[path] ?? NO_SILENCES);
  };
  const weightOf = (path: number): number => {
    let weight = 0;
    for (let target = 0; target < evidence.targets.length; target++) {
      const { first, repeats } = silences(target, path);
      weight += first + repeats;
    }
    const { first, repeats } = evidence.paths[path]?.pathOnly ?? NO_SILENCES;
    return weight + first + repeats;
  };
  const doubtful = evidence.paths
    .map((_, index) => ({ index, weight: weightOf(index) }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, PATHS_MAX);
  const count = evidence.targets.length;
  const bases = new Float64Array(count * WIDTH);
  const ratios = new Float64Array(doubtful.length * count * WIDTH);
  for (const [at, target] of evidence.targets.entries()) {
    bases.set(target.base[site], at * WIDTH);
    const logs = target.silent[site].map((chance) => Math.log(chance / CUT_CHANCE));
    for (const [rank, { index }] of doubtful.entries()) {
      const { first, repeats } = silences(at, index);
      const offset = (rank * count + at) * WIDTH;
      for (let cause = 0; cause < WIDTH; cause++) {
        const once = logs[cause] as number;
        ratios[offset + cause] =
          first + repeats === 0
            ? 1
            : Math.exp(first * once + repeats * Math.max(once, -REPEATED_SILENCE_NATS));
      }
    }
  }
  // Whom nobody outside looks at is not cut off by that.
  const isUnseen = evidence.paths.every(({ inside }) => inside);
  const isDoubtful = new Set(doubtful.map(({ index }) => index));
  return {
    paths: doubtful.map(({ index }) => {
      const path = evidence.paths[index] as SiteEvidence["paths"][number];
      const open = Math.log1p(-path.prior) + silenceNats(path.pathOnly, PATH_SILENT[site]);
      return { index, open, cut: Math.log(path.prior) };
    }),
    nats: evidence.site[site],
    bases,
    ratios,
    isReached:
      !isCut && (isUnseen || evidence.paths.some(({ inside }, index) => !inside && !isDoubtful.has(index))),
  };
};

/** Sets of open paths worth weighing, as bits by rank. */
const configurations = (branch: Branch): number[] => {
  const size = branch.paths.length;
  const all = 2 ** size - 1;
  if (size <= EXACT_PATHS) return Array.from({ length: all + 1 }, (_, open) => open);
  const single = bestOf(
    branch,
    branch.paths.map((_, rank) => all - 2 ** rank),
  );
  const found = new Set<number>();
  for (const centre of [all, 0, single]) {
    found.add(centre);
    for (let one = 0; one < size; one++) {
      found.add(centre ^ (1 << one));
      for (let two = 0; two < one; two++) found.add(centre ^ (1 << one) ^ (1 << two));
    }
  }
  return [...found];
};

const bestOf = (branch: Branch, candidates: number[]): number => {
  const weights = new Float64Array(branch.bases.length);
  let best = { open: 0, nats: -Infinity };
  for (const open of candidates) {
    const nats = weigh(branch, open, weights);
    if (nats > best.nats) best = { open, nats };
  }
  return best.open;
};

/** Log-weight of one configuration; leaves each target's weights by cause in `weights`. */
const weigh = (
  { paths, nats: fixed, bases, ratios }: Branch,
  open: number,
  weights: Float64Array,
): number => {
  weights.set(bases);
  let nats = fixed;
  for (let rank = 0; rank < paths.length; rank++) {
    const path = paths[rank] as Branch["paths"][number];
    if ((open & (1 << rank)) === 0) {
      nats += path.cut;
      continue;
    }
    nats += path.open;
    const offset = rank * weights.length;
    for (let at = 0; at < weights.length; at++)
      weights[at] = (weights[at] as number) * (ratios[offset + at] as number);
  }
  for (let at = 0; at < weights.length; at += WIDTH) {
    let total = 0;
    for (let cause = 0; cause < WIDTH; cause++) total += weights[at + cause] as number;
    nats += Math.log(total);
  }
  return nats;
};

/** The posterior over a site's causes. Cost: configurations × targets × paths. */
export const inferSite = (evidence: SiteEvidence): SitePosterior => {
  const branches = SITE_STATES.map((site) => {
    const branch = branchOf(evidence, site);
    const weights = new Float64Array(branch.bases.length);
    const weighed = configurations(branch).map((open) => ({ open, nats: weigh(branch, open, weights) }));
    return { site, branch, weighed };
  });
  const all = branches.flatMap(({ weighed }) => weighed);
  const highest = all.reduce((most, { nats }) => Math.max(most, nats), -Infinity);
  const total = all.reduce((mass, { nats }) => mass + Math.exp(nats - highest), 0);
  const posterior: SitePosterior = {
    siteCut: 0,
    pathCut: evidence.paths.map(() => 0),
    targets: evidence.targets.map(() => ({ up: 0, crashed: 0, dead: 0, hung: 0, gray: 0, cut: 0, alone: 0 })),
  };
  let kept = 0;
  for (const { site, branch, weighed } of branches)
    for (const { open, nats } of weighed) {
      if (nats < highest - NEGLIGIBLE_NATS) continue;
      const chance = Math.exp(nats - highest) / total;
      kept += chance;
      addTo(posterior, evidence, { site, branch, open, chance });
    }
  return normalised(posterior, kept);
};

interface Weighed {
  site: SiteState;
  branch: Branch;
  open: number;
  chance: number;
}

const addTo = (posterior: SitePosterior, { paths }: SiteEvidence, one: Weighed): void => {
  const { site, branch, open, chance } = one;
  const isCut = site === "cut";
  if (isCut) posterior.siteCut += chance;
  let isReached = branch.isReached;
  for (const [rank, { index }] of branch.paths.entries()) {
    const isClosed = (open & (1 << rank)) === 0;
    if (isClosed) posterior.pathCut[index] = (posterior.pathCut[index] ?? 0) + chance;
    else if (!isCut && paths[index]?.inside !== true) isReached = true;
  }
  const weights = new Float64Array(branch.bases.length);
  weigh(branch, open, weights);
  for (const [at, sums] of posterior.targets.entries())
    addTarget(sums, weights.subarray(at * WIDTH, (at + 1) * WIDTH), chance, isReached);
};

/** Who is up or gray and reached by nobody is cut off; the dead are dead either way. */
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

const normalised = ({ siteCut, pathCut, targets }: SitePosterior, kept: number): SitePosterior => ({
  siteCut: siteCut / kept,
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
