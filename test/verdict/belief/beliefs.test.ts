import { describe, expect, it } from "vitest";
import { CALM_BELIEF, inferSites } from "../../../src/verdict/belief/beliefs.ts";
import { gathering } from "../../../src/verdict/facts/facts.ts";
import { CALM, CAUSES, type Cause } from "../../../src/verdict/likelihood.ts";
import type {
  ControlRecord,
  Edge,
  ShardState,
  ObservationRecord,
  TargetState,
  VantageRecord,
} from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  control,
  edge,
  IDS,
  KEY,
  notice,
  NOW,
  proofAt,
  shardOf,
  observed,
  standingAs,
  targetState,
  vantage,
} from "../made.ts";

const SIBLING = "fra/db-2";
const inferred = (shard: ShardState, tuning = TUNING) =>
  inferSites(shard, ["fra"], gathering(shard, NOW, tuning), NOW, tuning);
const edgesOf = (ids: readonly string[], recent: ObservationRecord[]): Map<string, Edge> =>
  new Map(ids.map((id) => [id, edge(recent)]));
const ago = (ms: number, outcome: ObservationRecord["outcome"] = "ok"): ObservationRecord =>
  observed(NOW - ms, outcome);

describe("a calm target", () => {
  it("is believed to be up, but for what may have happened since the last look", () => {
    expect(CALM_BELIEF.pDown).toBeCloseTo(4e-4, 12);
    expect(CALM_BELIEF.alone).toBeCloseTo(2e-4, 12);
  });

  it.each<[string, Parameters<typeof targetState>[0]]>([
    ["that stands as alive", { standing: { verdict: "alive" } }],
    ["of which nothing is known yet", { standing: { verdict: "unknown" } }],
  ])("%s is not weighed, and what was suspected of it is forgotten", (_name, part) => {
    const state = targetState({ ...part, proof: proofAt(NOW - 1, 0.7) });
    const { known, shard } = inferred(shardOf({ targets: [state] }));
    expect(known.size).toBe(0);
    expect(shard.targets.get(KEY)).toMatchObject({ beliefs: CALM, proof: { badness: 0 } });
    expect(inferred(shard).shard).toBe(shard);
  });

  it.each<[string, Parameters<typeof targetState>[0]]>([
    ["somebody misses", { standing: { verdict: "alive" }, troubled: true }],
    ["something else stands of", { standing: { verdict: "gray" } }],
    ["is said to be gone", { standing: { verdict: "alive" }, notice: notice("crash") }],
  ])("is none that %s: its whole site is weighed", (_name, part) => {
    const shard = shardOf({ targets: [targetState(part), standingAs("alive", {}, SIBLING)] });
    expect([...inferred(shard).known.keys()]).toEqual([KEY, SIBLING]);
  });
});

/** Every vantage met these records at the target. The sibling answered all of them a second ago if `siblingIsUp`. */
const site = (recent: ObservationRecord[], siblingIsUp = true): ShardState => {
  const last = NOW - 12_000;
  const path = proofAt(siblingIsUp ? NOW - 1_000 : last);
  const sibling = siblingIsUp
    ? [ago(1_000)]
    : [ago(12_000), ago(4_000, "connect_timeout"), ago(2_000, "connect_timeout")];
  return shardOf({
    targets: [
      standingAs("alive", { troubled: true, edges: edgesOf(IDS, recent), proof: proofAt(last) }),
      standingAs("alive", { troubled: !siblingIsUp, edges: edgesOf(IDS, sibling), proof: path }, SIBLING),
    ],
    sites: { fra: { proof: path, paths: new Map(IDS.map((id) => [id, path])) } },
  });
};
const twice = (outcome: ObservationRecord["outcome"]): ObservationRecord[] => [
  ago(12_000),
  ago(4_000, outcome),
  ago(2_000, outcome),
];

