import { describe, expect, it } from "vitest";
import type { EvidenceEvent } from "../../../src/domain/evidence.ts";
import { caughtUp, heldUntil } from "../../../src/verdict/facts/soundness.ts";
import { withAbsence } from "../../../src/verdict/intake/intake.ts";
import { NEVER, type ShardState, type VantageRecord } from "../../../src/verdict/memory/state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { NOW, report, shardOf, targetState, vantage } from "../made.ts";

/** It reported when we last judged, a minute ago, and so long after it had made the report. */
const prompt = (id: string, part: Partial<VantageRecord> = {}, lagMs = 100): VantageRecord => ({
  ...vantage(id),
  lastReportAt: NOW - 60_000,
  madeAt: NOW - 60_000 - lagMs,
  ...part,
});
const every = (intervalMs: number, paused = false) => targetState({ target: { intervalMs, paused } });
/** Judged a minute ago, to wake by now, and looked at so seldom that nobody owes a report. */
const BEFORE = shardOf({
  vantages: [prompt("a"), prompt("b"), prompt("c", { state: "suspect" })],
  targets: [every(60_000)],
  judgedAt: NOW - 60_000,
  wakeAt: NOW,
});
const QUIET = { from: NOW - 60_000, to: NOW, sound: ["a", "b"] };

const reported = (madeMs: number, by = "a"): EvidenceEvent => ({
  kind: "report",
  report: report(by, [], { madeAt: NOW - madeMs }),
});
/** The state after events that brought these vantages so far, made so long ago each. */
const after = (
  events: EvidenceEvent[],
  made: Record<string, number> = {},
  before: ShardState = BEFORE,
): ShardState => {
  const vantages = [...before.vantages.values()].map((record): VantageRecord => {
    const ms = made[record.vantage.id];
    return ms === undefined ? record : { ...record, madeAt: NOW - ms };
  });
  const taken = { ...before, vantages: shardOf({ vantages }).vantages };
  return withAbsence(before, taken, events, NOW, TUNING);
};
const isAway = (events: EvidenceEvent[], part: Partial<ShardState> = {}): boolean =>
  after(events, {}, { ...BEFORE, ...part }).returned !== null;
const by = (...vantages: VantageRecord[]) => ({ vantages: shardOf({ vantages }).vantages });
const of = (...targets: ShardState["targets"] extends ReadonlyMap<string, infer T> ? T[] : never) => ({
  targets: new Map(targets.map((state, index) => [`fra/t-${index}`, state])),
});

describe("our own absence", () => {
  it.each<[string, EvidenceEvent[], Partial<ShardState>, boolean]>([
    ["told by a report that has waited for more than two seconds", [reported(2_001)], {}, true],
    ["not by one that has for two", [reported(2_000)], {}, false],
    ["told by one of several", [reported(10, "b"), reported(2_001)], {}, true],
    ["not by one that was made by when we last judged: it was slow", [reported(60_000)], {}, false],
    ["told by one made just after", [reported(59_999)], {}, true],
    ["not by one of who was slow before", [reported(9_000)], by(prompt("a", {}, 2_000), prompt("b")), false],
    [
      "told by one of who was hardly prompt",
      [reported(9_000)],
      by(prompt("a", {}, 1_999), prompt("b")),
      true,
    ],
    ["not by one of whom nobody knows", [reported(9_000, "z")], {}, false],
    ["not by anybody else's word", [{ kind: "removed", site: "fra", target: "db-2" }], {}, false],
    ["not where we judged two seconds ago", [reported(1_999)], { judgedAt: NOW - 2_000 }, false],
    ["not at our first judgement", [reported(2_001)], { judgedAt: 0 }, false],
  ])("is %s", (_name, events, part, away) => {
    expect(isAway(events, part)).toBe(away);
  });

  it.each<[string, EvidenceEvent[], number, boolean]>([
    ["more than two seconds late", [], NOW - 2_001, true],
    ["not less late", [], NOW - 2_000, false],
    ["not where there was nothing to wake for", [], NEVER, false],
    ["not where a report that has not waited woke us", [reported(10)], NOW - 50_000, false],
  ])("is told by waking: %s", (_name, events, wakeAt, away) => {
    expect(isAway(events, { wakeAt })).toBe(away);
  });

  // An interval and two seconds before now, and all reported a minute ago.
  it.each<[string, Partial<ShardState>, boolean]>([
    ["all owe one", of(every(57_999)), true],
    ["none does", of(every(58_000)), false],
    ["all owe one by the shortest interval", of(every(60_000), every(5_000)), true],
    ["nobody looks that often any more", of(every(60_000), every(5_000, true)), false],
    [
      "one has reported",
      { ...of(every(5_000)), ...by(prompt("a"), prompt("b", { lastReportAt: NOW - 7_000 })) },
      false,
    ],
    ["the only one owes it, who may be gone", { ...of(every(5_000)), ...by(prompt("a")) }, false],
  ])("is told by any word where reports are owed: %s", (_name, part, away) => {
    expect(isAway([reported(10)], part)).toBe(away);
  });

  it.each([
    ["that waited then", 4_001, true],
    ["not by one that did for less", 4_000, false],
  ])("is told later, by a report %s", (_name, madeMs, away) => {
    const quiet = { from: NOW - 60_000, to: NOW - 2_000, sound: ["a", "b"] };
    const { returned } = after([reported(madeMs)], {}, { ...BEFORE, judgedAt: NOW - 10, quiet });
    expect(returned).toEqual(away ? { since: NOW - 2_000, awaited: ["a", "b"] } : null);
  });

  it("may turn out to have been one as long as nobody's report has told", () => {
    expect(after([reported(10)]).quiet).toEqual(QUIET);
    expect(after([reported(9_000)]).quiet).toBeNull();
    const short = { ...BEFORE, judgedAt: NOW - 2_000, quiet: QUIET };
    expect(after([reported(10)], {}, short).quiet).toBe(QUIET);
  });
});

