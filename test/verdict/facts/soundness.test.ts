import { describe, expect, it } from "vitest";
import { withSoundness } from "../../../src/verdict/facts/soundness.ts";
import {
  NEVER,
  type ControlRecord,
  type Edge,
  type ShardState,
  type TargetState,
  type VantageRecord,
} from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { control, edge, NOW, proofAt, shardOf, observed, targetState, vantage } from "../made.ts";

const judged = (shard: ShardState): VantageRecord =>
  withSoundness(shard, NOW, TUNING).vantages.get("a") as VantageRecord;
const told = (shard: ShardState): string => {
  const { state, reason } = judged(shard);
  return reason === "" ? state : reason;
};

describe("a vantage that tells what it was not asked for", () => {
  it.each<[string, number[], string]>([
    [
      "is suspect the third time in ten minutes",
      [599_999, 2, 1],
      "suspect: it reports what it was not asked for",
    ],
    ["is not the second", [2, 1], "sound"],
    ["is not any more once the first of them is older", [600_000, 2, 1], "sound"],
  ])("%s", (_name, agoMs, state) => {
    const refusedAt = agoMs.map((ms) => NOW - ms);
    expect(told(shardOf({ vantages: [vantage("a", { refusedAt })] }))).toBe(state);
  });
});

const looking = (intervalMs: number, key = "fra/db-1", paused = false): TargetState =>
  targetState({ target: { intervalMs, paused, vantages: ["a"] } }, key);

describe("a vantage's silence", () => {
  const STOPPED = "silent: its reports have stopped";

  it.each<[string, number | null, TargetState[], string]>([
    ["has not begun after fifteen seconds", 15_000, [], "sound"],
    ["has begun after that", 15_001, [], STOPPED],
    ["has not after two of its intervals, where they are longer", 20_000, [looking(10_000)], "sound"],
    ["has after them", 20_001, [looking(10_000)], STOPPED],
    ["goes by its shortest interval", 15_001, [looking(60_000), looking(5_000, "fra/db-2")], STOPPED],
    ["goes by no paused target's", 15_001, [looking(60_000, "fra/db-1", true)], STOPPED],
    ["has never ended where it has not reported", null, [], "silent: has not reported yet"],
  ])("%s", (_name, agoMs, targets, state) => {
    const lastReportAt = agoMs === null ? null : NOW - agoMs;
    expect(told(shardOf({ vantages: [vantage("a", { lastReportAt })], targets }))).toBe(state);
  });
});

describe("a vantage's controls", () => {
  const failing = (failures: number, agoMs = 1_000, answeredAt = NOW - 65_000): ControlRecord =>
    control(NOW - agoMs, { answered: false, answeredAt, failures });
  const by = (...controls: ControlRecord[]): VantageRecord =>
    vantage("a", { controls: new Map(controls.map((one, index) => [`tcp://c:${index}`, one])) });

  it.each<[string, VantageRecord, string]>([
    ["leave it sound while one answers", by(failing(9), control(NOW - 1_000)), "sound"],
    ["make it suspect once all have failed", by(failing(1), failing(1)), "suspect: 2 of 2 controls silent"],
    [
      "make it no worse while one has failed once",
      by(failing(5), failing(1)),
      "suspect: 2 of 2 controls silent",
    ],
    [
      "make it faulty once all have failed twice",
      by(failing(2), failing(2)),
      "faulty: 2 of 2 controls silent",
    ],
    ["count for a minute", by(failing(2, 60_000)), "faulty: 1 of 1 controls silent"],
    ["say nothing after that", by(failing(2, 60_001)), "sound"],
    ["say nothing that never answered", by(failing(9, 1_000, 0)), "sound"],
    [
      "say the same whether one beside them never answered or not",
      by(failing(2), failing(9, 1_000, 0)),
      "faulty: 1 of 1 controls silent",
    ],
  ])("%s", (_name, record, state) => {
    expect(told(shardOf({ vantages: [record] }))).toBe(state);
  });

  // The vantage itself was last answered five seconds ago.
  it.each<[string, number, string]>([
    ["that fell silent within a minute of that", 65_000, "faulty: 1 of 1 controls silent"],
    ["not one that had fallen silent before, while all else answered it", 65_001, "sound"],
  ])("count, %s", (_name, agoMs, state) => {
    const controls = new Map([["tcp://c:0", failing(2, 1_000, NOW - agoMs)]]);
    const record = vantage("a", { controls, proof: proofAt(NOW - 5_000) });
    expect(told(shardOf({ vantages: [record] }))).toBe(state);
  });

  /** All vantages have missed the one control for ten seconds. Something else answered `a` this long after that began. */
  const missedByAll = (others: VantageRecord[], provenMs: number): ShardState =>
    shardOf({
      vantages: [
        vantage("a", {
          controls: new Map([["tcp://c:0", failing(2, 10_000)]]),
          proof: proofAt(NOW - 10_000 + provenMs),
        }),
        ...others,
      ],
    });
  const alsoMissing = vantage("b", { controls: new Map([["tcp://c:0", failing(2, 9_000)]]) });
  const answered = vantage("b", { controls: new Map([["tcp://c:0", control(NOW - 9_000)]]) });

  it.each<[string, ShardState, string]>([
    ["at fault itself where something else answers", missedByAll([alsoMissing], 1_001), "sound"],
    [
      "not, by what may have been in flight",
      missedByAll([alsoMissing], 1_000),
      "faulty: 1 of 1 controls silent",
    ],
    ["not, where it answers somebody", missedByAll([answered], 1_001), "faulty: 1 of 1 controls silent"],
    ["not, where nobody else asks it", missedByAll([], 1_001), "faulty: 1 of 1 controls silent"],
  ])("miss one that is %s", (_name, shard, state) => {
    expect(told(shard)).toBe(state);
  });
});

