import { describe, expect, it } from "vitest";
import {
  type BrokenChance,
  type SiteCase,
  siteCase,
  silenceNats,
  type Silences,
} from "../../../src/verdict/belief/site-evidence.ts";
import { gathering } from "../../../src/verdict/facts/facts.ts";
import { CAUSES, PRIORS } from "../../../src/verdict/likelihood.ts";
import type {
  Edge,
  Proof,
  ShardState,
  ObservationRecord,
  SiteRecord,
  TargetState,
} from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { edge, NOW, proofAt, shardOf, observed, standingAs, targetState, vantage } from "../made.ts";

const NEVER_BROKEN: BrokenChance = () => 0;
const weighed = (shard: ShardState, broken: BrokenChance = NEVER_BROKEN): SiteCase =>
  siteCase(shard, "fra", gathering(shard, NOW, TUNING), NOW, TUNING, PRIORS, broken);
const silence = (agoMs: number, weight = 1): ObservationRecord =>
  observed(NOW - agoMs, "connect_timeout", { weight });
const missedBy = (
  looks: Record<string, ObservationRecord[]>,
  part: Partial<TargetState> = {},
  key?: string,
): TargetState => {
  const edges = new Map<string, Edge>(Object.entries(looks).map(([id, recent]) => [id, edge(recent)]));
  return { ...targetState({ edges }, key), ...part };
};
const site = (part: Partial<SiteRecord>): { fra: Partial<SiteRecord> } => ({ fra: part });

describe("what silences are worth", () => {
  it.each<[string, Silences, number, number]>([
    ["nothing, where there are none", { first: 0, repeats: 0 }, 0.016, 0],
    ["the first its chance", { first: 1, repeats: 0 }, 0.016, -4.1352],
    ["a second at most 0.7", { first: 1, repeats: 1 }, 0.016, -4.8352],
    ["half of one half of that", { first: 0.5, repeats: 0 }, 0.016, -2.0676],
    ["a second less than 0.7 where it is as likely as not", { first: 0, repeats: 1 }, 0.5, -0.6931],
    ["next to nothing of a dead host", { first: 3, repeats: 4 }, 0.9998, -0.0014],
  ])("%s", (_name, silences, chance, nats) => {
    expect(silenceNats(silences, Math.log(chance))).toBeCloseTo(nats, 4);
  });
});

