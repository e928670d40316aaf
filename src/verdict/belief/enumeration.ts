/**
 * The sets of open paths worth weighing under one state of a site, and their weights. Exact up to `EXACT_PATHS` paths; beyond that, only
 * sets within two paths of all open, all cut and the best of these.
 *
 * Rejected: weighing each configuration from scratch. Neighbours differ by one path, and a step from one to the next costs one
 * multiplication for each target's cause.
 */
import {
  CAUSES,
  EXACT_PATHS,
  LIKELIHOOD,
  PATHS_MAX,
  REPEATED_SILENCE_NATS,
  SMALLEST_PRODUCT,
  SUSPECT_PATH,
} from "../likelihood.ts";
import { NO_SILENCES, PATH_SILENT, silenceNats } from "./site-evidence.ts";
import type { Silences, SiteEvidence, SiteState } from "./site-evidence.ts";

export const WIDTH = CAUSES.length;
const CUT_CHANCE = LIKELIHOOD.connect_timeout.dead;

const sum = (a: Silences, b: Silences): Silences =>
  b.first + b.repeats === 0 ? a : { first: a.first + b.first, repeats: a.repeats + b.repeats };

const isSame = (a: Silences, b: Silences): boolean => a.first === b.first && a.repeats === b.repeats;

/** What has to be enumerated under one state of the site. */
export interface Branch {
  /** The log-weights of each doubtful path, open and cut. */
  paths: { index: number; open: number; cut: number }[];
  /** Log-weight of all that is the same in every configuration. */
  nats: number;
  /** By target, then cause: weights with every doubtful path cut. */
  bases: Float64Array;
  /** By doubtful path, target, cause: the factor of the weight when the path is open. After the last path follow factors of 1. */
  ratios: Float64Array;
  /** Some path is open in every configuration. */
  isReached: boolean;
}

export const branchOf = (evidence: SiteEvidence, site: SiteState): Branch => {
  const isCut = site === "cut";
  const silences = (target: number, path: number): Silences => {
    const { before, after } = evidence.targets[target] as SiteEvidence["targets"][number];
    const early = before[path] ?? NO_SILENCES;
    return isCut ? early : sum(early, after[path] ?? NO_SILENCES);
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
    .filter(({ index, weight }) => weight > 0 || (evidence.paths[index]?.prior ?? 0) > SUSPECT_PATH)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, PATHS_MAX);
  const count = evidence.targets.length;
  const bases = new Float64Array(count * WIDTH);
  const ratios = new Float64Array((doubtful.length + 1) * count * WIDTH).fill(1);
  for (const [at, target] of evidence.targets.entries()) {
    bases.set(target.base[site], at * WIDTH);
    const logs = target.silent[site].map((chance) => Math.log(chance / CUT_CHANCE));
    let last: { silences: Silences; offset: number } | null = null;
    for (const [rank, { index }] of doubtful.entries()) {
      const these = silences(at, index);
      const offset = (rank * count + at) * WIDTH;
      // Most paths met the target with the same silences: exponentials are slow to compute, copies are not.
      if (last !== null && isSame(these, last.silences))
        ratios.copyWithin(offset, last.offset, last.offset + WIDTH);
      else setRatios(ratios, offset, these, logs);
      last = { silences: these, offset };
    }
  }
  return {
    paths: doubtful.map(({ index }) => {
      const path = evidence.paths[index] as SiteEvidence["paths"][number];
      const open = Math.log1p(-path.prior) + silenceNats(path.pathOnly, Math.log(PATH_SILENT[site]));
      return { index, open, cut: Math.log(path.prior) };
    }),
    nats: evidence.site[site],
    bases,
    ratios,
    // A target that no vantage probes is not cut off by that.
    isReached: !isCut && (evidence.paths.length === 0 || doubtful.length < evidence.paths.length),
  };
};

/** Sets the factors, by cause, of one target's weights when a path with these silences is open. */
const setRatios = (
  ratios: Float64Array,
  offset: number,
  { first, repeats }: Silences,
  logs: readonly number[],
): void => {
  for (let cause = 0; cause < WIDTH; cause++) {
    const once = logs[cause] as number;
    ratios[offset + cause] =
      first + repeats === 0 ? 1 : Math.exp(first * once + repeats * Math.max(once, -REPEATED_SILENCE_NATS));
  }
};

/** Sets of open paths, as bits by rank, and beside each its log-weight. */
export interface Configurations {
  open: number[];
  nats: number[];
}

