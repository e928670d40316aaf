import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CAUSES, inferSite, type Silences, type SiteEvidence } from "../../src/verdict/inference.ts";
import { LIKELIHOOD, PRIOR_CUT, REPEATED_SILENCE_NATS, type Cause } from "../../src/verdict/likelihood.ts";

const silences = fc.record({
  first: fc.integer({ min: 0, max: 1 }),
  repeats: fc.integer({ min: 0, max: 3 }),
});
const base = fc.record(
  Object.fromEntries(CAUSES.map((cause) => [cause, fc.double({ min: -20, max: 0, noNaN: true })])) as Record<
    Cause,
    fc.Arbitrary<number>
  >,
);

const worlds = (paths: number, targets: number): fc.Arbitrary<SiteEvidence> =>
  fc.record({
    paths: fc.array(
      fc.record({ cutPrior: fc.constantFrom(1e-4, 1e-3), inside: fc.boolean(), pathOnly: silences }),
      { minLength: paths, maxLength: paths },
    ),
    targets: fc.array(
      fc.record({
        base,
        ambiguous: fc.array(silences, { minLength: paths, maxLength: paths }),
        hungChance: fc.constantFrom(0.02, 0.98),
      }),
      { minLength: targets, maxLength: targets },
    ),
  });

/** Chance of silences where each alone has `chance`: plain multiplication, no logs. */
const chanceOf = ({ first, repeats }: Silences, chance: number): number =>
  chance ** first * Math.max(chance, Math.exp(-REPEATED_SILENCE_NATS)) ** repeats;

const NO_SILENCES: Silences = { first: 0, repeats: 0 };

/** One assignment of values to all hidden causes: the site, the paths that are cut, each target's cause. */
interface Assigned {
  site: boolean;
  cut: boolean[];
  causes: Cause[];
}

const isOpen = ({ paths }: SiteEvidence, { site, cut }: Assigned, path: number): boolean =>
  cut[path] !== true && (paths[path]?.inside === true || !site);

/** Its joint chance with the evidence. */
const chanceIn = (evidence: SiteEvidence, assigned: Assigned): number => {
  let chance = assigned.site ? PRIOR_CUT : 1 - PRIOR_CUT;
  for (const [index, path] of evidence.paths.entries()) {
    const open = isOpen(evidence, assigned, index);
    chance *= assigned.cut[index] === true ? path.cutPrior : 1 - path.cutPrior;
    chance *= chanceOf(path.pathOnly, open ? LIKELIHOOD.silent.up : LIKELIHOOD.silent.dead);
    for (const [at, { ambiguous, hungChance }] of evidence.targets.entries()) {
      const cause = open ? (assigned.causes[at] ?? "up") : "dead";
      const silent = cause === "hung" ? hungChance : LIKELIHOOD.silent[cause];
      chance *= chanceOf(ambiguous[index] ?? NO_SILENCES, silent);
    }
  }
  for (const [at, target] of evidence.targets.entries())
    chance *= Math.exp(target.base[assigned.causes[at] ?? "up"]);
  return chance;
};

function* assignments({ paths, targets }: SiteEvidence): Generator<Assigned> {
  for (const site of [false, true])
    for (let bits = 0; bits < 2 ** paths.length; bits++)
      for (let code = 0; code < CAUSES.length ** targets.length; code++)
        yield {
          site,
          cut: paths.map((_, index) => ((bits >> index) & 1) === 1),
          causes: targets.map(
            (_, at) => CAUSES[Math.floor(code / CAUSES.length ** at) % CAUSES.length] ?? "up",
          ),
        };
}

/** The posterior by adding up every assignment. */
const bruteForce = (evidence: SiteEvidence) => {
  const sums = evidence.targets.map(() => ({ up: 0, crashed: 0, dead: 0, hung: 0, gray: 0, cut: 0 }));
  let [siteCut, total] = [0, 0];
  for (const assigned of assignments(evidence)) {
    const chance = chanceIn(evidence, assigned);
    const outside = evidence.paths.some(({ inside }, index) => !inside && isOpen(evidence, assigned, index));
    total += chance;
    if (assigned.site) siteCut += chance;
    for (const [at, sum] of sums.entries()) sum[outside ? (assigned.causes[at] ?? "up") : "cut"] += chance;
  }
  const shares = (sum: Record<string, number>) =>
    Object.fromEntries(Object.entries(sum).map(([cause, value]) => [cause, value / total]));
  return { siteCut: siteCut / total, targets: sums.map(shares) };
};

describe("inference over one site", () => {
  it.each([
    [1, 1],
    [3, 2],
    [4, 3],
  ])("agrees with brute force: %i paths, %i targets", (paths, targets) => {
    fc.assert(
      fc.property(worlds(paths, targets), (evidence) => {
        const inferred = inferSite(evidence);
        const truth = bruteForce(evidence);
        expect(Math.abs(inferred.siteCut - truth.siteCut)).toBeLessThan(0.005);
        for (const [index, target] of inferred.targets.entries())
          for (const [cause, belief] of Object.entries(target))
            expect(Math.abs(belief - (truth.targets[index]?.[cause] ?? NaN))).toBeLessThan(0.005);
      }),
      { numRuns: 60 },
    );
  });

  it("stays close to brute force where it weighs only some of the configurations", () => {
    fc.assert(
      fc.property(worlds(9, 1), (evidence) => {
        const inferred = inferSite(evidence);
        const truth = bruteForce(evidence);
        for (const [cause, belief] of Object.entries(inferred.targets[0] ?? {}))
          expect(Math.abs(belief - (truth.targets[0]?.[cause] ?? NaN))).toBeLessThan(0.05);
      }),
      { numRuns: 25 },
    );
  });

  it("gives beliefs that sum to one", () => {
    fc.assert(
      fc.property(worlds(12, 3), (evidence) => {
        for (const target of inferSite(evidence).targets)
          expect(Object.values(target).reduce((sum, belief) => sum + belief, 0)).toBeCloseTo(1, 9);
      }),
      { numRuns: 20 },
    );
  });
});
