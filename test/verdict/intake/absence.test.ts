import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EvidenceEvent } from "../../../src/domain/evidence.ts";
import { caughtUp, heldUntil } from "../../../src/verdict/facts/living.ts";
import { withAbsence } from "../../../src/verdict/intake/intake.ts";
import { NEVER, type ShardState, type VantageRecord } from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { edge, NOW, report, shardOf, observed, targetState, vantage } from "../made.ts";

/** A vantage that reported at our last judgement, a minute ago, `lagMs` after it had made the report. */
const prompt = (id: string, part: Partial<VantageRecord> = {}, lagMs = 100): VantageRecord => ({
  ...vantage(id),
  lastReportAt: NOW - 60_000,
  madeAt: NOW - 60_000 - lagMs,
  ...part,
});
const every = (intervalMs: number, paused = false, lookedMs: Record<string, number> = {}) =>
  targetState({
    target: { intervalMs, paused },
    edges: new Map(Object.entries(lookedMs).map(([id, ms]) => [id, edge([observed(NOW - ms)])])),
  });
/** A target with this interval, which each vantage has looked at this long ago. */
const looked = (intervalMs: number, lookedMs: Record<string, number>) => every(intervalMs, false, lookedMs);
/** We judged a minute ago and were to wake now. Looks are so rare that no vantage owes a report. */
const BEFORE = shardOf({
  vantages: [prompt("a"), prompt("b"), prompt("c", { state: "suspect" })],
  targets: [every(60_000)],
  judgedAt: NOW - 60_000,
  wakeAt: NOW,
});
const QUIET = { from: NOW - 60_000, to: NOW, sound: ["a", "b"] };
/** The judge waits for this vantage until it has reported its turn of `ms` ago. */
const owed = (vantage: string, ms: number) => ({ vantage, dueAt: NOW - ms });

const reported = (madeMs: number, by = "a"): EvidenceEvent => ({
  kind: "report",
  report: report(by, [], { madeAt: NOW - madeMs }),
});
/** The state after events, where these vantages' newest reports were made this long ago. */
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
    ["whatever woke us", [reported(10)], NOW - 2_001, true],
    ["not less late by anything else", [reported(10)], NOW - 2_000, false],
  ])("is told by waking: %s", (_name, events, wakeAt, away) => {
    expect(isAway(events, { wakeAt })).toBe(away);
  });

  // All vantages reported a minute ago, at our last judgement, and look every 20 s.
  const near = (id: string, ms: number, part = {}) => prompt(id, { lastReportAt: NOW - ms, ...part });
  const far = (record: VantageRecord, region: string) => ({
    ...record,
    vantage: { ...record.vantage, region },
  });
  it.each<[string, Partial<ShardState>, boolean]>([
    ["two have missed one by two seconds", of(looked(20_000, { a: 60_000, b: 22_000 })), true],
    ["one has, and the other by less", of(looked(20_000, { a: 60_000, b: 21_999 })), false],
    ["one alone has, who may be gone", of(looked(20_000, { a: 60_000 })), false],
    [
      "each has missed one of another target",
      of(looked(20_000, { a: 22_000 }), looked(30_000, { b: 32_000 })),
      true,
    ],
    ["nobody looks at it any more", of(every(20_000, true, { a: 60_000, b: 60_000 })), false],
    [
      "one was late already when we last judged",
      { ...of(looked(20_000, { a: 60_000, b: 60_000 })), ...by(prompt("a"), near("b", 82_000)) },
      false,
    ],
    [
      "one was hardly late then",
      { ...of(looked(20_000, { a: 60_000, b: 60_000 })), ...by(prompt("a"), near("b", 81_999)) },
      true,
    ],
    ["one had missed it then", of(looked(20_000, { a: 60_000, b: 82_000 })), false],
    [
      "one always tells late",
      { ...of(looked(20_000, { a: 60_000, b: 60_000 })), ...by(prompt("a"), prompt("b", {}, 2_000)) },
      false,
    ],
    [
      "one is not sound",
      {
        ...of(looked(20_000, { a: 60_000, b: 60_000 })),
        ...by(prompt("a"), prompt("b", { state: "suspect" })),
      },
      false,
    ],
    [
      "both stand in one region of two",
      {
        ...of(looked(20_000, { a: 60_000, b: 60_000 })),
        ...by(far(prompt("a"), "x"), far(prompt("b"), "x"), far(prompt("c"), "y")),
      },
      false,
    ],
    [
      "all stand in one",
      {
        ...of(looked(20_000, { a: 60_000, b: 60_000 })),
        ...by(far(prompt("a"), "x"), far(prompt("b"), "x"), far(prompt("c"), "x")),
      },
      true,
    ],
  ])("is told by any word where reports are missed: %s", (_name, part, away) => {
    expect(isAway([{ kind: "removed", site: "fra", target: "db-2" }], part)).toBe(away);
  });

  it("is not told by who tells of its turn now", () => {
    const before = { ...BEFORE, ...of(looked(20_000, { a: 60_000, b: 60_000 })) };
    expect(after([reported(10)], { a: 10 }, before).returned).toBeNull();
    expect(after([reported(10)], {}, before).returned).not.toBeNull();
  });

  it.each([
    ["that waited then", 2_401, true],
    ["not by one that did for less", 2_400, false],
  ])("is told later, by a report %s", (_name, madeMs, away) => {
    const quiet = { from: NOW - 60_000, to: NOW - 400, sound: ["a", "b"] };
    const { returned } = after([reported(madeMs)], {}, { ...BEFORE, judgedAt: NOW - 10, quiet });
    expect(returned).toEqual(away ? { since: NOW - 400, awaited: [] } : null);
  });

  it("may turn out to have been one as long as nobody's report has told", () => {
    expect(after([reported(10)]).quiet).toEqual(QUIET);
    expect(after([reported(9_000)]).quiet).toBeNull();
    const short = { ...BEFORE, judgedAt: NOW - 2_000, quiet: QUIET };
    expect(after([reported(10)], {}, short).quiet).toBe(QUIET);
  });
});

