import { describe, expect, it } from "vitest";
import { type Heartbeats, type InsideWord, surroundingsOf } from "../../../src/verdict/facts/surroundings.ts";
import type { Edge, ObservationRecord, TargetState } from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  edge,
  NOW,
  proofAt,
  seenOfVotes,
  shardOf,
  observed,
  targetState,
  vantage,
  vote,
  votes,
} from "../made.ts";

type Outcome = ObservationRecord["outcome"];
const ago = (ms: number, outcome: Outcome = "ok", part: Partial<ObservationRecord> = {}): ObservationRecord =>
  observed(NOW - ms, outcome, part);

const INSIDE = vantage("i", { site: "fra" });
const seenFromInside = (looks: ObservationRecord[]): TargetState =>
  targetState({ edges: new Map([["i", edge(looks)]]) });
/** Looks with this outcome, in the order of time. */
const at = (outcome: Outcome, ...agoMs: number[]): ObservationRecord[] => agoMs.map((ms) => ago(ms, outcome));
/** This many answers before the trouble; and below, pairs of looks of which one was lost. */
const oks = (count: number): ObservationRecord[] =>
  Array.from({ length: count }, (_, index) => ago(90_000 - 100 * index));
const half = (pairs: number): ObservationRecord[] =>
  Array.from({ length: 2 * pairs }, (_, index) =>
    ago(90_000 - 100 * index, index % 2 === 0 ? "pending" : "ok"),
  );
/** This many misses since the trouble began, over more than an interval. */
const misses = (count: number): ObservationRecord[] =>
  Array.from({ length: count }, (_, index) => ago(9_000 - 800 * index, "connect_timeout"));
/** Looks from before, by which one look in ten would be lost by chance. */
const GOOD = oks(8);
const siblingMet = (agoMs: number): TargetState =>
  targetState({ edges: new Map([["i", edge([ago(agoMs)])]]) }, "fra/db-2");

