import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inferSite } from "../../../src/verdict/belief/inference.ts";
import {
  PATH_SILENT,
  SITE_STATES,
  type Silences,
  type SiteEvidence,
  type SiteState,
} from "../../../src/verdict/belief/site-evidence.ts";
import { CAUSES, LIKELIHOOD, REPEATED_SILENCE_NATS } from "../../../src/verdict/likelihood.ts";
import { runs } from "../../runs.ts";

const silences = fc.record({
  first: fc.constantFrom(0, 0, 0.4, 1),
  repeats: fc.integer({ min: 0, max: 3 }),
});
const weights = fc.array(
  fc.double({ min: -20, max: 0, noNaN: true }).map((nats) => Math.exp(nats)),
  { minLength: CAUSES.length, maxLength: CAUSES.length },
);
const many = <T>(of: fc.Arbitrary<T>, count: number): fc.Arbitrary<T[]> =>
  fc.array(of, { minLength: count, maxLength: count });

const perState = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<Record<SiteState, T>> =>
  fc.record({ connected: of, lossy: of, cut: of });

const worlds = (paths: number, targets: number): fc.Arbitrary<SiteEvidence> =>
  fc.record({
    site: perState(fc.double({ min: -12, max: 0, noNaN: true })),
    paths: many(fc.record({ prior: fc.constantFrom(1e-4, 1e-3, 0.3), pathOnly: silences }), paths),
    targets: many(
      fc.record({
        base: perState(weights),
        silent: perState(
          fc.constantFrom([0.02, 0.02, 0.9998, 0.02, 0.15, 0.9998], [0.5, 0.5, 0.9998, 0.98, 0.5, 0.9998]),
        ),
        before: many(silences, paths),
        after: many(silences, paths),
      }),
      targets,
    ),
  });

/** Chance of silences where each alone has `chance`: plain multiplication, no logs. */
const chanceOf = ({ first, repeats }: Silences, chance: number): number =>
  chance ** first * Math.max(chance, Math.exp(-REPEATED_SILENCE_NATS)) ** repeats;

const CUT = LIKELIHOOD.connect_timeout.dead;
const NONE: Silences = { first: 0, repeats: 0 };

/** One assignment of values to all hidden causes: the site, the paths that are cut, each target's cause. */
interface Assigned {
  site: SiteState;
  cut: boolean[];
  causes: number[];
}

/** Its joint chance with the evidence. A cut site explains the silences after its last proof. */
const chanceIn = (evidence: SiteEvidence, { site, cut, causes }: Assigned): number => {
  let chance = Math.exp(evidence.site[site]);
  for (const [index, path] of evidence.paths.entries()) {
    const open = cut[index] !== true;
    chance *= open ? 1 - path.prior : path.prior;
    if (open) chance *= chanceOf(path.pathOnly, PATH_SILENT[site]);
    for (const [at, { silent, before, after }] of evidence.targets.entries()) {
      // As in the inference, a silence that a cut explains counts as one, and others are weighed against the cut's own chance.
      const seen = (silence: Silences, isOpen: boolean): number =>
        isOpen
          ? Math.exp(
              silence.first * Math.log((silent[site][causes[at] ?? 0] ?? 1) / CUT) +
                silence.repeats *
                  Math.max(Math.log((silent[site][causes[at] ?? 0] ?? 1) / CUT), -REPEATED_SILENCE_NATS),
            )
          : 1;
      chance *= seen(before[index] ?? NONE, open);
      chance *= seen(after[index] ?? NONE, open && site !== "cut");
    }
  }
  for (const [at, { base }] of evidence.targets.entries()) chance *= base[site][causes[at] ?? 0] ?? 0;
  return chance;
};

function* assignments({ paths, targets }: SiteEvidence): Generator<Assigned> {
  for (const site of SITE_STATES)
    for (let bits = 0; bits < 2 ** paths.length; bits++)
      for (let code = 0; code < CAUSES.length ** targets.length; code++)
        yield {
          site,
          cut: paths.map((_, index) => ((bits >> index) & 1) === 1),
          causes: targets.map((_, at) => Math.floor(code / CAUSES.length ** at) % CAUSES.length),
        };
}

/** The posterior, by summing over every assignment. */
const bruteForce = (evidence: SiteEvidence) => {
  const sums = evidence.targets.map(() => ({
    up: 0,
    crashed: 0,
    dead: 0,
    hung: 0,
    gray: 0,
    cut: 0,
    alone: 0,
  }));
  let [siteCut, unreached, total] = [0, 0, 0];
  for (const assigned of assignments(evidence)) {
    const chance = chanceIn(evidence, assigned);
    const { site, cut, causes } = assigned;
    const isReached = site !== "cut" && (cut.length === 0 || cut.includes(false));
    total += chance;
    if (site === "cut") siteCut += chance;
    if (!isReached) unreached += chance;
    for (const [at, sum] of sums.entries()) {
      const cause = CAUSES[causes[at] ?? 0] ?? "up";
      sum[!isReached && (cause === "up" || cause === "gray") ? "cut" : cause] += chance;
      if (cause === "dead" || cause === "cut") sum.alone += chance;
    }
  }
  const shares = (sum: Record<string, number>) =>
    Object.fromEntries(Object.entries(sum).map(([cause, value]) => [cause, value / total]));
  return { siteCut: siteCut / total, unreached: unreached / total, targets: sums.map(shares) };
};

const expectClose = (evidence: SiteEvidence, within: number): void => {
  const inferred = inferSite(evidence);
  const truth = bruteForce(evidence);
  expect(Math.abs(inferred.siteCut - truth.siteCut)).toBeLessThan(within);
  expect(Math.abs(inferred.unreached - truth.unreached)).toBeLessThan(within);
  for (const [index, target] of inferred.targets.entries())
    for (const [cause, belief] of Object.entries(target))
      expect(Math.abs(belief - (truth.targets[index]?.[cause] ?? NaN))).toBeLessThan(within);
};

describe("inference over one site", () => {
  it.each([
    [1, 1],
    [3, 2],
    [4, 2],
    [2, 3],
  ])("agrees with brute force: %i paths, %i targets", (paths, targets) => {
    fc.assert(
      fc.property(worlds(paths, targets), (evidence) => expectClose(evidence, 0.005)),
      { numRuns: runs(60) },
    );
  });

  it("stays close to brute force where it weighs only some of the configurations", () => {
    const rare = worlds(10, 1).map((evidence) => ({
      ...evidence,
      paths: evidence.paths.map((path) => ({ ...path, prior: Math.min(path.prior, 1e-3) })),
    }));
    fc.assert(
      fc.property(rare, (evidence) => expectClose(evidence, 0.05)),
      { numRuns: runs(25) },
    );
  });

  it("gives beliefs that sum to one", () => {
    fc.assert(
      fc.property(worlds(12, 3), (evidence) => {
        for (const { alone, ...target } of inferSite(evidence).targets) {
          expect(alone).toBeLessThanOrEqual(1 + 1e-9);
          expect(Object.values(target).reduce((sum, belief) => sum + belief, 0)).toBeCloseTo(1, 9);
        }
      }),
      { numRuns: runs(20) },
    );
  });
});
