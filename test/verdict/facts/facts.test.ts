import { describe, expect, it } from "vitest";
import type { EvidenceEvent } from "../../../src/domain/evidence.ts";
import { gathering, type Seen, seenOf, sorted } from "../../../src/verdict/facts/facts.ts";
import type { Edge, Sighting, TargetState, VantageRecord } from "../../../src/verdict/memory/state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  edge,
  IDS,
  KEY,
  notice,
  NOW,
  observation,
  report,
  shardOf,
  sighting,
  standingAs,
  targetState,
  vantage,
} from "../made.ts";

type Looks = Record<string, Sighting[]>;
const ok = (agoMs: number): Sighting => sighting(NOW - agoMs);
const silent = (agoMs: number): Sighting => sighting(NOW - agoMs, "connect_timeout");
const edgesOf = (looks: Looks): Map<string, Edge> =>
  new Map(Object.entries(looks).map(([id, recent]) => [id, edge(recent)]));

const seen = (
  looks: Looks,
  vantages: VantageRecord[] = IDS.map((id) => vantage(id)),
  part: Parameters<typeof targetState>[0] = {},
): Seen => {
  const ids = vantages.map((one) => one.vantage.id);
  const state = targetState({ ...part, target: { vantages: ids, ...part.target }, edges: edgesOf(looks) });
  return seenOf(shardOf({ vantages, targets: [state] }), KEY, state, NOW, TUNING);
};
const ids = (votes: Seen["counted"]): string[] => votes.map(({ record }) => record.vantage.id);

describe("the votes that count", () => {
  const inside = vantage("i", { site: "fra" });
  const at = (id: string, colo: string): VantageRecord => vantage(id, { colo });

  it.each<[string, Looks, VantageRecord[], string[]]>([
    [
      "are those of half a minute",
      { a: [silent(30_000)], b: [silent(30_001)] },
      [vantage("a"), vantage("b")],
      ["a"],
    ],
    [
      "are none of who is not sound",
      { a: [ok(1)], b: [ok(1)] },
      [vantage("a", { state: "suspect" }), vantage("b")],
      ["b"],
    ],
    ["are none from inside the site", { a: [ok(1)], i: [ok(1)] }, [vantage("a"), inside], ["a"]],
    [
      "are one for each colo, the newest",
      { a: [ok(9)], b: [silent(5)] },
      [at("a", "FRA"), at("b", "FRA")],
      ["b"],
    ],
    ["are two of two colos", { a: [ok(9)], b: [ok(5)] }, [at("a", "FRA"), at("b", "AMS")], ["a", "b"]],
    [
      "are no failures from before it was sound again",
      { a: [silent(9)] },
      [vantage("a", { trustedSince: NOW - 8 })],
      [],
    ],
    ["are those since then", { a: [silent(8)] }, [vantage("a", { trustedSince: NOW - 8 })], ["a"]],
    ["are its answers from before as well", { a: [ok(9)] }, [vantage("a", { trustedSince: NOW - 8 })], ["a"]],
  ])("%s", (_name, looks, vantages, counted) => {
    expect(ids(seen(looks, vantages).counted)).toEqual(counted);
  });

  it("come through so many windows, whether they voted or not", () => {
    const all = [vantage("a"), at("b", "FRA"), at("c", "FRA"), inside, vantage("d", { state: "silent" })];
    expect(seen({}, all)).toMatchObject({ soundCount: 2, insiders: 1 });
  });
});

describe("an onset", () => {
  it.each<[string, Looks, number, string[]]>([
    [
      "is the newest ok of anybody, after which failures count",
      { a: [ok(5)], b: [silent(4)] },
      NOW - 5,
      ["b"],
    ],
    ["lets no failure of the same instant count", { a: [ok(5)], b: [silent(5)] }, NOW - 5, []],
    ["lets none from before it count", { a: [ok(5)], b: [silent(6)] }, NOW - 5, []],
    ["is nought before the first ok", { b: [silent(6)] }, 0, ["b"]],
  ])("%s", (_name, looks, onset, failing) => {
    const at = seen(looks);
    expect(at.onset).toBe(onset);
    expect(ids(at.failing)).toEqual(failing);
  });

  it("is remembered of whoever had it, though its vote has expired", () => {
    const at = seen({ a: [ok(300_000)], b: [silent(5)] });
    expect([at.onset, at.lastReacher]).toEqual([NOW - 300_000, "a"]);
  });

  it("is followed by the first failing look of those who fail", () => {
    const looks = { a: [ok(20_000)], b: [silent(25_000), silent(9_000), silent(2_000)], c: [silent(8_000)] };
    expect(seen(looks).failingSince).toBe(NOW - 9_000);
    expect(seen({ a: [ok(1)] }).failingSince).toBe(NOW);
  });
});

describe("a contradiction", () => {
  it.each<[string, number, number | null, string[]]>([
    ["is an ok until it must have been repeated", 13_000, null, ["a"]],
    ["is none that should have been", 13_001, null, []],
    ["is none from when it fell, or before", 5_000, NOW - 5_000, []],
    ["is one since", 4_999, NOW - 5_000, ["a"]],
  ])("%s", (_name, agoMs, downSince, dissent) => {
    expect(ids(seen({ a: [ok(agoMs)] }, undefined, { downSince }).dissent)).toEqual(dissent);
  });
});

