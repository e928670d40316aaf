/**
 * Which hidden causes explain a site's silences: its paths from each vantage, the site itself, and
 * each of its targets, weighed together, so that one cut explains what else takes many deaths.
 *
 * Silences that a later answer makes unambiguous are settled before (evidence.ts); what is left is
 * enumerated exactly over the paths that may be cut, target by target inside each configuration,
 * since given the paths the targets are independent. Beyond `EXACT_PATHS` paths only configurations
 * within two paths of all open, all cut and the best single guess are weighed: the others are rarer
 * by a prior of 10^-3 each. Multiplying one filter an edge lost: it counts a target's prior once for
 * every vantage.
 */
import { LIKELIHOOD, PRIOR_CUT, REPEATED_SILENCE_NATS, type Cause } from "./likelihood.ts";

export const CAUSES: readonly Cause[] = ["up", "crashed", "dead", "hung", "gray"];

/** Silences of one kind on one edge: those that stand alone, and those that follow another. */
export interface Silences {
  first: number;
  repeats: number;
}

/** What is left to explain of one site. Arrays run parallel to `paths`. */
export interface SiteEvidence {
  paths: {
    /** Prior odds, as a probability, that it was cut since it was last proven open. */
    cutPrior: number;
    /** Stands inside the site: a cut of the site does not touch it. */
    inside: boolean;
    /** Silences of targets that have answered others since: loss, or a cut of this path. */
    pathOnly: Silences;
  }[];
  targets: {
    /** Log-weights of the target's causes, given all that no path can explain. */
    base: Record<Cause, number>;
    /** Silences that either the path or the target explains. */
    ambiguous: Silences[];
    /** Chance of a silence under `hung`: near one once the backlog is full. */
    hungChance: number;
  }[];
}

/** Posterior of one site. */
export interface SitePosterior {
  siteCut: number;
  /** Of each path, cut on its own or with the site. */
  pathCut: number[];
  /** Of each target: its own causes while somebody could reach it, and `cut` while nobody outside could. */
  targets: Record<Cause | "cut", number>[];
}

const EXACT_PATHS = 8;

/** Log-likelihood of silences where an answer with this chance of silence was to be expected. */
export const silenceNats = ({ first, repeats }: Silences, chance: number): number => {
  const once = Math.log(chance);
  return first * once + repeats * Math.max(once, -REPEATED_SILENCE_NATS);
};

/** Chance that a target in this state leaves a probe without any answer. */
export const silentChance = (cause: Cause, hungChance: number): number =>
  cause === "hung" ? hungChance : LIKELIHOOD.silent[cause];

const CUT_CHANCE = LIKELIHOOD.silent.dead;
const hasSilence = ({ first, repeats }: Silences): boolean => first + repeats > 0;

/** Sum of exponentials, in logs. */
const logSum = (values: readonly number[]): number => {
  const highest = Math.max(...values);
  if (highest === -Infinity) return -Infinity;
  return highest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - highest), 0));
};

/** Paths whose silences leave it open whether they are cut; one without any is taken for open, at an error of its prior. */
const doubtfulPaths = (evidence: SiteEvidence): number[] =>
  evidence.paths.flatMap((path, index) =>
    hasSilence(path.pathOnly) || evidence.targets.some((target) => hasAt(target.ambiguous, index))
      ? [index]
      : [],
  );

const hasAt = (silences: Silences[], index: number): boolean => {
  const at = silences[index];
  return at !== undefined && hasSilence(at);
};

/** Every subset of `doubtful` worth weighing, as sets of cut paths. */
const configurations = (doubtful: number[], bestSingle: () => number): Set<number>[] => {
  if (doubtful.length <= EXACT_PATHS)
    return Array.from(
      { length: 2 ** doubtful.length },
      (_, bits) => new Set(doubtful.filter((__, index) => (bits >> index) & 1)),
    );
  const centres = [new Set<number>(), new Set(doubtful), new Set([bestSingle()])];
  const found = new Map<string, Set<number>>();
  for (const centre of centres)
    for (const [one, first] of doubtful.entries())
      for (const second of doubtful.slice(one)) {
        for (const flips of [[], [first], [first, second]]) {
          const cut = new Set(centre);
          for (const path of new Set(flips)) if (!cut.delete(path)) cut.add(path);
          found.set([...cut].toSorted((a, b) => a - b).join(), cut);
        }
      }
  return [...found.values()];
};