describe("a silence counts by where it begins", () => {
  const [ONE, NONE] = [
    { first: 1, repeats: 0 },
    { first: 0, repeats: 0 },
  ];
  /** Where a silence of five seconds ago counts, when target, path and site were last proven good this long ago. */
  const sorted = (target: number, path: number, own: number) => {
    const shard = shardOf({
      vantages: [vantage("a")],
      targets: [missedBy({ a: [silence(5_000)] }, { proof: proofAt(NOW - target) })],
      sites: site({ proof: proofAt(NOW - own), paths: new Map([["a", proofAt(NOW - path)]]) }),
    });
    const { evidence, missedBeside } = weighed(shard);
    const [of] = evidence.targets;
    return {
      before: of?.before[0],
      after: of?.after[0],
      pathOnly: evidence.paths[0]?.pathOnly,
      targetOnly: missedBeside[0],
    };
  };

  it.each<[string, [number, number, number], ReturnType<typeof sorted>]>([
    [
      "after all proofs: open, a cut of the site included",
      [6_000, 6_000, 6_000],
      { before: NONE, after: ONE, pathOnly: NONE, targetOnly: 0 },
    ],
    [
      "before the site's: open between path and target",
      [6_000, 6_000, 4_000],
      { before: ONE, after: NONE, pathOnly: NONE, targetOnly: 0 },
    ],
    [
      "at the site's: before it",
      [6_000, 6_000, 5_000],
      { before: ONE, after: NONE, pathOnly: NONE, targetOnly: 0 },
    ],
    [
      "after the target's alone: the target",
      [6_000, 4_000, 4_000],
      { before: NONE, after: NONE, pathOnly: NONE, targetOnly: 1 },
    ],
    [
      "at the path's: the target",
      [6_000, 5_000, 4_000],
      { before: NONE, after: NONE, pathOnly: NONE, targetOnly: 1 },
    ],
    [
      "after the path's alone: the path",
      [4_000, 6_000, 4_000],
      { before: NONE, after: NONE, pathOnly: ONE, targetOnly: 0 },
    ],
    [
      "at the target's: the path",
      [5_000, 6_000, 4_000],
      { before: NONE, after: NONE, pathOnly: ONE, targetOnly: 0 },
    ],
    [
      "after neither: plain loss",
      [4_000, 4_000, 4_000],
      { before: NONE, after: NONE, pathOnly: NONE, targetOnly: 0 },
    ],
  ])("%s", (_name, proofs, counted) => {
    expect(sorted(...proofs)).toEqual(counted);
  });

  it.each([
    ["is missed beside its siblings by half a silence", 0.5, 1],
    ["is not by less", 0.49, 0],
  ])("a target %s", (_name, weight, missed) => {
    const shard = shardOf({
      vantages: [vantage("a")],
      targets: [missedBy({ a: [silence(5_000, weight)] })],
      sites: site({ paths: new Map([["a", proofAt(NOW)]]) }),
    });
    expect(weighed(shard).missedBeside).toEqual([missed]);
  });

  it("weighs against every cause that would have answered, where it is the target's own", () => {
    const state = missedBy({ a: [silence(5_000)] });
    const of = (paths: Map<string, Proof>): number[] => [
      ...(weighed(shardOf({ vantages: [vantage("a")], targets: [state], sites: site({ paths }) })).evidence
        .targets[0]?.base.connected ?? []),
    ];
    const [open, own] = [of(new Map()), of(new Map([["a", proofAt(NOW)]]))];
    const factors = own.map((weight, at) => weight / (open[at] ?? NaN));
    for (const [at, chance] of [0.016, 0.02, 0.9998, 0.02, 0.14, 0.9998].entries())
      expect(factors[at]).toBeCloseTo(chance, 9);
  });
});

describe("a silence of a lossy time", () => {
  /** The weight of a silence of five seconds ago that was taken in when `lost` was the site's loss; `now` is the loss now. */
  const weight = (lost: number | undefined, now: number | null = null): number | undefined => {
    const one = lost === undefined ? silence(5_000) : { ...silence(5_000), lost };
    const sites = site({ lost: now });
    return weighed(shardOf({ vantages: [vantage("a")], targets: [missedBy({ a: [one] })], sites })).evidence
      .targets[0]?.after[0]?.first;
  };

  it.each<[string, number | undefined, number | null, number]>([
    ["for all of it where nothing was amiss", undefined, null, 1],
    ["for all of it where no more was lost than is now", 0.4, 0.4, 1],
    ["for all of it where less was", 0.2, 0.4, 1],
    // ln 0.4 to ln 0.016, the usual loss.
    ["for less where the site has mended since", 0.4, null, 0.9163 / 4.1352],
    // ln 0.4 to ln 0.2.
    ["for less by as much as it has", 0.4, 0.2, 0.9163 / 1.6094],
    // ln 0.95 to ln 0.016: a silence never counts for nothing.
    ["for next to nothing where all was lost", 1, null, 0.0513 / 4.1352],
  ])("counts %s", (_name, lost, now, expected) => {
    expect(weight(lost, now)).toBeCloseTo(expected, 4);
  });
});