describe("the word of a vantage inside", () => {
  const SINCE = NOW - 10_000;
  const words = (
    looks: ObservationRecord[],
    siblings: TargetState[] = [],
    { trustedSince = 0, failingSince = SINCE, soundness = INSIDE.state } = {},
  ): readonly InsideWord[] => {
    const state = seenFromInside(looks);
    const insiders = [{ ...INSIDE, trustedSince, state: soundness }];
    const seen = seenOfVotes(votes(3, "silent"), { insiders, failingSince });
    return surroundingsOf(shardOf({ targets: [state, ...siblings] }), seen, state, TUNING).insideWords;
  };

  it.each<[string, ObservationRecord[], InsideWord[]]>([
    ["is that it is served", [ago(9_999)], ["served"]],
    ["is that it is served, though wrongly", [ago(9_000, "app_error")], ["served"]],
    ["is nothing by a look of the instant it was first missed", [ago(10_000)], []],
    ["is that it is refused", [ago(9_000), ago(8_000, "refused")], ["refused"]],
    ["is what it met before a single silence", [ago(9_000), ago(8_000, "pending")], ["served"]],
    ["is nothing by a single silence", [ago(8_000, "response_timeout")], []],
    [
      "is that it hangs, by three over an interval",
      [...GOOD, ...at("response_timeout", 9_000, 6_000, 4_000)],
      ["hung"],
    ],
    [
      "is so where the last has waited for its whole timeout",
      [...GOOD, ...at("response_timeout", 9_000, 6_000), ago(4_000, "pending", { stage: "response" })],
      ["hung"],
    ],
    [
      "is not yet where the last may be answered",
      [
        ...GOOD,
        ...at("response_timeout", 9_000, 6_000),
        ago(4_000, "response_timeout", { openUntil: NOW + 1 }),
      ],
      [],
    ],
    ["is nothing by three where it reaches no sibling", [...GOOD, ...at("pending", 9_000, 6_000, 4_000)], []],
    ["is nothing by what is broken off", [ago(8_000, "reset")], []],
  ])("%s", (_name, looks, said) => {
    expect(words(looks)).toEqual(said);
  });

  it.each<[string, number, InsideWord[]]>([
    ["is that it is missed, where a sibling answered since", 8_999, ["missed"]],
    ["is nothing, where that answered with the first of them", 9_000, []],
    ["is nothing, where that answered before", 9_001, []],
  ])("%s", (_name, agoMs, said) => {
    const misses = at("connect_timeout", 9_000, 6_000, 4_000);
    expect(words([...GOOD, ...misses], [siblingMet(agoMs)])).toEqual(said);
  });

  // The sibling's answer is one look more. If one look of ten is lost, three in a row are lost by chance in one of a thousand cases.
  it.each<[string, ObservationRecord[], ObservationRecord[], boolean]>([
    [
      "three over an interval, where one look of ten was lost",
      oks(7),
      at("connect_timeout", 9_000, 6_000, 4_000),
      true,
    ],
    ["not three over less", oks(7), at("connect_timeout", 9_000, 6_000, 4_001), false],
    ["not two there", oks(7), at("connect_timeout", 9_000, 4_000), false],
    ["not three where one of nine was", oks(6), at("connect_timeout", 9_000, 6_000, 4_000), false],
    ["four there", oks(6), at("connect_timeout", 9_000, 7_000, 6_000, 4_000), true],
    // 0.0313 ** 2 is less than one in a thousand, 0.0323 ** 2 more.
    ["two where one of thirty-two was", oks(29), at("connect_timeout", 9_000, 4_000), true],
    ["not two where one of thirty-one was", oks(28), at("connect_timeout", 9_000, 4_000), false],
    ["never one", oks(200), at("connect_timeout", 9_000), false],
    // 0.5 ** 10 is less than one in a thousand.
    ["ten where every other one was", half(7), misses(10), true],
    ["not nine there", half(7), misses(9), false],
    [
      "not those an answer parts",
      oks(7),
      [...at("connect_timeout", 9_000, 6_000), ago(5_000, "ok"), ago(4_000, "pending")],
      false,
    ],
  ])("takes misses in a row: %s", (_name, before, since, isMissed) => {
    expect(words([...before, ...since], [siblingMet(1_000)]).includes("missed")).toBe(isMissed);
  });

  it("is that it is served by one answer since the misses, however many they were", () => {
    const all = [...oks(9), ...misses(8), ago(500, "ok")];
    expect(words(all, [siblingMet(1_000)])).toEqual(["served"]);
  });

  it.each<[string, ObservationRecord["outcome"], InsideWord[]]>([
    ["a refusal counts", "refused", []],
    ["it is served, whenever that was", "ok", ["served"]],
  ])("is from when it was sound again that %s", (_name, outcome, word) => {
    const since = [NOW - 5_000, NOW - 4_999];
    const heard = since.map((trustedSince) => words([ago(5_000, outcome)], [], { trustedSince }));
    expect(heard).toEqual([[outcome === "ok" ? "served" : "refused"], word]);
  });

  it.each<[string, ObservationRecord[], InsideWord[]]>([
    ["that it is served", [ago(5_000)], ["served"]],
    ["nothing by what it misses", at("connect_timeout", 9_000, 5_000, 1_000), []],
    ["nothing by a refusal", [ago(5_000, "refused")], []],
  ])("is, of one whose own network is in doubt, %s", (_name, looks, said) => {
    expect(words(looks, [siblingMet(1_000)], { soundness: "suspect" })).toEqual(said);
  });

  it("is what was met since it was first missed, however long ago", () => {
    const said = [59_999, 60_000].map((ms) => words([ago(ms)], [], { failingSince: NOW - 60_000 }));
    expect(said).toEqual([["served"], []]);
  });

  it("is none of who is not counted", () => {
    const state = seenFromInside([ago(900)]);
    const seen = seenOfVotes(votes(3, "silent"));
    expect(surroundingsOf(shardOf({ targets: [state] }), seen, state, TUNING).insideWords).toEqual([]);
  });
});

/** Three vantages have missed the target for a second. It last answered eleven seconds ago. */
const FAILING = votes(3, "silent");
const around = (
  part: Parameters<typeof targetState>[0],
  { siblings = [], failing = FAILING }: { siblings?: TargetState[]; failing?: typeof FAILING } = {},
) => {
  const state = targetState(part);
  const seen = seenOfVotes(failing, { target: state.target, failingSince: NOW - 1_000 });
  return surroundingsOf(shardOf({ targets: [state, ...siblings] }), seen, state, TUNING);
};