describe("who is waited for after it", () => {
  it("is nobody where nobody who was sound is left to catch up", () => {
    expect(after([reported(9_000)], { a: 100, b: 100 }).returned).toEqual({ since: NOW, awaited: [] });
  });

  it.each([
    ["until half a second has passed", 499, false],
    ["no longer", 500, true],
  ])("is known to be nobody %s", (_name, agoMs, isOver) => {
    const before = { ...BEFORE, judgedAt: NOW - 10, returned: { since: NOW - agoMs, awaited: ["a"] } };
    expect(after([], { a: 0 }, before).returned === null).toBe(isOver);
  });

  it("is who was sound, and nobody else", () => {
    expect(after([reported(9_000)], { a: 9_000 }).returned).toEqual({ since: NOW, awaited: ["a", "b"] });
  });

  it.each<[string, Record<string, number>, string[] | null]>([
    ["its newest report was made a second before we were back", { a: 3_000, b: 9_000 }, ["b"]],
    ["then, and no earlier", { a: 3_001, b: 3_001 }, ["a", "b"]],
    ["all have", { a: 0, b: 3_000 }, null],
  ])("is each until %s", (_name, made, awaited) => {
    // Back for two seconds.
    const before = { ...BEFORE, judgedAt: NOW - 10, returned: { since: NOW - 2_000, awaited: ["a", "b"] } };
    expect(after([], made, before).returned?.awaited ?? null).toEqual(awaited);
  });

  it("is none that is gone from the roster", () => {
    const before = { ...BEFORE, judgedAt: NOW - 10, returned: { since: NOW - 2_000, awaited: ["a", "x"] } };
    expect(after([], {}, before).returned?.awaited).toEqual(["a"]);
  });

  it("is told anew where we were away again", () => {
    const before = { ...BEFORE, returned: { since: NOW - 50_000, awaited: ["b"] } };
    expect(after([reported(9_000)], {}, before).returned).toEqual({ since: NOW, awaited: ["a", "b"] });
  });
});

describe("a target that is held back after it", () => {
  const held = (since: number, awaited: string[]): number | null =>
    heldUntil({ ...BEFORE, returned: { since, awaited } }, every(5_000).target, NOW, TUNING);

  it.each<[string, number, string[], number | null]>([
    ["while one that looks at it is waited for", NOW - 4_999, ["a"], NOW + 1],
    ["for no longer than its interval", NOW - 5_000, ["a"], null],
    ["not for one that does not look at it", NOW - 500, ["z"], null],
    ["for half a second in any case: the rest may be on its way", NOW - 499, [], NOW + 1],
  ])("is so %s", (_name, since, awaited, at) => {
    expect(held(since, awaited)).toBe(at);
  });

  it("is left out of those that are judged, and nothing else is", () => {
    const shard = {
      ...BEFORE,
      ...of(every(5_000), every(60_000)),
      returned: { since: NOW - 5_000, awaited: ["a"] },
    };
    expect(caughtUp(shard, ["fra/t-0", "fra/t-1", "fra/gone"], NOW, TUNING)).toEqual(new Set(["fra/t-0"]));
  });

  it("is none where we were not away", () => {
    expect(heldUntil(BEFORE, every(5_000).target, NOW, TUNING)).toBeNull();
  });
});

describe("when we judged", () => {
  it("is kept, whatever was told", () => {
    for (const events of [[], [reported(9_000)], [reported(10)]]) expect(after(events).judgedAt).toBe(NOW);
  });

  it("is forgotten with the last target: there is nothing to be away from", () => {
    const before = { ...BEFORE, targets: new Map(), quiet: QUIET, returned: { since: NOW, awaited: ["a"] } };
    expect(after([reported(9_000)], {}, before)).toMatchObject({
      judgedAt: 0,
      wakeAt: 0,
      quiet: null,
      returned: null,
    });
  });
});
