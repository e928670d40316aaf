import { describe, expect, it } from "vitest";
import { type Heartbeats, type InsideWord, surroundingsOf } from "../../../src/verdict/facts/surroundings.ts";
import type { Edge, Sighting, TargetState } from "../../../src/verdict/memory/state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  edge,
  NOW,
  proofAt,
  seenOfVotes,
  shardOf,
  sighting,
  targetState,
  vantage,
  vote,
  votes,
} from "../made.ts";

type Outcome = Sighting["outcome"];
const ago = (ms: number, outcome: Outcome = "ok", part: Partial<Sighting> = {}): Sighting =>
  sighting(NOW - ms, outcome, part);

const INSIDE = vantage("i", { site: "fra" });
const seenFromInside = (looks: Sighting[]): TargetState =>
  targetState({ edges: new Map([["i", edge(looks)]]) });
const siblingMet = (agoMs: number): TargetState =>
  targetState({ edges: new Map([["i", edge([ago(agoMs)])]]) }, "fra/db-2");

describe("the word of a vantage inside", () => {
  const SINCE = NOW - 10_000;
  const words = (
    looks: Sighting[],
    siblings: TargetState[] = [],
    { trustedSince = 0, failingSince = SINCE } = {},
  ): readonly InsideWord[] => {
    const state = seenFromInside(looks);
    const inside = [vote({ ...INSIDE, trustedSince }, "ok")];
    const seen = seenOfVotes(votes(3, "silent"), { inside, failingSince });
    return surroundingsOf(shardOf({ targets: [state, ...siblings] }), seen, state, TUNING).insideWords;
  };

  it.each<[string, Sighting[], InsideWord[]]>([
    ["is that it is served", [ago(9_999)], ["served"]],
    ["is that it is served, though wrongly", [ago(9_000, "app_error")], ["served"]],
    ["is nothing by a look of the instant it was first missed", [ago(10_000)], []],
    ["is that it is refused", [ago(9_000), ago(8_000, "refused")], ["refused"]],
    ["is what it met before a single silence", [ago(9_000), ago(8_000, "pending")], ["served"]],
    ["is nothing by a single silence", [ago(8_000, "response_timeout")], []],
    ["is that it hangs, by two", [ago(9_000, "response_timeout"), ago(8_000, "response_timeout")], ["hung"]],
    [
      "is so while the second may answer yet",
      [ago(9_000, "response_timeout"), ago(8_000, "pending", { stage: "response" })],
      ["hung"],
    ],
    ["is nothing by two where it reaches no sibling", [ago(9_000, "pending"), ago(8_000, "pending")], []],
    ["is nothing by what is broken off", [ago(8_000, "reset")], []],
  ])("%s", (_name, looks, said) => {
    expect(words(looks)).toEqual(said);
  });

  it.each<[string, number, InsideWord[]]>([
    ["is that it is missed, where a sibling answered since", 8_999, ["missed"]],
    ["is nothing, where that answered with the first of them", 9_000, []],
    ["is nothing, where that answered before", 9_001, []],
  ])("%s", (_name, agoMs, said) => {
    const misses = [ago(9_000, "connect_timeout"), ago(8_000, "connect_timeout")];
    expect(words(misses, [siblingMet(agoMs)])).toEqual(said);
  });

  it("counts from when it was sound again", () => {
    const since = [NOW - 5_000, NOW - 4_999];
    expect(since.map((trustedSince) => words([ago(5_000)], [], { trustedSince }))).toEqual([["served"], []]);
  });

  it("is no older than a vote, however long it has been missed", () => {
    const said = [29_999, 30_000].map((ms) => words([ago(ms)], [], { failingSince: NOW - 60_000 }));
    expect(said).toEqual([["served"], []]);
  });

  it("is none of who is not counted", () => {
    const state = seenFromInside([ago(900)]);
    const seen = seenOfVotes(votes(3, "silent"));
    expect(surroundingsOf(shardOf({ targets: [state] }), seen, state, TUNING).insideWords).toEqual([]);
  });
});

/** Three vantages have missed the target for a second, which answered eleven seconds ago. */
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
    const { witnessAnswers, witnessSilent, witnessRefuses, witnessAwaited } = around(
      { target, witness: new Map(Object.entries(witness)) },
      { failing },
    );
    const all = {
      answers: witnessAnswers,
      silent: witnessSilent,
      refuses: witnessRefuses,
      awaited: witnessAwaited,
    };
    return Object.entries(all).flatMap(([word, holds]) => (holds ? [word] : []));
  };
  const [OPEN, SILENT, REFUSED] = [ago(20_000), ago(900, "connect_timeout"), ago(900, "refused")];

  it.each<[string, Record<string, Edge>, string[]]>([
    ["answers that has since it was missed", { a: edge([ago(1_000)]), b: edge([ago(900)]) }, ["answers"]],
    ["is awaited that answered only before", { a: edge([ago(1_001)]), b: edge([OPEN]) }, ["awaited"]],
    ["is awaited where one of two has looked", { a: edge([OPEN, SILENT]) }, ["silent", "awaited"]],
    ["is silent that had worked", { a: edge([OPEN, SILENT]), b: edge([OPEN, SILENT]) }, ["silent"]],
    ["tells nothing that never worked", { a: edge([SILENT]), b: edge([SILENT]) }, []],
    [
      "answers by a refusal that is how it always is",
      { a: edge([REFUSED]), b: edge([REFUSED]) },
      ["answers"],
    ],
    ["refuses that had worked", { a: edge([OPEN, REFUSED]), b: edge([OPEN, REFUSED]) }, ["refuses"]],
    ["tells nothing by one against one that is silent", { a: edge([OPEN, SILENT]), b: edge([ago(900)]) }, []],
    ["is heard of those whose votes count", { g: edge([ago(900)]) }, ["awaited"]],
    ["refuses by one against one", { a: edge([OPEN, REFUSED]), b: edge([ago(900)]) }, ["refuses"]],
    [
      "answers by two against one",
      { a: edge([OPEN, REFUSED]), b: edge([ago(900)]), c: edge([ago(900)]) },
      ["answers"],
    ],
    [
      "tells nothing by a port that was closed while the target still answered",
      { a: edge([OPEN, ago(12_000, "refused"), REFUSED]), b: edge([OPEN, REFUSED]) },
      [],
    ],
  ])("%s", (_name, witness, words) => {
    expect(said(witness)).toEqual(words);
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

  it("are named by none where none ever answered", () => {
    expect(around({}, { siblings: [sibling("db-2")] })).toMatchObject({ siblings: 1, sibling: null });
  });
});

describe("a sign of life", () => {
  const heart = (agoMs: number) => ({ heartbeat: { at: NOW - agoMs, everyMs: 3_000, gaps: [] } });
  const inside = (...looks: Sighting[]) => {
    const state = seenFromInside(looks);
    const seen = seenOfVotes(FAILING, { inside: [vote(INSIDE, "ok")], failingSince: NOW - 10_000 });
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
    const missed = inside(ago(900, "connect_timeout"), ago(800, "connect_timeout"));
    expect(missed).toMatchObject({ lives: false, insideServes: false, insideMisses: true, signOfLife: "" });
  });
});
