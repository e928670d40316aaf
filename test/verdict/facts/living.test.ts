import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RecentHealth, livingOf } from "../../../src/verdict/facts/living.ts";
import type { PathLoss } from "../../../src/verdict/facts/loss.ts";
import type { Vote } from "../../../src/verdict/facts/votes.ts";
import type { ObservationRecord, VantageRecord } from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  control,
  edge,
  factsOfVotes,
  NOW,
  type Observed,
  proofAt,
  observed,
  targetState,
  vantage,
  vote,
  NO_LOSS,
} from "../made.ts";

const ago = (
  ms: number,
  outcome: ObservationRecord["outcome"] = "ok",
  part: Partial<ObservationRecord> = {},
): ObservationRecord => observed(NOW - ms, outcome, part);

/** `count` silences, the first `firstMs` ago and the last `lastMs` ago. */
const silences = (
  count: number,
  firstMs = 6_000,
  lastMs = 3_000,
  last: ObservationRecord["outcome"] = "connect_timeout",
): ObservationRecord[] =>
  Array.from({ length: count }, (_, index) => {
    const agoMs = Math.round(firstMs - ((firstMs - lastMs) * index) / (count - 1));
    return ago(agoMs, index === count - 1 ? last : "connect_timeout");
  });
const silentVote = (recent: ObservationRecord[], record: VantageRecord = vantage("a")): Vote => ({
  record,
  kind: "silent",
  observation: recent.at(-1) ?? ago(0),
  edge: edge(recent),
});
const reached = vote("b", "ok", NOW - 1_000);
const cutIn = (one: Vote, part: Partial<Observed> = {}, loss: PathLoss = NO_LOSS): boolean => {
  const facts = factsOfVotes([one, reached], part);
  return livingOf(facts, facts.state.recoveredAt ?? 0, loss, TUNING).cut.length > 0;
};