/** Targets in these sites that `a` misses and `b` reaches. */
const alone = (
  missed: { site: string; twice?: boolean }[],
  agreed = 0,
  { okMs = 1_000, missedMs = 1_000 } = {},
): ShardState => {
  const state = (key: string, mine: Edge): TargetState =>
    targetState(
      {
        target: { vantages: ["a", "b"] },
        troubled: true,
        edges: new Map([
          ["a", mine],
          ["b", edge([observed(NOW - okMs)])],
        ]),
      },
      key,
    );
  const silence = observed(NOW - missedMs, "connect_timeout");
  return shardOf({
    vantages: [vantage("a"), vantage("b")],
    targets: [
      ...missed.map(({ site, twice = false }, index) =>
        state(`${site}/m-${index}`, edge([observed(NOW - 6_000, twice ? "connect_timeout" : "ok"), silence])),
      ),
      ...Array.from({ length: agreed }, (_, index) => state(`sto/g-${index}`, edge([observed(NOW - 1_000)]))),
    ],
  });
};

const [FRA, AMS] = [{ site: "fra" }, { site: "ams" }];
const TWICE = [FRA, AMS].map((one) => ({ ...one, twice: true }));

describe("a vantage without controls", () => {
  it.each<[string, ShardState, string]>([
    ["is sound, alone in failing in one site: that may be a cut", alone([FRA, FRA, FRA]), "sound"],
    ["is suspect, alone in two", alone([FRA, AMS]), "suspect: alone in failing at 2 of 2 targets in 2 sites"],
    [
      "is faulty, alone there twice in a row",
      alone(TWICE),
      "faulty: alone in failing at 2 of 2 targets in 2 sites",
    ],
    [
      "is suspect, where only one was twice in a row",
      alone([FRA, { site: "ams", twice: true }]),
      "suspect: alone in failing at 2 of 2 targets in 2 sites",
    ],
    ["is sound, agreeing at one of five", alone([FRA, FRA, AMS, AMS], 1), "sound"],
    [
      "is suspect, agreeing at one of six",
      alone([FRA, FRA, AMS, AMS, AMS], 1),
      "suspect: alone in failing at 5 of 6 targets in 2 sites",
    ],
    [
      "is suspect by an ok that is just current",
      alone([FRA, AMS], 0, { okMs: 13_000 }),
      "suspect: alone in failing at 2 of 2 targets in 2 sites",
    ],
    ["is sound by an ok that should have been repeated", alone([FRA, AMS], 0, { okMs: 13_001 }), "sound"],
    [
      "is suspect by failures that are just fresh",
      alone([FRA, AMS], 0, { missedMs: 15_000 }),
      "suspect: alone in failing at 2 of 2 targets in 2 sites",
    ],
    ["is sound by failures that are not", alone([FRA, AMS], 0, { missedMs: 15_001 }), "sound"],
  ])("%s", (_name, shard, state) => {
    expect(told(shard)).toBe(state);
  });
});

describe("a vantage that is sound again", () => {
  it.each<[string, Partial<VantageRecord>, number]>([
    ["is trusted from now on, where it was faulty", { state: "faulty", reason: "x", trustedSince: 7 }, NOW],
    ["is trusted from now on, where it was suspect", { state: "suspect", reason: "x", trustedSince: 7 }, NOW],
    [
      "is trusted as before, where it had only been silent",
      { state: "silent", reason: "x", trustedSince: 7 },
      7,
    ],
    [
      "is trusted from now on, where it fell silent while it was in doubt",
      { state: "silent", reason: "x", trustedSince: NEVER },
      NOW,
    ],
    ["is trusted as before, where it was sound all along", { trustedSince: 7 }, 7],
  ])("%s", (_name, part, trustedSince) => {
    expect(judged(shardOf({ vantages: [vantage("a", part)] }))).toMatchObject({
      state: "sound",
      trustedSince,
    });
  });

  it("was not trusted while it was in doubt", () => {
    const doubted = vantage("a", {
      controls: new Map([
        ["x", control(NOW - 1_000, { answered: false, answeredAt: NOW - 9_000, failures: 2 })],
      ]),
    });
    expect(judged(shardOf({ vantages: [doubted] }))).toMatchObject({ state: "faulty", trustedSince: NEVER });
  });

  it("is no other state where nobody's changed", () => {
    const shard = shardOf();
    expect(withSoundness(shard, NOW, TUNING)).toBe(shard);
  });
});

describe("while reports that waited for us arrive", () => {
  const silent: [string, ControlRecord][] = [
    ["tcp://c:0", control(NOW - 1_000, { answered: false, answeredAt: NOW - 65_000, failures: 2 })],
  ];
  const awaited = [{ vantage: "a", dueAt: NOW - 5_000 }];
  const returned = (sinceMs: number, of: typeof awaited) => ({ since: NOW - sinceMs, awaited: of });

  it.each<[string, ShardState["returned"], string]>([
    ["nobody is judged anew for half a second", returned(499, []), "sound"],
    ["all are after that", returned(500, []), "faulty"],
    ["one is not that has yet to catch up", returned(9_999, awaited), "sound"],
    ["but for no longer than its interval", returned(10_000, awaited), "faulty"],
    ["it is where another has", returned(9_999, [{ vantage: "b", dueAt: NOW }]), "faulty"],
  ])("%s", (_name, back, state) => {
    const record = vantage("a", { controls: new Map(silent) });
    const shard = { ...shardOf({ vantages: [record], targets: [looking(10_000)] }), returned: back };
    expect(judged(shard).state).toBe(state);
  });
});