/** Every set of open paths worth weighing. */
export const weighAll = (branch: Branch): Configurations => {
  const size = branch.paths.length;
  const all = 2 ** size - 1;
  const weighed: Configurations = { open: [], nats: [] };
  const weights = new Float64Array(branch.bases.length);
  if (size <= EXACT_PATHS) {
    for (let open = 0; open <= all; open++) {
      weighed.open.push(open);
      weighed.nats.push(weigh(branch, open, weights));
    }
    return weighed;
  }
  weighAround(branch, all, [], weighed);
  weighAround(branch, 0, [all], weighed);
  let best = 0;
  for (const [at, nats] of weighed.nats.entries()) if (nats > (weighed.nats[best] as number)) best = at;
  weighAround(branch, weighed.open[best] as number, [all, 0], weighed);
  return weighed;
};

/** Whether two sets of open paths differ in two paths at most. */
const isNear = (a: number, b: number): boolean => {
  let apart = a ^ b;
  // Each line clears the lowest bit that is set.
  apart &= apart - 1;
  apart &= apart - 1;
  return apart === 0;
};

/**
 * Adds the sets within two paths of `centre` that are not within two of any in `done`. Each step multiplies the last result by one path's
 * ratios, so a configuration costs one multiplication for each target's cause.
 */
const weighAround = (
  branch: Branch,
  centre: number,
  done: readonly number[],
  weighed: Configurations,
): void => {
  const size = branch.paths.length;
  const at = new Float64Array(branch.bases.length);
  const one = new Float64Array(branch.bases.length);
  const isDone = (open: number): boolean => done.some((other) => isNear(open, other));
  const add = (open: number, nats: number): void => {
    if (isDone(open)) return;
    weighed.open.push(open);
    weighed.nats.push(nats);
  };
  add(centre, weigh(branch, centre, at));
  for (let first = 0; first < size; first++) {
    const near = centre ^ (1 << first);
    step(branch, first, near, at, one);
    add(near, pathNats(branch, near) + steppedNats(branch, size, near, one));
    for (let second = 0; second < first; second++) {
      const far = near ^ (1 << second);
      if (isDone(far)) continue;
      add(far, pathNats(branch, far) + steppedNats(branch, second, far, one));
    }
  }
};

/** The weight of one cause once a path is open, or is cut again. */
const stepped = (weight: number, ratio: number, isOpen: boolean): number =>
  isOpen ? weight * ratio : weight / ratio;

/** The weights once the path of this rank is set as in `open`. */
const step = ({ ratios }: Branch, rank: number, open: number, from: Float64Array, to: Float64Array): void => {
  const offset = rank * from.length;
  const isOpen = (open & (1 << rank)) !== 0;
  for (let at = 0; at < from.length; at++)
    to[at] = stepped(from[at] as number, ratios[offset + at] as number, isOpen);
};

const pathNats = ({ nats: fixed, paths }: Branch, open: number): number => {
  let nats = fixed;
  for (let rank = 0; rank < paths.length; rank++) {
    const path = paths[rank] as Branch["paths"][number];
    nats += (open & (1 << rank)) === 0 ? path.cut : path.open;
  }
  return nats;
};

/** The log of the product, over targets, of the sum of their weights, once the path of this rank is set as in `open`. */
const steppedNats = ({ ratios }: Branch, rank: number, open: number, from: Float64Array): number => {
  const offset = rank * from.length;
  const isOpen = (open & (1 << rank)) !== 0;
  let nats = 0;
  let product = 1;
  for (let target = 0; target < from.length; target += WIDTH) {
    let total = 0;
    for (let at = target; at < target + WIDTH; at++)
      total += stepped(from[at] as number, ratios[offset + at] as number, isOpen);
    if (total < SMALLEST_PRODUCT || product < SMALLEST_PRODUCT) {
      nats += Math.log(product);
      product = 1;
    }
    product *= total;
  }
  return nats + Math.log(product);
};

/** Log-weight of one configuration; leaves each target's weights by cause in `weights`. */
export const weigh = (branch: Branch, open: number, weights: Float64Array): number => {
  weights.set(branch.bases);
  for (let rank = 0; rank < branch.paths.length; rank++)
    if ((open & (1 << rank)) !== 0) step(branch, rank, open, weights, weights);
  return pathNats(branch, open) + steppedNats(branch, branch.paths.length, open, weights);
};
