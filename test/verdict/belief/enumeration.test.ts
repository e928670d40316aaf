import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { branchOf, weigh, weighAll } from "../../../src/verdict/belief/enumeration.ts";
import {
  type Silences,
  type SiteEvidence,
  type SiteState,
} from "../../../src/verdict/belief/site-evidence.ts";
import { runs } from "../../runs.ts";

const PER_STATE = <T>(value: T): Record<SiteState, T> => ({ connected: value, lossy: value, cut: value });
const BASE = [1, 1e-3, 1e-3, 1e-3, 1e-3, 1e-4];
const SILENT = [0.02, 0.02, 0.9998, 0.02, 0.15, 0.9998];
const once = (first: number): Silences => ({ first, repeats: 0 });

/** One target that each path has missed this often, before the site's last proof and after it. */
const evidence = (
  after: readonly number[],
  { priors = after.map(() => 1e-3), before = after.map(() => 0), pathOnly = after.map(() => 0) } = {},
): SiteEvidence => ({
  site: { connected: -0.01, lossy: -8, cut: -9 },
  paths: after.map((_, index) => ({ prior: priors[index] ?? 1e-3, pathOnly: once(pathOnly[index] ?? 0) })),
  targets: [
    {
      base: PER_STATE(BASE),
      silent: PER_STATE(SILENT),
      before: before.map(once),
      after: after.map(once),
    },
  ],
});
const ranks = (of: SiteEvidence, site: SiteState = "connected"): number[] =>
  branchOf(of, site).paths.map(({ index }) => index);

describe("the paths that are in doubt", () => {
  it.each<[string, SiteEvidence, number[]]>([
    ["are those with a silence", evidence([0, 1, 0]), [1]],
    ["are in the order of their silence", evidence([1, 3, 2]), [1, 2, 0]],
    ["are those with a silence of another target's as well", evidence([0, 0], { pathOnly: [0, 1] }), [1]],
    ["are those likely to be cut beforehand", evidence([0, 0], { priors: [0.003, 0.0031] }), [1]],
    [
      "are twenty-four at most, the least silent taken for open",
      evidence(Array.from({ length: 26 }, (_, at) => at + 1)),
      Array.from({ length: 24 }, (_, at) => 25 - at),
    ],
  ])("%s", (_name, of, indices) => {
    expect(ranks(of)).toEqual(indices);
  });

  it("are, of a cut site, those that were silent before its last proof", () => {
    const of = evidence([1, 1], { before: [0, 1] });
    expect([ranks(of), ranks(of, "cut")]).toEqual([[1, 0], [1]]);
  });

  it.each<[string, SiteEvidence, SiteState, boolean]>([
    ["reach the site by any that is not in doubt", evidence([1, 0]), "connected", true],
    ["reach it by none where all are", evidence([1, 1]), "connected", false],
    ["reach it where nobody looks: that cuts nothing off", evidence([]), "connected", true],
    ["reach no site that is cut", evidence([1, 0]), "cut", false],
  ])("%s", (_name, of, site, isReached) => {
    expect(branchOf(of, site).isReached).toBe(isReached);
  });
});

describe("the weight of a set of open paths", () => {
  // One path, silent once. If the path is cut: its prior, and the target unchanged. If it is open: the weight of the silence for each
  // cause.
  const branch = branchOf(evidence([1]), "connected");
  const weights = new Float64Array(branch.bases.length);

  it("is, with the path cut, its prior's, and nothing of the silence", () => {
    expect(weigh(branch, 0, weights)).toBeCloseTo(-0.01 + Math.log(1e-3) + Math.log(1.0041), 9);
    expect([...weights]).toEqual(BASE);
  });

  it("is, with the path open, what each cause makes of the silence, against a cut that explains it", () => {
    const seen = BASE.map((weight, at) => weight * ((SILENT[at] ?? 0) / 0.9998));
    const total = seen.reduce((sum, weight) => sum + weight, 0);
    expect(weigh(branch, 1, weights)).toBeCloseTo(-0.01 + Math.log(1 - 1e-3) + Math.log(total), 9);
    for (const [at, weight] of seen.entries()) expect(weights[at]).toBeCloseTo(weight, 12);
  });

  it("is told though each chance is near the smallest number there is", () => {
    const [target] = evidence([1]).targets;
    const of = (scale: number) => {
      const base = PER_STATE(BASE.map((weight) => weight * scale));
      const targets = [1, 2, 3].map(() => ({ ...(target as SiteEvidence["targets"][number]), base }));
      return branchOf({ ...evidence([1]), targets }, "connected");
    };
    const [likely, unlikely] = [of(1), of(1e-150)].map((one) =>
      weigh(one, 1, new Float64Array(one.bases.length)),
    );
    expect((unlikely ?? NaN) - (likely ?? NaN)).toBeCloseTo(3 * -150 * Math.LN10, 6);
  });

  it("counts against an open path what it missed of others", () => {
    const of = branchOf(evidence([0], { pathOnly: [1] }), "connected");
    expect(weigh(of, 1, weights) - weigh(of, 0, weights)).toBeCloseTo(Math.log((0.999 / 0.001) * 0.016), 9);
  });
});

describe("the sets that are weighed", () => {
  it.each([
    ["one, of no path", 0, 1],
    ["all, of three", 3, 8],
    ["all, of eight", 8, 256],
    // The sets with all paths open and with all cut, and those within two paths of each: 1 + 9 + 36.
    ["what lies near all open and all cut, of nine that are all the same", 9, 92],
  ])("are %s", (_name, count, sets) => {
    const silences = Array.from({ length: count }, () => 9);
    const { open, nats } = weighAll(branchOf(evidence(silences), "connected"));
    expect([open.length, nats.length]).toEqual([sets, sets]);
  });

  it.each([
    ["two of ten cut, which is near none", 2],
    ["four of them, two steps from that", 4],
    ["six of them, two steps from what is near all", 6],
    ["eight of them, which is near all", 8],
  ])("have the best guess among them: %s", (_name, count) => {
    // The paths that are cut missed the target once, and are as likely as not to be cut. The others are only just in doubt.
    const missed = Array.from({ length: 10 }, (_, at) => (at < count ? 1 : 0));
    const branch = branchOf(
      evidence([...missed], { priors: missed.map((one) => (one === 1 ? 0.5 : 0.0031)), pathOnly: missed }),
      "connected",
    );
    const { open, nats } = weighAll(branch);
    const best = open[nats.indexOf(Math.max(...nats))] ?? NaN;
    const cut = branch.paths.filter((_, rank) => (best & (1 << rank)) === 0);
    expect(new Set(cut.map(({ index }) => index))).toEqual(
      new Set(missed.flatMap((one, at) => (one === 1 ? [at] : []))),
    );
  });

  it("weigh the same, reached step by step or from scratch", () => {
    const silences = fc.array(
      fc.integer({ min: 0, max: 6 }).map((n) => n / 2),
      { minLength: 9, maxLength: 12 },
    );
    fc.assert(
      fc.property(silences, (after) => {
        const branch = branchOf(evidence(after, { pathOnly: after.toReversed() }), "connected");
        const weights = new Float64Array(branch.bases.length);
        const { open, nats } = weighAll(branch);
        expect(new Set(open).size).toBe(nats.length);
        for (const [at, set] of open.entries())
          expect(weigh(branch, set, weights)).toBeCloseTo(nats[at] ?? NaN, 6);
      }),
      { numRuns: runs(20) },
    );
  });
});
