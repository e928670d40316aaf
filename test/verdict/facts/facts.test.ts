import { describe, expect, it } from "vitest";
import { gathering, type Seen, seenOf } from "../../../src/verdict/facts/facts.ts";
import {
  type Edge,
  NEVER,
  type ObservationRecord,
  type VantageRecord,
} from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { edge, IDS, KEY, NOW, shardOf, observed, targetState, vantage } from "../made.ts";

type Looks = Record<string, ObservationRecord[]>;
const ok = (agoMs: number): ObservationRecord => observed(NOW - agoMs);
const silent = (agoMs: number): ObservationRecord => observed(NOW - agoMs, "connect_timeout");
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
    expect(seen({}, all)).toMatchObject({ soundCount: 2, insiders: [] });
  });

  it.each<[string, ObservationRecord[], boolean]>([
    ["reached it in its good time", [ok(9_000)], true],
    ["was answered wrongly then", [observed(NOW - 9_000, "app_error")], true],
    ["reaches it since", [silent(9_000), ok(1_000)], true],
    ["has never reached it", [silent(9_000), silent(1_000)], false],
    ["had missed it twice before anybody outside did", [ok(9_000), silent(8_800), silent(8_500)], false],
    ["had missed it once, which may be lost or the first of it", [ok(9_000), silent(8_500)], true],
    ["was refused then: nobody knows what stands between", [observed(NOW - 9_000, "refused")], false],
    ["reached it a minute before the trouble, and not since", [ok(68_001), silent(1_000)], false],
    ["reached it a little later", [ok(68_000), silent(1_000)], true],
    ["has not looked at all", [], false],
  ])("are heard beside who stands inside and %s", (_name, inner, isHeard) => {
    // Outside, the target answered eight seconds ago, and has not answered since.
    const at = seen({ a: [ok(8_000), silent(2_000)], i: inner }, [vantage("a"), inside]);
    expect(at.insiders.map((one) => one.vantage.id)).toEqual(isHeard ? ["i"] : []);
  });
});

it.each<[string, ObservationRecord[], VantageRecord["state"], string[]]>([
  ["in doubt that was served last", [ok(1_000)], "suspect", ["i"]],
  ["in doubt that was not", [ok(2_000), silent(1_000)], "faulty", []],
  ["that does not report", [ok(1_000)], "silent", []],
])("hears of one inside %s: its answer", (_name, inner, state, heard) => {
  const at = seen({ a: [ok(8_000), silent(2_000)], i: inner }, [
    vantage("a"),
    vantage("i", { site: "fra", state }),
  ]);
  expect([at.insiders.map((one) => one.vantage.id), at.inside.length]).toEqual([heard, 0]);
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

  it("does not fall back where whoever saw it recover is in doubt since", () => {
    const looks = { a: [ok(20)], b: [silent(30), silent(10)] };
    const at = seen(looks, [vantage("a", { state: "suspect" }), vantage("b")], { recoveredAt: NOW - 20 });
    expect([at.onset, at.failingSince]).toEqual([NOW - 20, NOW - 10]);
  });

  it("is followed by the first failing look of those who fail", () => {
    const looks = { a: [ok(20_000)], b: [silent(25_000), silent(9_000), silent(2_000)], c: [silent(8_000)] };
    expect(seen(looks).failingSince).toBe(NOW - 9_000);
    expect(seen({ a: [ok(1)] }).failingSince).toBe(NOW);
  });
});