describe("a cut path", () => {
  it.each<[string, ObservationRecord[], boolean]>([
    ["is three silences over three seconds", silences(3), true],
    ["is none of two, however long", silences(2, 60_000, 3_000), false],
    ["is none of three within less", silences(3, 5_999, 3_000), false],
    ["is none of three of which the last may answer yet", silences(3, 7_000, 2_999, "pending"), false],
    ["is one where its time is over, and a report's", silences(3, 7_000, 3_000, "pending"), true],
    ["is one of four where only the last may answer", silences(4, 9_000, 1_000, "pending"), true],
    ["is none of those an answer parts", [...silences(2, 9_000, 7_000), ago(6_500), ...silences(2)], false],
  ])("%s", (_name, recent, isCutOff) => {
    expect(cutIn(silentVote(recent))).toBe(isCutOff);
  });

  it.each<[string, number, boolean]>([
    ["is one where another was answered since the first of them", 5_999, true],
    ["is none where that was at its instant", 6_000, false],
    ["is none where that was before", 6_001, false],
  ])("%s", (_name, agoMs, isCutOff) => {
    const one = silentVote(silences(3));
    expect(cutIn(one, { dissent: [vote("b", "ok", NOW - agoMs)] })).toBe(isCutOff);
  });

  it.each<[string, number[], boolean]>([
    ["is one of who has no controls", [], true],
    ["is one of whose controls were looked at since", [6_000], true],
    ["is none of whose were not", [6_001], false],
    ["is one where one of them was", [60_000, 100], true],
  ])("%s", (_name, agoMs, isCutOff) => {
    const failed = { answered: false, answeredAt: NOW - 90_000 };
    const controls = new Map(agoMs.map((ms) => [`tcp://c:${ms}`, control(NOW - ms, failed)]));
    expect(cutIn(silentVote(silences(3), vantage("a", { controls })))).toBe(isCutOff);
  });

  it.each<[string, number, boolean]>([
    ["has never answered", 0, true],
    ["had been silent for a minute when its vantage was last answered", NOW - 90_001, true],
    ["had been silent for a little less", NOW - 90_000, false],
  ])("is one of whose control, not looked at since, %s", (_name, answeredAt, isCutOff) => {
    const controls = new Map([["tcp://c:0", control(NOW - 6_001, { answered: false, answeredAt })]]);
    const record = vantage("a", { controls, proof: proofAt(NOW - 30_000) });
    expect(cutIn(silentVote(silences(3), record))).toBe(isCutOff);
  });

  // The first of the silences began six seconds ago, and an answer may have been under way for a second.
  it.each<[string, number, number, boolean]>([
    ["is none to who hears the siblings meanwhile, where a fifth is lost", 4_999, 0.2, false],
    ["is one where less is", 4_999, 0.199, true],
    ["is one where that may have been under way before", 5_000, 0.2, true],
  ])("%s", (_name, openMs, bySite, isCutOff) => {
    const loss = { ...NO_LOSS, ofSite: () => bySite, openAt: () => NOW - openMs };
    expect(cutIn(silentVote(silences(7)), {}, loss)).toBe(isCutOff);
  });

  it.each<[string, number, Partial<PathLoss>, boolean]>([
    ["is one where all are answered as soon as usual, though nobody waited to the end", 1_799, {}, true],
    [
      "is none to who is answered much later: it may only be slow",
      1_799,
      { isSlowVantage: () => true },
      false,
    ],
    ["is none at a site that answers much later", 1_799, { isSlowSite: () => true }, false],
    ["is one even then where one was waited on to the end", 1_800, { isSlowSite: () => true }, true],
  ])("%s", (_name, totalMs, slow, isCutOff) => {
    const recent = silences(3).map((one) => ({ ...one, totalMs }));
    expect(cutIn(silentVote(recent), {}, { ...NO_LOSS, ...slow })).toBe(isCutOff);
  });

  it("begins after the last recovery", () => {
    const one = silentVote(silences(3));
    const since = (agoMs: number) => ({ state: targetState({ recoveredAt: NOW - agoMs }) });
    expect([cutIn(one, since(6_000)), cutIn(one, since(5_999))]).toEqual([true, false]);
  });

  it("is none of who was refused", () => {
    expect(cutIn({ ...silentVote(silences(3)), kind: "refused" })).toBe(false);
  });
});

describe("the silences that a cut takes", () => {
  it.each<[string, number, number, number, number]>([
    // 0.215 ** 3 is less than one in a hundred, 0.216 ** 3 more.
    ["are three where a fifth is lost by its vantage", 0.215, 0, 0, 3],
    ["are four where a little more is", 0.216, 0, 0, 4],
    ["are as many where its operator expects that", 0, 0.216, 0, 4],
    ["are seven where half is", 0.5, 0, 0, 7],
    // 0.0271 ** 3 is less than one in fifty thousand, 0.0272 ** 3 more.
    ["are three where less than a thirtieth is lost by the site", 0, 0, 0.0271, 3],
    ["are four where a little more is", 0, 0, 0.0272, 4],
    // 0.1647 ** 6 is less, 0.1648 ** 6 more.
    ["are six where a sixth is", 0, 0, 0.1647, 6],
    ["are seven where a little more is", 0, 0, 0.1648, 7],
    ["are seven where most is, and no more", 0, 0, 0.9, 7],
    // 0.56 ** 7 is more than one in a hundred, 0.56 ** 8 less.
    ["are what both take", 0.56, 0, 0.9, 8],
  ])("%s", (_name, ofVantage, expectedLoss, ofSite, needed) => {
    const loss = { ...NO_LOSS, ofVantage: () => ofVantage, ofSite: () => ofSite };
    const state = targetState({ target: { policy: { expectedLoss } } });
    const isCutBy = (count: number): boolean => cutIn(silentVote(silences(count)), { state }, loss);
    expect([isCutBy(needed - 1), isCutBy(needed)]).toEqual([false, true]);
  });
});