describe("who is weighed", () => {
  it("is every sound vantage outside, and every target that is looked at", () => {
    const shard = shardOf({
      vantages: [vantage("a"), vantage("b", { state: "faulty" }), vantage("i", { site: "fra" })],
      targets: [
        targetState(),
        targetState({ target: { paused: true } }, "fra/db-2"),
        targetState({}, "ams/web-1"),
      ],
    });
    const { evidence, records, targets } = weighed(shard);
    expect(records.map(({ vantage: { id } }) => id)).toEqual(["a"]);
    expect(targets.map(({ target }) => target.target)).toEqual(["db-1"]);
    expect([evidence.paths.length, evidence.targets.length]).toEqual([1, 1]);
  });

  it.each([
    ["thirty seconds", 30_000, 0, 1],
    ["no more", 30_001, 0, 0],
    ["none of before it was sound again", 5_000, 4_999, 0],
    ["all since", 5_000, 5_000, 1],
  ])("is weighed by the silences of so long: %s", (_name, agoMs, trustedMs, first) => {
    const trustedSince = trustedMs === 0 ? 0 : NOW - trustedMs;
    const shard = shardOf({
      vantages: [vantage("a", { trustedSince })],
      targets: [missedBy({ a: [silence(agoMs)] })],
    });
    expect(weighed(shard).evidence.targets[0]?.after[0]?.first).toBe(first);
  });
});

describe("how likely a path or a site is cut beforehand", () => {
  const path = (part: {
    openMs?: number;
    broken?: number;
    cutSince?: number;
    looks?: ObservationRecord[];
  }): number => {
    const { openMs = 10_000, broken = 0, cutSince, looks = [silence(0)] } = part;
    const cut = cutSince === undefined ? {} : { since: NOW - cutSince, cut: ["a"] };
    const shard = shardOf({
      vantages: [vantage("a")],
      targets: [
        standingAs(cutSince === undefined ? "alive" : "partitioned", {
          edges: new Map([["a", edge(looks)]]),
          standing: cut,
        }),
      ],
      sites: site({ paths: new Map([["a", proofAt(NOW - openMs)]]) }),
    });
    return weighed(shard, () => broken).evidence.paths[0]?.prior ?? NaN;
  };

  it.each<[string, Parameters<typeof path>[0], number]>([
    ["one in a thousand after ten seconds", {}, 0.001],
    ["half of it after five", { openMs: 5_000 }, 0.0005],
    ["no more after a minute", { openMs: 60_000 }, 0.001],
    ["a twentieth of it where nothing was missed", { looks: [] }, 0.00005],
    ["as likely as not where it stands as cut", { cutSince: 9_999 }, 0.5],
    ["no more than before where it was open since", { cutSince: 10_000 }, 0.001],
    ["its vantage's fault besides", { broken: 0.5 }, 0.5005],
    ["nearly certain, and no more than that", { broken: 1 }, 0.999],
  ])("is %s", (_name, part, prior) => {
    expect(path(part)).toBeCloseTo(prior, 12);
  });

  it.each([
    ["one in five thousand after ten seconds", 10_000, 0.0002],
    ["a twentieth of it at first", 100, 0.00001],
  ])("is, of a site, %s", (_name, openMs, prior) => {
    const shard = shardOf({
      vantages: [vantage("a")],
      targets: [missedBy({ a: [silence(0)] })],
      sites: site({ proof: proofAt(NOW - openMs) }),
    });
    const { cut, connected, lossy } = weighed(shard).evidence.site;
    expect(Math.exp(cut)).toBeCloseTo(prior, 12);
    expect(Math.exp(lossy)).toBeCloseTo(0.0002, 12);
    expect(Math.exp(connected)).toBeCloseTo(1 - prior - 0.0002, 12);
  });
});

/** One look of `a` at the target was lost `lostMs` ago. Since then `b` was answered, and the path of `a` was proven open. */
const afterLoss = (lostMs: number) => {
  const shard = shardOf({
    vantages: [vantage("a"), vantage("b")],
    targets: [missedBy({ a: [silence(lostMs)], b: [observed(NOW - 1_000)] })],
    sites: site({ paths: new Map(["a", "b"].map((id) => [id, proofAt(NOW - 500)])) }),
  });
  return weighed(shard).evidence;
};

