import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  beaten,
  booted,
  hasEnded,
  isBeating,
  isOpenNotice,
  isLeftGone,
  isOver,
  isRestarting,
  isSaidGone,
  isSignOfLife,
  isStopped,
  lateAt,
  periodMs,
  takeHeartbeat,
  takeNotice,
} from "../../../src/verdict/memory/node.ts";
import type { HeartbeatRecord, NoticeRecord } from "../../../src/verdict/memory/node.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { notice, NOW, standingAs, targetState } from "../made.ts";

const arrivals = (gaps: number[], everyMs: number | null = null): HeartbeatRecord => {
  let at = 1_000_000;
  let record = beaten(null, { at, everyMs, isFirst: true }, TUNING);
  for (const gap of gaps) record = beaten(record, { at: (at += gap), everyMs, isFirst: false }, TUNING);
  return record;
};

describe("lateness", () => {
  it.each([
    ["what their sender says, before two have come", [], 3_000, 3_000],
    ["ten seconds, where nobody has said", [], null, 10_000],
    ["what the gaps are, once there are some", [2_000, 2_000, 2_000], null, 2_000],
    [
      "the short window, where they have become slow",
      [...Array(20).fill(1_000), 4_000, 4_000, 4_000, 3_900],
      null,
      3_975,
    ],
    ["the long window, where some came in a bunch", [...Array(20).fill(2_000), 10, 10, 10, 10], null, 1_668],
  ])("expects the next after %s", (_name, gaps, everyMs, expected) => {
    expect(Math.round(periodMs(arrivals(gaps as number[], everyMs), TUNING))).toBe(expected);
  });

  it("forgives one that is missed, and no more", () => {
    const record = arrivals(Array<number>(10).fill(2_000));
    expect(isBeating(record, record.at + 3_900, TUNING)).toBe(true);
    expect(isBeating(record, record.at + 4_100, TUNING)).toBe(false);
  });

  it.each([
    ["a second period after the first that was missed", 3_000, [], 6_000],
    ["no less than 1.5 s after a short one", 1_000, [], 2_500],
    ["two periods even of ten seconds, where nobody has said", null, [], 20_000],
    ["by what the gaps are, and not by what was said", 3_000, [1_600, 1_600], 3_200],
  ])("comes %s", (_name, everyMs, gaps, late) => {
    const record: HeartbeatRecord = { at: NOW, everyMs, gaps };
    expect(lateAt(record, TUNING)).toBe(NOW + late);
    expect([late, late + 1].map((ms) => isBeating(record, NOW + ms, TUNING))).toEqual([true, false]);
  });

  it.each([
    ["nothing of one that was under way when it was missed", 1_000, 0, false],
    ["that it lives, of one that can only have been sent since", 1_001, 0, true],
    ["that as long as the next is not late", 1_001, 6_000, true],
    ["nothing once it is", 1_001, 6_001, false],
  ])("tells %s", (_name, afterMs, laterMs, lives) => {
    const record: HeartbeatRecord = { at: NOW, everyMs: 3_000, gaps: [] };
    expect(isSignOfLife(record, NOW - afterMs, NOW + laterMs, TUNING)).toBe(lives);
  });

  it.each<[string, number, number | null, boolean, number[]]>([
    ["learns a gap", 9_000, 10_000, false, [9_000]],
    ["learns one of four periods", 40_000, 10_000, false, [40_000]],
    ["learns nothing of an outage, which is longer", 40_001, 10_000, false, []],
    ["learns nothing across two boots", 9_000, 10_000, true, []],
    ["learns nothing of a clock that was set back, and goes by it", -200_000, 10_000, false, []],
    ["learns nothing of two at one instant", 0, 10_000, false, []],
    ["begins anew where its sender changes the period", 9_000, 5_000, false, []],
  ])("%s", (_name, afterMs, everyMs, isFirst, gaps) => {
    const before = beaten(null, { at: NOW, everyMs: 10_000, isFirst: true }, TUNING);
    const after = beaten(before, { at: NOW + afterMs, everyMs, isFirst }, TUNING);
    expect(after).toEqual({ at: NOW + afterMs, everyMs, gaps });
  });

  it("remembers twenty-four gaps", () => {
    expect(arrivals(Array.from({ length: 30 }, (_, index) => 1_000 + index)).gaps).toEqual(
      Array.from({ length: 24 }, (_, index) => 1_006 + index),
    );
  });

  it("is never before the larger of both windows, and an outage does not stretch it", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 200, max: 5_000 }), { minLength: 1, maxLength: 60 }), (gaps) => {
        const record = arrivals(gaps);
        expect(lateAt(record, TUNING)).toBeGreaterThanOrEqual(record.at + periodMs(record, TUNING));
        const after = beaten(record, { at: record.at + 3_600_000, everyMs: null, isFirst: false }, TUNING);
        expect(periodMs(after, TUNING)).toBe(periodMs(record, TUNING));
      }),
    );
  });
});

describe("boots", () => {
  it("are over once another has followed, and only the newest are remembered", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 30 }),
        (ids) => {
          const state = ids.reduce((one, id) => booted(one, id, TUNING), targetState());
          expect(state.bootId).toBe(ids.at(-1));
          expect(isOver(state, ids.at(-1) ?? "")).toBe(false);
          for (const id of ids.slice(-17, -1)) expect(isOver(state, id)).toBe(true);
        },
      ),
    );
  });
});