describe("what is believed of a target that everybody looked at twice", () => {
  it.each<[string, ObservationRecord["outcome"], Cause, number]>([
    ["refused, it has crashed", "refused", "crashed", 0.99],
    ["silent beside a sibling, it is dead, or cut off once in ten", "connect_timeout", "dead", 0.9],
    ["accepted and never answered, it hangs", "response_timeout", "hung", 0.99],
    ["answered wrongly, it is gray", "app_error", "gray", 0.99],
  ])("%s", (_name, outcome, cause, least) => {
    const { known, shard } = inferred(site(twice(outcome)));
    const belief = known.get(KEY);
    expect(belief?.beliefs[cause]).toBeGreaterThan(least);
    expect(CAUSES.reduce((sum, one) => sum + (belief?.beliefs[one] ?? NaN), 0)).toBeCloseTo(1, 5);
    expect(shard.targets.get(KEY)?.beliefs).toEqual(belief?.beliefs);
  });

  it("is, of one that is silent alone, that its host is gone, missed by seven on seven open paths", () => {
    const belief = inferred(site(twice("connect_timeout"))).known.get(KEY);
    expect(belief?.alone).toBeGreaterThan(0.9999);
    expect(belief).toMatchObject({ missedBeside: 7, openPaths: 7, hangs: false });
  });

  it("is, of one that is silent with its site, that the site is cut", () => {
    const { known, shard } = inferred(site(twice("connect_timeout"), false));
    expect(known.get(KEY)?.siteCut).toBeGreaterThan(0.9);
    expect(known.get(KEY)?.pDown).toBeGreaterThan(0.999);
    expect(shard.sites.get("fra")?.proof.badness).toBe(known.get(KEY)?.siteCut);
    expect(known.get(KEY)?.missedBeside).toBe(0);
    expect(known.get(KEY)?.siteUnreached).toBeGreaterThan(0.99);
    expect(known.get(KEY)?.siteMissedBy).toBe(7);
  });

  it("is told in steps of a millionth", () => {
    for (const chance of Object.values(inferred(site(twice("refused"))).known.get(KEY)?.beliefs ?? {}))
      expect(chance * 1e6).toBeCloseTo(Math.round(chance * 1e6), 6);
  });

  it("is kept with it as what is wrong with itself, and with its paths as what is wrong with them", () => {
    const { known, shard } = inferred(site(twice("connect_timeout")));
    expect(shard.targets.get(KEY)?.proof.badness).toBeCloseTo(known.get(KEY)?.pDown ?? NaN, 6);
    for (const { badness } of shard.sites.get("fra")?.paths.values() ?? [])
      expect(badness).toBeLessThan(0.001);
  });
});

describe("the open paths to a site", () => {
  /** The site answers all vantages except `a`. Elsewhere `a` misses a target, with this weight left, and a control. */
  const open = (weight: number): number | undefined => {
    const elsewhere = edge([observed(NOW - 5_000, "connect_timeout", { weight })]);
    const failed = { answered: false, answeredAt: NOW - 15_000 };
    const controls = new Map([["tcp://c:1", control(NOW - 5_000, failed)]]);
    const shard = shardOf({
      vantages: IDS.map((id) => vantage(id, id === "a" ? { controls } : {})),
      targets: [
        standingAs("gray"),
        targetState({ troubled: true, edges: new Map([["a", elsewhere]]) }, "ams/x"),
      ],
    });
    return inferred(shard).known.get(KEY)?.openPaths;
  };

  it.each([
    ["have one among them that is as likely cut as two to three", 0.63, 7],
    ["have none among them that is likelier cut than not", 0.85, 6],
  ])("%s", (_name, weight, count) => {
    expect(open(weight)).toBe(count);
  });
});