interface Weighed {
  siteCut: boolean;
  cut: ReadonlySet<number>;
  nats: number;
  /** Log-weights of each target's causes in this configuration, in the order of CAUSES. */
  targets: number[][];
}

/** The logs of a site's evidence, taken once: a configuration then costs additions alone. */
interface Logs {
  paths: { inside: boolean; cut: number; uncut: number; silentWhenOpen: number; silentWhenCut: number }[];
  /** Per target and cause: the weight with every path cut, and what each path adds by being open. */
  targets: { whenCut: number; byOpen: number[] }[][];
}

const logsOf = ({ paths, targets }: SiteEvidence): Logs => ({
  paths: paths.map(({ cutPrior, inside, pathOnly }) => ({
    inside,
    cut: Math.log(cutPrior),
    uncut: Math.log(1 - cutPrior),
    silentWhenOpen: silenceNats(pathOnly, LIKELIHOOD.silent.up),
    silentWhenCut: silenceNats(pathOnly, CUT_CHANCE),
  })),
  targets: targets.map(({ base, ambiguous, hungChance }) => {
    const whenCut = ambiguous.map((silences) => silenceNats(silences, CUT_CHANCE));
    const silence = whenCut.reduce((sum, nats) => sum + nats, 0);
    return CAUSES.map((cause) => ({
      whenCut: base[cause] + silence,
      byOpen: ambiguous.map(
        (silences, path) => silenceNats(silences, silentChance(cause, hungChance)) - (whenCut[path] ?? 0),
      ),
    }));
  }),
});

/** Weighs one configuration: which paths are cut on their own, and whether the site is. */
const weigh = (logs: Logs, cut: ReadonlySet<number>, siteCut: boolean): Weighed => {
  let nats = Math.log(siteCut ? PRIOR_CUT : 1 - PRIOR_CUT);
  const open: number[] = [];
  for (const [index, path] of logs.paths.entries()) {
    const isOpen = !cut.has(index) && (path.inside || !siteCut);
    if (isOpen) open.push(index);
    nats += cut.has(index) ? path.cut : path.uncut;
    nats += isOpen ? path.silentWhenOpen : path.silentWhenCut;
  }
  const targets = logs.targets.map((causes) =>
    causes.map(({ whenCut, byOpen }) => open.reduce((sum, path) => sum + (byOpen[path] ?? 0), whenCut)),
  );
  for (const weights of targets) nats += logSum(weights);
  return { siteCut, cut, nats, targets };
};

/** The posterior over a site's causes. Cost: configurations × targets × paths. */
export const inferSite = (evidence: SiteEvidence): SitePosterior => {
  const doubtful = doubtfulPaths(evidence);
  const logs = logsOf(evidence);
  const bestSingle = (): number =>
    doubtful
      .map((path) => ({ path, nats: weigh(logs, new Set([path]), false).nats }))
      .toSorted((a, b) => b.nats - a.nats)[0]?.path ?? 0;
  const weighed = configurations(doubtful, bestSingle).flatMap((cut) => [
    weigh(logs, cut, false),
    weigh(logs, cut, true),
  ]);
  const total = logSum(weighed.map(({ nats }) => nats));
  const posterior: SitePosterior = {
    siteCut: 0,
    pathCut: evidence.paths.map(() => 0),
    targets: evidence.targets.map(() => ({ up: 0, crashed: 0, dead: 0, hung: 0, gray: 0, cut: 0 })),
  };
  for (const one of weighed) addTo(posterior, evidence, one, Math.exp(one.nats - total));
  return posterior;
};

const addTo = (posterior: SitePosterior, evidence: SiteEvidence, one: Weighed, chance: number): void => {
  if (one.siteCut) posterior.siteCut += chance;
  let outsideOpen = false;
  for (const [index, path] of evidence.paths.entries()) {
    const closed = one.cut.has(index) || (one.siteCut && !path.inside);
    if (closed) posterior.pathCut[index] = (posterior.pathCut[index] ?? 0) + chance;
    else if (!path.inside) outsideOpen = true;
  }
  for (const [index, weights] of one.targets.entries()) {
    const sums = posterior.targets[index];
    if (sums === undefined) continue;
    if (!outsideOpen) {
      sums.cut += chance;
      continue;
    }
    const sum = logSum(weights);
    for (const [at, cause] of CAUSES.entries())
      sums[cause] += chance * Math.exp((weights[at] ?? -Infinity) - sum);
  }
};