describe("a path that is cut", () => {
  it("is cut by one more silence, and where less is lost", () => {
    const share = fc.double({ min: 0, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), share, share, (count, more, less) => {
        const by = (silent: number, loss: number): boolean =>
          cutIn(silentVote(silences(silent)), {}, { ...NO_LOSS, ofVantage: () => loss, ofSite: () => loss });
        if (!by(count, Math.max(more, less))) return;
        expect([by(count + 1, Math.max(more, less)), by(count, Math.min(more, less))]).toEqual([true, true]);
      }),
    );
  });
});

describe("whoever is cut off", () => {
  it("is named in order, and its silences are no loss", () => {
    const off = ["f", "c"].map((id) => silentVote(silences(3), vantage(id)));
    const facts = factsOfVotes([...off, reached], { onset: NOW - 1_000 });
    expect(livingOf(facts, 0, NO_LOSS, TUNING)).toEqual({
      cut: ["c", "f"],
      health: { looked: 1, wrong: 0, amiss: 0, amissAt: 0, silent: 0, silentFrom: 0 },
    });
  });
});

describe("how a living target fares", () => {
  /** The health from these looks. Each list is of another vantage, with its newest `ok` a second ago. */
  const health = (...looks: ObservationRecord[][]): RecentHealth => {
    const all = looks.map((recent, index) => ({
      ...silentVote(recent, vantage(`v-${index}`)),
      kind: "ok" as const,
    }));
    return livingOf(factsOfVotes(all, { onset: NOW - 1_000 }), 0, NO_LOSS, TUNING).health;
  };
  const silent = (ms: number): ObservationRecord => ago(ms, "connect_timeout");

  it.each<[string, ObservationRecord[][], Partial<RecentHealth>]>([
    [
      "wrong answers are amiss",
      [[ago(9_000, "app_error"), ago(1_000)]],
      { looked: 2, wrong: 1, amiss: 1, amissAt: NOW - 9_000 },
    ],
    [
      "refusals are wrong, and not amiss",
      [[ago(9_000, "refused"), ago(1_000)]],
      { looked: 2, wrong: 1, amiss: 0 },
    ],
    [
      "two silences between answers are loss",
      [[silent(9_000), silent(8_000), ago(1_000)]],
      { silent: 2, silentFrom: 1 },
    ],
    [
      "three are a path's that was cut",
      [[silent(9_000), silent(8_000), silent(7_000), ago(1_000)]],
      { looked: 4, silent: 0, silentFrom: 0 },
    ],
    ["silences without an end are not lost yet", [[silent(9_000)], [ago(1_000)]], { looked: 2, silent: 0 }],
    [
      "what came after the newest ok may be an end",
      [[ago(1_000), ago(999, "app_error")]],
      { looked: 1, wrong: 0 },
    ],
    ["fifteen seconds count", [[ago(15_000, "app_error"), ago(1_000)]], { looked: 2, wrong: 1 }],
    ["nothing before them does", [[ago(15_001, "app_error"), ago(1_000)]], { looked: 1, wrong: 0 }],
    [
      "one who cannot look its name up does not count",
      [[ago(9_000, "dns_failure"), ago(1_000)]],
      { looked: 1, wrong: 0 },
    ],
    [
      "two who cannot do",
      [
        [ago(9_000, "dns_failure"), ago(1_000)],
        [ago(8_000, "dns_failure"), ago(1_000)],
      ],
      { looked: 4, wrong: 2, amiss: 2, amissAt: NOW - 8_000 },
    ],
  ])("%s", (_name, looks, expected) => {
    expect(health(...looks)).toMatchObject(expected);
  });

  it("is told since the last recovery", () => {
    const one = silentVote([ago(9_000, "app_error"), ago(8_000, "app_error"), ago(1_000)]);
    const facts = factsOfVotes([{ ...one, kind: "ok" }], { onset: NOW - 1_000 });
    expect(livingOf(facts, NOW - 8_000, NO_LOSS, TUNING).health).toMatchObject({ looked: 2, wrong: 1 });
  });
});