describe("a witness", () => {
  const target = { hasWitness: true };
  const said = (witness: Record<string, Edge>, failing = FAILING): string[] => {
    const { witnessAnswers, witnessServes, witnessSilent, witnessRefuses, witnessAwaited } = around(
      { target, witness: new Map(Object.entries(witness)) },
      { failing },
    );
    const all = {
      answers: witnessAnswers && !witnessServes,
      serves: witnessServes,
      silent: witnessSilent,
      refuses: witnessRefuses,
      awaited: witnessAwaited,
    };
    return Object.entries(all).flatMap(([word, holds]) => (holds ? [word] : []));
  };
  const [OPEN, CLOSED] = [ago(20_000), ago(20_000, "refused")];
  const [SILENT, REFUSED] = [ago(900, "connect_timeout"), ago(900, "refused")];

  it.each<[string, Record<string, Edge>, string[]]>([
    ["serves that has since it was missed", { a: edge([ago(1_000)]), b: edge([ago(900)]) }, ["serves"]],
    ["is awaited that answered only before", { a: edge([ago(1_001)]), b: edge([OPEN]) }, ["awaited"]],
    [
      "is awaited where one of two has looked",
      { a: edge([OPEN, SILENT]), b: edge([OPEN]) },
      ["silent", "awaited"],
    ],
    [
      "is awaited of nobody else where two of three have looked",
      { a: edge([OPEN, SILENT]), b: edge([OPEN, SILENT]), c: edge([OPEN]) },
      ["silent"],
    ],
    ["is awaited of nobody else where it worked for one alone", { a: edge([OPEN, SILENT]) }, ["silent"]],
    ["is silent that had worked", { a: edge([OPEN, SILENT]), b: edge([OPEN, SILENT]) }, ["silent"]],
    ["tells nothing that never worked", { a: edge([SILENT]), b: edge([SILENT]) }, []],
    [
      "answers by a refusal that is how it always is",
      { a: edge([CLOSED, REFUSED]), b: edge([CLOSED, REFUSED]) },
      ["answers"],
    ],
    ["tells nothing by a refusal of which nobody knows that", { a: edge([REFUSED]), b: edge([REFUSED]) }, []],
    [
      "tells nothing by a port that was open long before, and silent when the target still answered",
      { a: edge([OPEN, ago(12_000, "connect_timeout"), SILENT]), b: edge([ago(80_000), SILENT]) },
      [],
    ],
    ["tells nothing that was open a minute before the trouble", { a: edge([ago(71_001), SILENT]) }, []],
    ["is silent that was open a little later", { a: edge([ago(71_000), SILENT]) }, ["silent"]],
    ["refuses that had worked", { a: edge([OPEN, REFUSED]), b: edge([OPEN, REFUSED]) }, ["refuses"]],
    ["tells nothing by one against one that is silent", { a: edge([OPEN, SILENT]), b: edge([ago(900)]) }, []],
    [
      "is heard of those whose votes count",
      { a: edge([OPEN]), b: edge([OPEN]), g: edge([OPEN, ago(900)]) },
      ["awaited"],
    ],
    ["refuses by one against one", { a: edge([OPEN, REFUSED]), b: edge([ago(900)]) }, ["refuses"]],
    [
      "serves by two against one",
      { a: edge([OPEN, REFUSED]), b: edge([ago(900)]), c: edge([ago(900)]) },
      ["serves"],
    ],
    [
      "answers by a port that was closed while the target still answered",
      { a: edge([OPEN, ago(17_000, "refused"), REFUSED]), b: edge([OPEN, REFUSED]) },
      ["answers"],
    ],
    [
      "refuses by a port that was open an interval before: by other clocks it is closed since the target is",
      { a: edge([OPEN, ago(12_000, "refused"), REFUSED]), b: edge([OPEN, REFUSED]) },
      ["refuses"],
    ],
  ])("%s", (_name, witness, words) => {
    expect(said(witness)).toEqual(words);
  });

  it.each<[string, typeof FAILING, string[]]>([
    [
      "tells nothing by its usual refusal where one is refused at the target",
      [...votes(2, "silent"), vote("c", "refused")],
      [],
    ],
    ["answers by it where all are silent", FAILING, ["answers"]],
  ])("%s", (_name, failing, words) => {
    const each = edge([CLOSED, REFUSED]);
    expect(said({ a: each, b: each }, failing)).toEqual(words);
  });

  it.each([
    ["from the first miss on for a refusal", 5_000, "refused", ["refuses"]],
    ["not from before it", 5_001, "refused", ["awaited"]],
    ["from everybody's miss on for an answer", 5_000, "ok", []],
  ] as const)("is heard %s", (_name, agoMs, outcome, words) => {
    const before = [ago(5_000, "connect_timeout")];
    const failing = ["a", "b", "c"].map((id) => vote(id, "silent", NOW - 1_000, { before }));
    const each = edge([OPEN, ago(agoMs, outcome)]);
    expect(said({ a: each, b: each }, failing)).toEqual(words);
  });

  it("is none where the target has none", () => {
    const { witnessAnswers } = around({ witness: new Map([["a", edge([ago(1)])]]) });
    expect(witnessAnswers).toBe(false);
  });
});