describe("who has yet to be heard", () => {
  const missing = (ids: string, agoMs: number): Looks =>
    Object.fromEntries(ids.split("").map((id) => [id, [silent(agoMs)]]));

  it("is everybody who has not failed since the onset", () => {
    expect(seen({ ...missing("bcd", 4_000), a: [ok(5_000)] }).unheard).toBe(4);
  });

  it.each<[string, Looks, boolean, boolean]>([
    ["owes a look that reached it last", { a: [ok(5_000)], ...missing("bcde", 3_500) }, true, false],
    [
      "is let off as the only one, after three seconds",
      { a: [ok(5_000)], ...missing("bcdefg", 3_000) },
      true,
      true,
    ],
    ["is not before", { a: [ok(5_000)], ...missing("bcdefg", 2_999) }, true, false],
    ["is not beside another", { a: [ok(5_000)], ...missing("bcdef", 4_000) }, true, false],
    ["owes nothing once it has failed", { a: [ok(5_000), silent(4_000)], b: [silent(4_500)] }, false, true],
    [
      "owes nothing after an interval and eight seconds",
      { a: [ok(13_001)], b: [silent(4_500)] },
      false,
      true,
    ],
    ["owes it until then", { a: [ok(13_000)], b: [silent(4_500)] }, true, false],
  ])("%s", (_name, looks, owes, heard) => {
    expect(seen(looks)).toMatchObject({ lastReacherOwes: owes, lastReacherHeard: heard });
  });

  it("owes nothing where another looked through its window", () => {
    const both = ["a", "b"].map((id) => vantage(id, { colo: "FRA" }));
    expect(seen({ a: [ok(5_000)], b: [silent(4_000)] }, both).lastReacherOwes).toBe(false);
  });

  it("is whoever stands inside and has not looked since it was first missed", () => {
    const all = [vantage("a"), ...["i", "j", "k"].map((id) => vantage(id, { site: "fra" }))];
    const looks = { a: [silent(4_000)], i: [ok(3_999)], j: [ok(4_000)] };
    expect(seen(looks, all)).toMatchObject({ insiders: 3, insideUnheard: 2 });
  });
});

describe("all that is observed", () => {
  const state = targetState({ edges: edgesOf({ a: [silent(1)] }) });
  const shard = shardOf({ targets: [state, targetState({}, "fra/db-2")] });

  it("is what is seen, and what surrounds it", () => {
    const seen = seenOf(shard, KEY, state, NOW, TUNING);
    const facts = gathering(shard, NOW, TUNING)(KEY, state);
    expect(facts).toMatchObject({ ...seen, siblings: 1, insideServes: false });
  });

  it("is gathered once", () => {
    const factsOn = gathering(shard, NOW, TUNING);
    expect(factsOn(KEY, state)).toBe(factsOn(KEY, { ...state }));
  });
});

describe("a calm target", () => {
  const calm = (part: Parameters<typeof targetState>[0] = {}, agoMs = 1_000): TargetState =>
    standingAs("alive", { edges: edgesOf({ a: [ok(agoMs)] }), asOf: NOW - 5_000, ...part });
  const of = (state: TargetState, part: Parameters<typeof shardOf>[0] = {}, events: EvidenceEvent[] = []) =>
    sorted(shardOf({ targets: [state], ...part }), [KEY], events, NOW, TUNING);
  const held = (state: TargetState): TargetState | undefined => of(state).calm[0]?.[1];

  it("stands, and is believed fifteen seconds longer", () => {
    expect(held(calm())).toMatchObject({ asOf: NOW - 1_000, nextAt: NOW + 14_001, waiting: null });
  });

  it("is the same where nothing newer was seen", () => {
    const state = calm({ asOf: NOW - 1_000 });
    expect(of(state)).toEqual({ calm: [], open: [] });
  });

  it.each<[string, TargetState, boolean]>([
    ["until its evidence has run out", calm({ asOf: null }, 15_000), true],
    ["not once it has", calm({ asOf: null }, 15_001), false],
    ["not while somebody misses it", calm({ troubled: true }), false],
    ["not while it recovers", calm({ goodSince: NOW - 1 }), false],
    ["not while a trouble is open", calm({ episodeAt: NOW - 1 }), false],
    [
      "not while anybody is asked for looks",
      calm({ bursts: { count: 1, lastAt: 0, isGrave: false } }),
      false,
    ],
    ["not while it is said to be gone", calm({ notice: notice("crash") }), false],
    ["not under an operator's word", calm({ override: { reason: "x", until: NOW + 1 } }), false],
    ["not before it was published", calm({ announced: false }), false],
    ["not where something else stands", calm({ standing: { verdict: "gray" } }), false],
  ])("is one %s", (_name, state, isCalm) => {
    expect(of(state).open).toEqual(isCalm ? [] : [[KEY, state]]);
  });

  it("waits for nothing any more, and keeps what time it has", () => {
    const waiting = { rule: "x", what: "y", until: NOW + 1 };
    expect(held(calm({ asOf: NOW - 1_000, waiting, nextAt: NOW + 5 }))).toMatchObject({
      waiting: null,
      nextAt: NOW + 5,
    });
  });

  it.each<[string, Parameters<typeof shardOf>[0], EvidenceEvent[], number]>([
    ["is none while we suspect ourselves", { frozenSince: NOW - 1 }, [], 1],
    [
      "is none by the looks of those inside its site alone",
      { vantages: [vantage("a", { site: "fra" })] },
      [],
      1,
    ],
    ["is none by the looks of who is not sound", { vantages: [vantage("a", { state: "suspect" })] }, [], 1],
    ["is none of which its supervisor has just spoken", {}, [{ kind: "notice", notice: notice("start") }], 1],
    [
      "is one though a report has just spoken of it",
      {},
      [{ kind: "report", report: report("a", [observation(KEY, NOW)]) }],
      0,
    ],
  ])("%s", (_name, part, events, open) => {
    expect(of(calm(), part, events).open).toHaveLength(open);
  });

  it("is left out where it is not remembered", () => {
    expect(sorted(shardOf(), [KEY], [], NOW, TUNING)).toEqual({ calm: [], open: [] });
  });
});