describe("a lossy site", () => {
  it.each([
    // A lost look is 37.5 times as likely in a lossy site, and an answer 0.4 to 0.983.
    ["by each of three guesses at when it became one", 2_500, 37.5 * (0.4 / 0.983)],
    ["by one of them", 10_000, ((1 + 1 + 37.5) / 3) * (0.4 / 0.983)],
    ["by none", 10_001, 0.4 / 0.983],
  ])("explains a lost look %s", (_name, lostMs, ratio) => {
    expect(Math.exp(afterLoss(lostMs).site.lossy)).toBeCloseTo(0.0002 * ratio, 9);
  });
});

describe("the chance of silence on an open path", () => {
  const chances = (policy = {}, looks: Record<string, ObservationRecord[]> = {}) => {
    const state = missedBy(looks);
    const of = { ...state, target: { ...state.target, policy } };
    return weighed(shardOf({ targets: [of] })).evidence.targets[0]?.silent;
  };
  const upTo = (all: readonly number[] | undefined): number[] =>
    CAUSES.map((_, at) => Number(all?.[at]?.toFixed(6)));

  it.each<[string, number | undefined, number[]]>([
    ["is the table's", undefined, [0.016, 0.02, 0.9998, 0.02, 0.14, 0.9998]],
    ["is no less than what its operator expects", 0.3, [0.316, 0.316, 0.9998, 0.316, 0.316, 0.9998]],
    ["is never taken for certain", 5, [0.95, 0.95, 0.9998, 0.95, 0.95, 0.9998]],
  ])("%s", (_name, expectedLoss, connected) => {
    const silent = chances(expectedLoss === undefined ? {} : { expectedLoss });
    expect(upTo(silent?.connected)).toEqual(connected);
    expect(silent?.cut).toEqual(silent?.connected);
    expect(upTo(silent?.lossy)).toEqual([0.6, 0.6, 0.9998, 0.6, 0.6, 0.9998]);
  });

  it.each<[string, number, number[]]>([
    // One of two looks was lost, and 0.24 of the fifteen that are assumed to have fared as usual: 1.24 of 17.
    ["is what its site has lost of late", 8_000, [0.072941, 0.072941, 0.9998, 0.072941, 0.14, 0.9998]],
    ["is the table's where that was longer ago", 8_001, [0.016, 0.02, 0.9998, 0.02, 0.14, 0.9998]],
  ])("%s", (_name, lostMs, connected) => {
    expect(upTo(afterLoss(lostMs).targets[0]?.silent.connected)).toEqual(connected);
  });

  /** The loss learnt from `looks` settled looks, all answered, the newest `agoMs` ago, where `known` was the loss known before. */
  const learnt = (looks: number, known: number | null, agoMs = 1_000): number => {
    const recent = Array.from({ length: looks }, (_, index) => observed(NOW - agoMs - index));
    const paths = new Map([["a", proofAt(NOW)]]);
    return weighed(shardOf({ targets: [missedBy({ a: recent })], sites: site({ lost: known, paths }) })).lost;
  };

  it.each<[string, number, number | null, number, number]>([
    ["what was known, where four looks are settled", 4, 0.4, 1_000, 0.4],
    ["what five show", 5, 0.4, 1_000, 0.24 / 20],
    ["what was known, where five are older than eight seconds", 5, 0.4, 8_001, 0.4],
    ["what is usual, where nothing was known", 0, null, 1_000, 0.016],
    ["what four show, where nothing was known", 4, null, 1_000, 0.24 / 19],
  ])("is learnt as %s", (_name, looks, known, agoMs, lost) => {
    expect(learnt(looks, known, agoMs)).toBeCloseTo(lost, 12);
  });

  it("is nearly one of a process whose backlog is full", () => {
    const hung = [3_000, 2_000, 1_000].map((ms) => observed(NOW - ms, "response_timeout"));
    expect(chances({}, { a: hung })?.connected[CAUSES.indexOf("hung")]).toBe(0.98);
  });
});