describe("a boot that is over", () => {
  it.each([
    ["is remembered with fifteen others", 17, true],
    ["is forgotten once sixteen have followed that are over too", 18, false],
  ])("%s", (_name, count, remembered) => {
    const boots = Array.from({ length: count }, (_, at) => `boot-${at}`);
    const state = boots.reduce((one, id) => booted(one, id, TUNING), targetState());
    expect(isOver(state, "boot-0")).toBe(remembered);
  });

  it("is none that runs on", () => {
    const state = booted(targetState(), "boot-1", TUNING);
    expect(booted(state, "boot-1", TUNING)).toBe(state);
    expect(isOver(state, "boot-1")).toBe(false);
  });
});

describe("what a supervisor has said", () => {
  const of = (kind: NoticeRecord["kind"] | null, part: Partial<NoticeRecord> = {}) =>
    targetState({ notice: kind === null ? null : notice(kind, part) });

  it.each<[string, ReturnType<typeof of>, boolean]>([
    ["nothing", of(null), false],
    ["that it has started", of("start"), false],
    ["that it crashed", of("crash"), true],
    ["that it crashed and is started again", of("crash", { restarting: true }), false],
    ["that it was stopped", of("stop"), true],
    ["what was contradicted", of("crash", { contradictedAt: NOW }), false],
  ])("says of %s whether nobody will start it again", (_name, state, left) => {
    expect(isLeftGone(state)).toBe(left);
  });

  it.each<[string, ReturnType<typeof of>, boolean, boolean, boolean]>([
    ["nothing", of(null), false, false, false],
    ["that it has started", of("start"), false, false, false],
    ["that it crashed", of("crash"), true, false, false],
    ["that it crashed and is started again", of("crash", { restarting: true }), true, false, true],
    ["that it was stopped", of("stop"), true, true, false],
    ["that it was stopped to be started again", of("stop", { restarting: true }), true, true, false],
    ["what was contradicted", of("crash", { restarting: true, contradictedAt: NOW }), false, false, false],
    ["that it was stopped, which was contradicted", of("stop", { contradictedAt: NOW }), false, false, false],
  ])(
    "says of %s whether it is gone, stopped, and to come back",
    (_name, state, gone, stopped, restarting) => {
      expect([isSaidGone(state), isStopped(state), isRestarting(state)]).toEqual([gone, stopped, restarting]);
    },
  );

  it.each<[string, ReturnType<typeof of>, string, boolean]>([
    ["of a crash ends its boot", of("crash"), "boot-1", true],
    ["of a stop ends it too", of("stop"), "boot-1", true],
    ["of a start ends nothing", of("start"), "boot-1", false],
    ["of one boot ends no other", of("crash"), "boot-2", false],
    ["ends its boot though an answer contradicts it", of("crash", { contradictedAt: NOW }), "boot-1", true],
    ["is not there, and ends nothing", of(null), "boot-1", false],
  ])("%s", (_name, state, bootId, ended) => {
    expect(hasEnded(state, bootId)).toBe(ended);
  });
});

describe("a notice that is looked into", () => {
  const LOOKED = { count: 1, lastAt: NOW - 500, isGrave: false };
  const NOT_YET = { count: 0, lastAt: NOW - 1_001, isGrave: false };
  const crash = (heardMs: number): NoticeRecord => notice("crash", { heardAt: NOW - heardMs });

  it.each([
    ["is one heard now", standingAs("alive", { notice: crash(0), bursts: NOT_YET }), true],
    ["is one of ten seconds ago", standingAs("alive", { notice: crash(10_000), bursts: LOOKED }), true],
    ["is none that is older", standingAs("alive", { notice: crash(10_001), bursts: LOOKED }), false],
    [
      "is a start until it has been looked into",
      standingAs("alive", { notice: notice("start"), bursts: NOT_YET }),
      true,
    ],
    ["is no start after that", standingAs("alive", { notice: notice("start"), bursts: LOOKED }), false],
    [
      "is no crash that an answer contradicts",
      standingAs("alive", { notice: notice("crash", { contradictedAt: NOW }), bursts: LOOKED }),
      false,
    ],
    [
      "is none once the crash is confirmed",
      standingAs("process_crashed", { notice: crash(900), bursts: LOOKED }),
      false,
    ],
    [
      "is one while it is not",
      standingAs("process_crashed", { notice: crash(900), bursts: LOOKED, standing: { confirmed: false } }),
      true,
    ],
    ["is none where nothing was said", standingAs("alive"), false],
  ])("%s", (_name, state, isOpen) => {
    expect(isOpenNotice(state, NOW, TUNING)).toBe(isOpen);
  });
});

describe("a word taken in", () => {
  const [site, target] = ["fra", "db-1"];
  const running = targetState({ bootId: "new", pastBoots: ["old"] });

  it.each([
    ["heard, of the boot that runs", "new", { at: NOW, everyMs: 1_000, gaps: [] }],
    ["heard, of one that follows", "next", { at: NOW, everyMs: 1_000, gaps: [] }],
    ["nothing, of one that is over", "old", null],
  ])("is, where it is a heartbeat, %s", (_name, bootId, heartbeat) => {
    const beat = { site, target, bootId, everyMs: 1_000, at: NOW };
    expect(takeHeartbeat(running, beat, TUNING).heartbeat).toEqual(heartbeat);
  });

  it.each<[string, "crash" | "start", string, boolean]>([
    ["heard, of the boot that runs", "crash", "new", true],
    ["nothing, of one that is over", "crash", "old", false],
    ["nothing, where it says that one starts that has ended", "start", "new", false],
  ])("is, where it is a notice, %s", (_name, kind, bootId, isHeard) => {
    const ended = { ...running, notice: notice("stop", { bootId: "new" }) };
    const before = kind === "start" ? ended : running;
    const said = { site, target, kind, bootId, restarting: false, at: NOW - 50 };
    const { notice: heard } = takeNotice(before, said, NOW, TUNING);
    expect(heard).toEqual(isHeard ? { ...said, heardAt: NOW, contradictedAt: null } : before.notice);
  });
});
