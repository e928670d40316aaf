/**
 * The sets of open paths worth weighing under one state of a site, and their weights. Exact up to
 * `EXACT_PATHS` paths; beyond, what lies within two paths of all open, all cut and the best of these.
 *
 * Rejected: each configuration from scratch. Next to one another they differ by one path, and a step
 * from one to the next costs a multiplication for each target's cause.
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
import { NO_SILENCES, PATH_SILENT, silenceNats } from "./evidence.ts";
import type { Silences, SiteEvidence, SiteState } from "./evidence.ts";

export const WIDTH = CAUSES.length;
const CUT_CHANCE = LIKELIHOOD.connect_timeout.dead;

const sum = (a: Silences, b: Silences): Silences =>
  b.first + b.repeats === 0 ? a : { first: a.first + b.first, repeats: a.repeats + b.repeats };

/** One branch, the site connected or cut: what has to be enumerated of it. */
export interface Branch {
  /** Of each doubtful path: log-weights open and cut. */
  paths: { index: number; open: number; cut: number }[];
  /** Log-weight of all that is the same in every configuration. */
  nats: number;
  /** By target, then cause: weights with every doubtful path cut. */
  bases: Float64Array;
  /** By doubtful path, target, cause: what the weight is multiplied by when the path is open. */
  ratios: Float64Array;
  /** Some path is open whatever the doubtful ones are. */
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
  return {
    paths: doubtful.map(({ index }) => {
      const path = evidence.paths[index] as SiteEvidence["paths"][number];
      const open = Math.log1p(-path.prior) + silenceNats(path.pathOnly, Math.log(PATH_SILENT[site]));
      return { index, open, cut: Math.log(path.prior) };
    }),
    nats: evidence.site[site],
    bases,
    ratios,
    // Whom nobody looks at is not cut off by that.
    isReached: !isCut && (evidence.paths.length === 0 || doubtful.length < evidence.paths.length),
  };
};

/** One set of open paths, as bits by rank, with its log-weight. */
export interface Configuration {
  open: number;
  nats: number;
}

/** Every set of open paths worth weighing. */
export const weighAll = (branch: Branch): Configuration[] => {
  const size = branch.paths.length;
  const all = 2 ** size - 1;
  const weighed: Configuration[] = [];
  const weights = new Float64Array(branch.bases.length);
  if (size <= EXACT_PATHS) {
    for (let open = 0; open <= all; open++) weighed.push({ open, nats: weigh(branch, open, weights) });
    return weighed;
  }
  const seen = new Set<number>();
  for (const centre of [all, 0]) weighAround(branch, centre, seen, weighed);
  const best = weighed.reduce((one, other) => (other.nats > one.nats ? other : one));
  weighAround(branch, best.open, seen, weighed);
  return weighed;
};

/**
 * Adds what lies within two paths of `centre`. Each step multiplies what the last one left by one
 * path's ratios: a configuration costs a multiplication for each target's cause.
 */
const weighAround = (branch: Branch, centre: number, seen: Set<number>, weighed: Configuration[]): void => {
  const size = branch.paths.length;
  const [at, one, two] = [0, 1, 2].map(() => new Float64Array(branch.bases.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const add = (open: number, weights: Float64Array): void => {
    if (seen.has(open)) return;
    seen.add(open);
    weighed.push({ open, nats: pathNats(branch, open) + targetNats(weights) });
  };
  weigh(branch, centre, at);
  add(centre, at);
  for (let first = 0; first < size; first++) {
    const near = centre ^ (1 << first);
    step(branch, first, near, at, one);
    add(near, one);
    for (let second = 0; second < first; second++) {
      const far = near ^ (1 << second);
      if (seen.has(far)) continue;
      step(branch, second, far, one, two);
      add(far, two);
    }
  }
};

/** The weights once the path of this rank is as `open` has it. */
const step = ({ ratios }: Branch, rank: number, open: number, from: Float64Array, to: Float64Array): void => {
  const offset = rank * from.length;
  if ((open & (1 << rank)) === 0)
    for (let at = 0; at < from.length; at++) to[at] = (from[at] as number) / (ratios[offset + at] as number);
  else
    for (let at = 0; at < from.length; at++) to[at] = (from[at] as number) * (ratios[offset + at] as number);
};

const pathNats = ({ nats: fixed, paths }: Branch, open: number): number => {
  let nats = fixed;
  for (let rank = 0; rank < paths.length; rank++) {
    const path = paths[rank] as Branch["paths"][number];
    nats += (open & (1 << rank)) === 0 ? path.cut : path.open;
  }
  return nats;
};

/** The log of the product, over targets, of the sum of their weights. */
const targetNats = (weights: Float64Array): number => {
  let [nats, product] = [0, 1];
  for (let at = 0; at < weights.length; at += WIDTH) {
    let total = 0;
    for (let cause = 0; cause < WIDTH; cause++) total += weights[at + cause] as number;
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
  return pathNats(branch, open) + targetNats(weights);
};