describe("the chance that a vantage is broken", () => {
  /**
   * The badness of `a`, where a site in trouble makes the judge weigh vantages, and `a` misses `missed` others, each in a site of its own.
   */
  const badness = (
    part: Parameters<typeof vantage>[1],
    {
      missed = 0,
      agoMs = 5_000,
      of = {},
      tuning = TUNING,
    }: { missed?: number; agoMs?: number; of?: Partial<TargetState>; tuning?: typeof TUNING } = {},
  ): number => {
    const targets = Array.from({ length: missed }, (_, index) => ({
      ...targetState(
        { troubled: true, edges: edgesOf(["a"], [ago(agoMs, "connect_timeout")]) },
        `s-${index}/x`,
      ),
      ...of,
    }));
    const trouble = standingAs("gray");
    const shard = shardOf({ vantages: [vantage("a", part), vantage("b")], targets: [trouble, ...targets] });
    return inferred(shard, tuning).shard.vantages.get("a")?.proof.badness ?? NaN;
  };
  const controls = (...all: ControlRecord[]): Partial<VantageRecord> => ({
    proof: proofAt(NOW - 60_000),
    controls: new Map(all.map((one, index) => [`tcp://c:${index}`, one])),
  });
  /** A control that is silent now. It last answered a minute, the longest that counts, before its vantage was last proven good. */
  const silent = (agoMs: number, answeredMs = 120_000): ControlRecord =>
    control(NOW - agoMs, { answered: false, answeredAt: NOW - answeredMs });
  /** The chance that corresponds to these odds. */
  const at = (odds: number): number => odds / (1 + odds);

  it.each<[string, Partial<VantageRecord>, number]>([
    ["is one in a thousand where nothing is missed", {}, 1 / 999],
    ["is fifty times that by a silent control", controls(silent(1_000)), 50 / 999],
    ["is fifty times fifty by two", controls(silent(1_000), silent(2_000)), 2_500 / 999],
    ["is no more by one that answers", controls(control(NOW - 1_000)), 1 / 999],
    ["is no more by one from before something answered it", controls(silent(60_000)), 1 / 999],
    ["is more by one of two minutes ago", { ...controls(silent(120_000)), proof: proofAt(0) }, 50 / 999],
    ["is no more by one that had been silent for longer", controls(silent(1_000, 120_001)), 1 / 999],
    ["is no more by one that never answered", controls(silent(1_000, NOW)), 1 / 999],
    ["is no more by an older one", { ...controls(silent(120_001)), proof: proofAt(0) }, 1 / 999],
  ])("%s", (_name, part, odds) => {
    expect(badness(part)).toBeCloseTo(at(odds), 9);
  });

  // A silence is as likely as one in 62 from a healthy target on an open path, and certain on a cut one.
  const ONE = 0.9998 / (0.001 * 0.9998 + 0.999 * 0.0161);
  it.each<[string, number, object, number]>([
    ["grows with a site that is missed", 1, {}, ONE / 999],
    ["grows with each", 2, {}, ONE ** 2 / 999],
    ["grows by what is missed since two minutes", 1, { agoMs: 120_000 }, ONE / 999],
    ["grows by nothing older", 1, { agoMs: 120_001 }, 1 / 999],
    [
      "hardly grows by what is believed dead",
      1,
      { of: { beliefs: { ...CALM, up: 0, crashed: 0, hung: 0, gray: 0, cut: 0, dead: 1 } } },
      0.9998 / (0.001 * 0.9998 + 0.999 * 0.9999) / 999,
    ],
    [
      "grows by nothing that nobody looks at",
      1,
      { of: { target: { ...targetState().target, site: "s-0", paused: true } } },
      1 / 999,
    ],
  ])("%s", (_name, missed, part, odds) => {
    expect(badness({}, { missed, ...part })).toBeCloseTo(at(odds), 9);
  });

  it("grows by one site no more than one cut path would explain", () => {
    const many = [110_000, 80_000, 50_000, 20_000].map((ms) => ago(ms, "connect_timeout"));
    const one = badness({}, { missed: 1, of: { edges: edgesOf(["a"], many) } });
    expect(one).toBeCloseTo(at(1_000 / 999), 4);
    expect(one).toBeLessThanOrEqual(at(1_000 / 999));
  });

  it("grows by nothing that it missed before something answered it", () => {
    expect(badness({ proof: proofAt(NOW - 5_000) }, { missed: 1 })).toBeCloseTo(at(1 / 999), 9);
    expect(badness({ proof: proofAt(NOW - 5_001) }, { missed: 1 })).toBeCloseTo(at(ONE / 999), 9);
  });

  it("is never certain, however much is missed", () => {
    expect(badness({}, { missed: 40 })).toBe(at(Math.exp(30)));
    expect(badness({}, { missed: 40 })).toBeLessThan(1);
  });

  it.each([
    ["ten times as likely", 10, 0.01],
    ["one in ten at most, however likely", 1_000, 0.1],
    ["a tenth", 0.1, 0.0001],
  ])("is beforehand, where faults are taken for %s", (_name, priorFactor, chance) => {
    expect(badness({}, { tuning: { ...TUNING, priorFactor } })).toBeCloseTo(chance, 9);
  });
});