describe("who is waited for after it", () => {
  const awaitedAfter = (part: Partial<ShardState>, made: Record<string, number> = {}) =>
    after([reported(9_000)], made, { ...BEFORE, ...part }).returned;

  it("is nobody whose turn has not come", () => {
    expect(awaitedAfter({})).toEqual({ since: NOW, awaited: [] });
    expect(awaitedAfter(of(looked(60_000, { a: 60_999, b: 30_000 })))?.awaited).toEqual([]);
  });

  it.each([
    ["until half a second has passed", 499, false],
    ["no longer", 500, true],
  ])("is known to be nobody %s", (_name, agoMs, isOver) => {
    const returned = { since: NOW - agoMs, awaited: [owed("a", 2_000)] };
    const before = { ...BEFORE, judgedAt: NOW - 10, returned };
    expect(after([], { a: 2_000 }, before).returned === null).toBe(isOver);
  });

  it("is who was sound and had its turn, by the last that should have been told of", () => {
    const looks = of(looked(20_000, { a: 60_500, b: 29_000, c: 60_000 }), looked(30_000, { b: 45_000 }));
    expect(awaitedAfter(looks)?.awaited).toEqual([owed("a", 20_500), owed("b", 9_000)]);
  });

  it("is who had its turn a second before we came back, and no later", () => {
    const turns = [21_000, 20_999].map((ms) => awaitedAfter(of(looked(20_000, { a: ms })))?.awaited);
    expect(turns).toEqual([[owed("a", 1_000)], []]);
  });

  it("is nobody who was late before it began", () => {
    const looks = of(looked(20_000, { a: 60_000, b: 60_000 }));
    const late = by(prompt("a"), prompt("b", { lastReportAt: NOW - 82_000 }));
    expect(awaitedAfter({ ...looks, ...late })?.awaited).toEqual([owed("a", 20_000)]);
  });

  it.each<[string, Record<string, number>, string[] | null]>([
    ["it has told of its turn", { a: 3_000, b: 9_000 }, ["b"]],
    ["then, and no earlier", { a: 3_001, b: 3_001 }, ["a", "b"]],
    ["all have", { a: 0, b: 3_000 }, null],
  ])("is each until %s", (_name, made, awaited) => {
    // The judge has been back for two seconds.
    const returned = { since: NOW - 2_000, awaited: [owed("a", 3_000), owed("b", 3_000)] };
    const { returned: left } = after([], made, { ...BEFORE, judgedAt: NOW - 10, returned });
    expect(left?.awaited.map(({ vantage: id }) => id) ?? null).toEqual(awaited);
  });

  it("is none that is gone from the roster", () => {
    const returned = { since: NOW - 2_000, awaited: [owed("a", 0), owed("x", 0)] };
    const before = { ...BEFORE, judgedAt: NOW - 10, returned };
    expect(after([], {}, before).returned?.awaited).toEqual([owed("a", 0)]);
  });

  it("is told anew where we were away again", () => {
    const before = { ...BEFORE, returned: { since: NOW - 50_000, awaited: [owed("b", 51_000)] } };
    expect(after([reported(9_000)], {}, before).returned).toEqual({ since: NOW, awaited: [] });
  });

  it("is the same in whatever order reports that waited arrive, together or one by one", () => {
    const looks = fc.record({
      madeMs: fc.integer({ min: 2_001, max: 59_000 }),
      by: fc.constantFrom("a", "b"),
    });
    const beginsMs = fc.integer({ min: 58_000, max: 79_000 });
    fc.assert(
      fc.property(fc.array(looks, { minLength: 1, maxLength: 6 }), beginsMs, beginsMs, (waited, a, b) => {
        const before = { ...BEFORE, ...of(looked(20_000, { a, b })) };
        const taken = (state: ShardState, told: typeof waited): ShardState => {
          const vantages = [...state.vantages.values()].map((record): VantageRecord => {
            const own = told.filter((one) => one.by === record.vantage.id);
            return { ...record, madeAt: Math.max(record.madeAt, ...own.map(({ madeMs }) => NOW - madeMs)) };
          });
          const events = told.map((one) => reported(one.madeMs, one.by));
          const now = { ...state, vantages: shardOf({ vantages }).vantages };
          return withAbsence(state, now, events, NOW, TUNING);
        };
        const sorted = (state: ShardState) => state.returned?.awaited.map(({ vantage: id }) => id).toSorted();
        const whole = sorted(taken(before, waited));
        for (const order of [waited, waited.toReversed()]) {
          const end = order.reduce<ShardState>((state, one) => taken(state, [one]), before);
          expect(sorted(end)).toEqual(whole);
        }
      }),
    );
  });
});

describe("a target that is held back after it", () => {
  const held = (since: number, awaited: string[]): number | null =>
    heldUntil(
      { ...BEFORE, returned: { since, awaited: awaited.map((id) => owed(id, 0)) } },
      every(5_000).target,
      NOW,
      TUNING,
    );

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
      returned: { since: NOW - 5_000, awaited: [owed("a", 6_000)] },
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
    const before = {
      ...BEFORE,
      targets: new Map(),
      quiet: QUIET,
      returned: { since: NOW, awaited: [owed("a", 2_000)] },
    };
    expect(after([reported(9_000)], {}, before)).toMatchObject({
      judgedAt: 0,
      wakeAt: 0,
      quiet: null,
      returned: null,
    });
  });
});