describe("siblings", () => {
  const sibling = (name: string, part: Parameters<typeof targetState>[0] = {}): TargetState =>
    targetState(part, `fra/${name}`);

  it("are those of the site that are looked at, and the sentence names the one answered last", () => {
    const siblings = [
      sibling("db-2", { proof: proofAt(NOW - 20) }),
      sibling("db-3", { proof: proofAt(NOW - 10) }),
      sibling("db-4", { target: { paused: true }, proof: proofAt(NOW) }),
      sibling("db-5", { silentAt: NOW - 5 }),
    ];
    expect(around({}, { siblings })).toMatchObject({ siblings: 3, sibling: "fra/db-3" });
  });

  it("were served when the last of them was", () => {
    const siblings = [sibling("db-2", { okAt: NOW - 20 }), sibling("db-3", { okAt: NOW - 10 })];
    expect(around({ okAt: NOW }, { siblings }).siblingOkAt).toBe(NOW - 10);
  });

  it("are named by none where none ever answered", () => {
    expect(around({}, { siblings: [sibling("db-2")] })).toMatchObject({
      siblings: 1,
      sibling: null,
      siblingOkAt: 0,
    });
  });
});

describe("a sign of life", () => {
  const heart = (agoMs: number) => ({ heartbeat: { at: NOW - agoMs, everyMs: 3_000, gaps: [] } });
  const inside = (...looks: ObservationRecord[]) => {
    const state = seenFromInside(looks);
    const seen = seenOfVotes(FAILING, { insiders: [INSIDE], failingSince: NOW - 10_000 });
    return surroundingsOf(shardOf({ targets: [state, siblingMet(100)] }), seen, state, TUNING);
  };

  it.each<[string, object, Heartbeats, boolean]>([
    ["a heartbeat that can only have been sent since", heart(-1), "alive", true],
    ["none that may have been under way, though the next is due", heart(0), "due", false],
    ["none that is nearly late, though the next is due", heart(6_000), "due", false],
    ["none that is late", heart(6_001), "late", false],
    ["none where it never sent one", {}, "none", false],
  ])("is %s", (_name, part, heartbeat, lives) => {
    const signOfLife = lives ? "its heartbeats arrive" : "";
    expect(around(part)).toMatchObject({ heartbeat, lives, signOfLife });
  });

  it("is any answer to one inside, and being served is more", () => {
    expect(inside(ago(900))).toMatchObject({ lives: true, insideServes: true, insideMisses: false });
    expect(inside(ago(900, "refused"))).toMatchObject({ lives: true, insideServes: false });
    expect(inside(ago(900, "refused")).signOfLife).toBe("an inside vantage reaches it");
  });

  it("is missing where one inside misses it beside a sibling", () => {
    const missed = inside(...GOOD, ...at("connect_timeout", 9_000, 6_000, 4_000));
    expect(missed).toMatchObject({ lives: false, insideServes: false, insideMisses: true, signOfLife: "" });
  });
});
