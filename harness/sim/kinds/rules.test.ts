import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../src/domain/verdict.ts";
import type { Word } from "../adversary/history.ts";
import type { Reality, TruthState } from "../reality.ts";
import type { Lived, Rule } from "./kind.ts";
import {
  ALWAYS,
  ALWAYS_BY_CHANCE,
  avoidsWithin,
  confirmsOnlyWhatIs,
  failsOverNoneThatLives,
  leavesOthersAlone,
  namesWithin,
  neverFailsOver,
  neverSays,
  recoversWithin,
} from "./rules.ts";

const KEY = "fra/n-1";
const OTHER = "fra/n-2";
const FROM = 100_000;
const TO = 160_000;
const END = 220_000;

interface Said extends Partial<Omit<Word, "at">> {
  /** Seconds after the fault. */
  s: number;
}

const word = ({ s, ...said }: Said): Word => ({
  at: FROM + 1_000 * s,
  verdict: "alive",
  confirmed: false,
  rule: "",
  routing: "serve",
  failover: false,
  ...said,
});

/** A run in which one target is in `state` for a minute and these words are published of it, and of another. */
const lived = (
  state: TruthState,
  said: readonly Said[],
  expected: readonly Verdict[] = ["unreachable"],
  ofOther: readonly Said[] = [],
): Lived => {
  const reality = {
    beginsAt: 0,
    faultAt: FROM,
    endsAt: END,
    cases: [{ key: KEY, from: FROM, to: TO, expected }],
    truth: (key: string, at: number) => ({
      state: key === KEY && at >= FROM && at < TO ? state : "up",
      since: 0,
      reachableFrom: [],
    }),
  } as unknown as Reality;
  const alive = { s: -90 };
  return {
    reality,
    words: new Map([
      [KEY, [alive, ...said].map(word)],
      [OTHER, [alive, ...ofOther].map(word)],
    ]),
  };
};

const wrongs = (rule: Rule, run: Lived): number[] =>
  rule(run).map(({ at }) => Math.round((at - FROM) / 1_000));

describe("a confirmation", () => {
  it.each<[string, TruthState, number[]]>([
    ["node_dead", "dead", []],
    ["node_dead", "isolated", [5]],
    ["process_crashed", "crashed", []],
    ["process_crashed", "gray", [5]],
    ["process_hung", "gray", [5]],
    ["unreachable", "up", []],
  ])("of %s where the truth is %s", (verdict, state, wrong) => {
    expect(wrongs(confirmsOnlyWhatIs, lived(state, [{ s: 5, verdict, confirmed: true }]))).toEqual(wrong);
    expect(wrongs(confirmsOnlyWhatIs, lived(state, [{ s: 5, verdict }]))).toEqual([]);
  });

  it("may come a little after what it confirms has ended, and not long after", () => {
    const said = (s: number) => lived("dead", [{ s, verdict: "node_dead", confirmed: true }]);
    expect(wrongs(confirmsOnlyWhatIs, said(70))).toEqual([]);
    expect(wrongs(confirmsOnlyWhatIs, said(80))).toEqual([80]);
  });
});

describe("failover", () => {
  it("is wrong of what lives, whatever it is called", () => {
    const said = [{ s: 5, verdict: "process_crashed", failover: true }];
    expect(wrongs(failsOverNoneThatLives, lived("isolated", said))).toEqual([5]);
    expect(wrongs(failsOverNoneThatLives, lived("crashed", said))).toEqual([]);
    expect(wrongs(neverFailsOver, lived("crashed", said))).toEqual([5]);
  });
});

describe("what nothing is wrong with", () => {
  it.each([
    [{ verdict: "unknown" }, [5]],
    [{ routing: "avoid" as const }, [5]],
    [{ verdict: "node_dead" }, [5]],
    [{ verdict: "gray" }, []],
  ])("is left alone: %j", (said, wrong) => {
    expect(wrongs(leavesOthersAlone, lived("dead", [], ["node_dead"], [{ s: 5, ...said }]))).toEqual(wrong);
  });
});

describe("a case", () => {
  const held = [
    { s: 3, verdict: "unreachable", routing: "avoid" as const },
    { s: 63, verdict: "alive" },
  ];

  it("is avoided and named in time and until its end", () => {
    expect(wrongs(avoidsWithin(5_000), lived("dead", held))).toEqual([]);
    expect(wrongs(avoidsWithin(2_000), lived("dead", held))).toEqual([2]);
    expect(wrongs(namesWithin(5_000), lived("dead", held))).toEqual([]);
    expect(wrongs(namesWithin(5_000), lived("dead", held, ["gray"]))).toEqual([5]);
    const lapsed = [...held.slice(0, 1), { s: 30 }];
    expect(wrongs(avoidsWithin(5_000), lived("dead", lapsed))).toEqual([30]);
    expect(wrongs(namesWithin(5_000), lived("dead", lapsed))).toEqual([30]);
  });

  it("is passed over by a rule for others", () => {
    expect(wrongs(namesWithin(5_000, "gray"), lived("dead", []))).toEqual([]);
    expect(wrongs(avoidsWithin(5_000, "unreachable"), lived("dead", []))).toEqual([5]);
  });

  it("is not even for a moment what it must not be", () => {
    expect(wrongs(neverSays("node_dead"), lived("isolated", [{ s: 4, verdict: "node_dead" }]))).toEqual([4]);
    expect(wrongs(neverSays("node_dead"), lived("isolated", held))).toEqual([]);
  });

  it("is alive again in time, and not unknown on the way", () => {
    const back = (verdict: string, s: number) =>
      lived("dead", [...held.slice(0, 1), { s: 61, verdict }, { s, verdict: "alive" }]);
    expect(wrongs(recoversWithin(10_000), back("gray", 69))).toEqual([]);
    expect(wrongs(recoversWithin(10_000), back("gray", 75))).toEqual([70]);
    expect(wrongs(recoversWithin(10_000), back("unknown", 62))).toEqual([61]);
  });

  it("settles: two verdicts during it and two after it, or more where each look is left to chance", () => {
    const turns = (count: number, from: number) =>
      Array.from({ length: count }, (_, turn) => ({
        s: from + turn,
        verdict: turn % 2 === 0 ? "unreachable" : "gray",
      }));
    const settles = (rules: readonly Rule[], said: Said[]): number =>
      rules.flatMap((rule) => wrongs(rule, lived("dead", said))).length;
    expect(settles(ALWAYS, turns(2, 1))).toBe(0);
    expect(settles(ALWAYS, turns(3, 1))).toBe(1);
    expect(settles(ALWAYS, turns(3, 61))).toBe(1);
    expect(settles(ALWAYS, [...turns(1, 61), { s: 70 }, { s: 80, verdict: "partitioned" }, { s: 82 }])).toBe(
      0,
    );
    expect(settles(ALWAYS_BY_CHANCE, turns(12, 1))).toBe(0);
    expect(settles(ALWAYS_BY_CHANCE, turns(13, 1))).toBe(1);
  });
});