describe("whether it listens", () => {
  const refused = (agoMs: number): ObservationRecord => observed(NOW - agoMs, "refused");
  const reset = (agoMs: number): ObservationRecord => observed(NOW - agoMs, "reset");

  it.each<[string, Looks, VantageRecord[] | undefined, boolean]>([
    [
      "is shown by one let in after another was refused",
      { a: [ok(9_000), refused(3_000)], b: [reset(2_000)] },
      undefined,
      true,
    ],
    [
      "is not by one broken off before",
      { a: [ok(9_000), refused(3_000)], b: [reset(3_001)] },
      undefined,
      false,
    ],
    [
      "is by one inside as well",
      { a: [ok(9_000), refused(3_000)], i: [ok(9_500), reset(2_000)] },
      [vantage("a"), vantage("i", { site: "fra" })],
      true,
    ],
    [
      "is not by who is not sound",
      { a: [ok(9_000), refused(3_000)], b: [reset(2_000)] },
      [vantage("a"), vantage("b", { state: "suspect" })],
      false,
    ],
    ["is no question where nobody fails", { a: [ok(1_000)] }, undefined, false],
  ])("%s", (_name, looks, vantages, listens) => {
    expect(seen(looks, vantages).listens).toBe(listens);
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

  it.each([
    ["who tells within three seconds", 3_000, 1],
    ["nobody whose newest report was longer on its way", 3_001, 0],
  ])("is %s", (_name, lagMs, unheard) => {
    const late = vantage("b", { lastReportAt: NOW, madeAt: NOW - lagMs });
    expect(seen({ a: [silent(4_000)], b: [ok(5_000)] }, [vantage("a"), late]).unheard).toBe(unheard);
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
    const before = ok(9_000);
    const looks = {
      a: [ok(8_000), silent(4_000)],
      i: [before, ok(3_999)],
      j: [before, ok(4_000)],
      k: [before],
    };
    const { insiders, insideUnheard } = seen(looks, all);
    expect([insiders.map((one) => one.vantage.id), insideUnheard]).toEqual([["i", "j", "k"], 2]);
  });

  it("is nobody inside to whom it never worked", () => {
    const all = [vantage("a"), ...["i", "j"].map((id) => vantage(id, { site: "fra" }))];
    const looks = { a: [ok(8_000), silent(4_000)], i: [silent(9_000)] };
    expect(seen(looks, all)).toMatchObject({ insiders: [], insideUnheard: 0 });
  });

  const awaited = (openMs: number): ObservationRecord =>
    observed(NOW - 1_000, "response_timeout", { openUntil: NOW + openMs });
  it.each<[string, Looks, number]>([
    ["for the first answer that may come yet", { a: [awaited(900)], b: [awaited(300)] }, NOW + 300],
    ["for none whose time is over", { a: [awaited(900)], b: [awaited(0)] }, NOW + 900],
    ["for nothing", { a: [ok(1)] }, NEVER],
    ["for one that it has looked past", { a: [awaited(900), silent(100)] }, NOW + 900],
  ])("waits %s", (_name, looks, openUntil) => {
    expect(seen(looks).openUntil).toBe(openUntil);
  });

  it("asks of another instant, where that is wanted, which waits are open", () => {
    const state = targetState({ edges: edgesOf({ a: [ok(9_000), awaited(500)] }) });
    const kindsAt = (openAt: number) =>
      seenOf(shardOf({ targets: [state] }), KEY, state, NOW, TUNING, openAt).counted.map(({ kind }) => kind);
    expect([kindsAt(NOW + 499), kindsAt(NOW + 500)]).toEqual([["ok"], ["hung"]]);
  });

  it.each<[string, Partial<VantageRecord>, number]>([
    ["so long as its report was on its way", { lastReportAt: NOW - 100, madeAt: NOW - 900 }, 800],
    ["not at all where its clock runs ahead", { lastReportAt: NOW - 100, madeAt: NOW }, 0],
    ["not at all where it never said when", { lastReportAt: NOW - 100, madeAt: 0 }, 0],
  ])("lags by who fails, %s", (_name, part, lagMs) => {
    const slow = vantage("b", { lastReportAt: NOW, madeAt: NOW - 5_000 });
    const looks = { a: [ok(9_000), silent(1_000)], b: [ok(2_000)] };
    expect(seen({ ...looks, b: [ok(9_500)] }, [vantage("a", part), slow]).lagMs).toBe(lagMs);
  });

  it("counts none that may be answered yet as failing", () => {
    expect(ids(seen({ a: [ok(9_000), awaited(900)], b: [ok(9_000), awaited(0)] }).failing)).toEqual(["b"]);
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
