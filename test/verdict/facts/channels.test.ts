import { describe, expect, it } from "vitest";
import {
  blockedLooks,
  type WitnessChannel,
  channelOf,
  deadAddresses,
  deadChannels,
  hasFallenSilent,
  isClosedBefore,
  speaksInside,
  workingControls,
} from "../../../src/verdict/facts/channels.ts";
import type { ControlRecord, Edge, ObservationRecord } from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { control, edge, NOW, proofAt, shardOf, observed, standingAs, targetState, vantage } from "../made.ts";

/** The target's good time ended a minute ago. */
const ONSET = NOW - 60_000;
const before = (ms: number, outcome: ObservationRecord["outcome"] = "ok"): ObservationRecord =>
  observed(ONSET - ms, outcome);
const since = (ms: number, outcome: ObservationRecord["outcome"] = "ok"): ObservationRecord =>
  observed(ONSET + ms, outcome);

describe("how a channel speaks of a trouble", () => {
  const of = (recent: ObservationRecord[], intervalMs = 5_000): WitnessChannel =>
    channelOf(edge(recent), targetState({ target: { intervalMs } }), ONSET, TUNING);

  it.each<[string, ObservationRecord[], WitnessChannel]>([
    ["that was answered at its very end", [before(0)], "answers"],
    ["that was answered wrongly", [before(1_000, "app_error")], "answers"],
    ["that was refused", [before(1_000, "refused")], "refuses"],
    ["that was silent", [before(1_000, "connect_timeout")], "dead"],
    ["that was broken off", [before(1_000, "reset")], "dead"],
    ["that nobody had looked at", [], "dead"],
    [
      "whose newest look was silent, whatever it met before",
      [before(2_000), before(1_000, "pending")],
      "dead",
    ],
    [
      "whose newest look was answered, whatever it met before",
      [before(2_000, "pending"), before(1_000)],
      "answers",
    ],
    ["whose newest look that was carried was answered", [before(2_000), before(1_000, "blocked")], "answers"],
  ])("in the good time, one %s", (_name, recent, channel) => {
    expect(of(recent)).toBe(channel);
    // What a look meets once the trouble has begun speaks of the trouble, and not of the channel …
    for (const outcome of ["connect_timeout", "refused", "reset"] as const)
      expect(of([...recent, since(1_000, outcome)])).toBe(channel);
    // … except an answer, which shows that the channel works. A closed port that opens later still shows how its host answers.
    expect(of([...recent, since(1_000)])).toBe(channel === "dead" ? "answers" : channel);
  });

  it.each<[string, number, number, WitnessChannel]>([
    ["a minute", 5_000, 60_000, "answers"],
    ["no longer, at the shortest interval", 5_000, 60_001, "dead"],
    ["a minute up to seven and a half seconds", 7_500, 60_001, "dead"],
    ["eight intervals of ten seconds", 10_000, 80_000, "answers"],
    ["and no more of them", 10_000, 80_001, "dead"],
  ])("is known by its newest look for %s", (_name, intervalMs, ms, channel) => {
    expect(of([before(ms)], intervalMs)).toBe(channel);
  });

  it("is dead where it was never looked at", () => {
    expect(channelOf(undefined, targetState(), ONSET, TUNING)).toBe("dead");
  });

  it("works before any trouble if it is answered", () => {
    expect(channelOf(edge([observed(NOW)]), targetState(), 0, TUNING)).toBe("answers");
    expect(channelOf(edge([observed(NOW, "refused")]), targetState(), 0, TUNING)).toBe("dead");
  });
});

describe("a port that was closed", () => {
  const isClosed = (...edges: (Edge | undefined)[]): boolean =>
    isClosedBefore(edges, targetState({ target: { intervalMs: 5_000 } }), ONSET);

  it("is none that refused before the target last came back", () => {
    const since = (agoMs: number): boolean =>
      isClosedBefore([edge([before(7_000, "refused")])], targetState({ recoveredAt: ONSET - agoMs }), ONSET);
    expect([since(7_000), since(6_999)]).toEqual([true, false]);
  });

  it.each<[string, ObservationRecord[][], boolean]>([
    ["is one that refused before the last interval", [[before(5_000, "refused"), before(1_000)]], true],
    ["is none that was open until then", [[before(5_001), before(4_999, "refused")]], false],
    ["is told by who looked last before then", [[before(9_000)], [before(8_000, "refused")]], true],
    ["is told by nobody who looked earlier", [[before(9_000, "refused")], [before(8_000)]], false],
    ["is told by its last refusal where nobody had looked before then", [[before(1_000, "refused")]], true],
    ["is none that answered somebody then", [[before(1_000, "refused")], [before(1_000)]], false],
    ["is none that refuses since", [[since(1, "refused")]], false],
    ["is none that nobody looked at", [[]], false],
  ])("%s", (_name, all, closed) => {
    expect(isClosed(undefined, ...all.map((recent) => edge(recent)))).toBe(closed);
  });
});

describe("a witness that had fallen silent", () => {
  const fallen = (...all: ObservationRecord[][]): boolean => {
    const witness = new Map(all.map((recent, index) => [String(index), edge(recent)]));
    return hasFallenSilent(witness, targetState({ target: { intervalMs: 5_000 } }), ONSET, TUNING);
  };
  const missed = (ms: number): ObservationRecord => before(ms, "connect_timeout");

  it.each<[string, ObservationRecord[][], boolean]>([
    [
      "is one that two have missed since it answered",
      [[before(30_000)], [missed(20_000)], [missed(10_000)]],
      true,
    ],
    ["is none that one has", [[before(30_000)], [missed(20_000), missed(10_000)]], false],
    [
      "is none that has answered somebody since",
      [[before(9_000)], [missed(20_000)], [missed(10_000)]],
      false,
    ],
    [
      "is none that refused somebody since: its host answers",
      [[before(9_000, "refused")], [missed(20_000)], [missed(10_000)]],
      false,
    ],
    [
      "is none that was missed within the last interval",
      [[before(30_000)], [missed(4_999)], [missed(4_999)]],
      false,
    ],
    ["is one that has never answered", [[missed(20_000)], [missed(10_000)]], true],
  ])("%s", (_name, all, expected) => {
    expect(fallen(...all)).toBe(expected);
  });
});

describe("who stands inside", () => {
  it.each<[string, ObservationRecord[], boolean]>([
    ["reached it last", [before(1_000)], true],
    ["missed it once at the end", [before(6_000), before(1_000, "connect_timeout")], true],
    [
      "missed it once, and has ever since",
      [before(6_000), before(0, "pending"), since(5_000, "pending")],
      true,
    ],
    ["missed it twice", [before(11_000), before(6_000, "pending"), before(1_000, "pending")], false],
    [
      "was refused last, and before the last interval",
      [before(6_000, "refused"), before(1_000, "refused")],
      false,
    ],
    [
      "was refused last, within an interval: it may be the trouble",
      [before(6_000), before(1_000, "refused")],
      true,
    ],
    ["missed it once and has reached it since", [before(1_000, "pending"), since(5_000)], true],
    ["missed it once, long after it was reached", [before(60_001), before(1_000, "pending")], false],
    ["has only missed it", [before(1_000, "pending")], false],
    ["has not looked at it", [], false],
  ])("speaks of it or not who %s", (_name, recent, speaks) => {
    expect(speaksInside(edge(recent), targetState({ target: { intervalMs: 5_000 } }), ONSET, TUNING)).toBe(
      speaks,
    );
  });
});

describe("a control that works", () => {
  const working = (one: ControlRecord): boolean => {
    const record = vantage("a", { controls: new Map([["tcp://c:1", one]]), proof: proofAt(NOW - 5_000) });
    return workingControls(record, TUNING).length === 1;
  };

  // The vantage itself was last answered five seconds ago.
  it.each<[string, ControlRecord, boolean]>([
    ["answers", control(NOW), true],
    ["has never answered", control(NOW, { answered: false }), false],
    ["was silent for a minute then", control(NOW, { answered: false, answeredAt: NOW - 65_000 }), true],
    ["was silent for longer", control(NOW, { answered: false, answeredAt: NOW - 65_001 }), false],
    ["fell silent when the vantage did", control(NOW, { answered: false, answeredAt: NOW - 5_000 }), true],
  ])("is one that %s", (_name, one, works) => {
    expect(working(one)).toBe(works);
  });

  it("is told with its address", () => {
    const [one, other] = [control(NOW), control(NOW, { answered: false })];
    const controls = new Map([
      ["tcp://c:1", one],
      ["tcp://c:2", other],
    ]);
    expect(workingControls(vantage("a", { controls }), TUNING)).toEqual([["tcp://c:1", one]]);
  });
});

describe("what is told of channels that do not work", () => {
  const INSIDE = vantage("i", { site: "fra" });
  const shard = shardOf({ vantages: [vantage("a"), vantage("b"), INSIDE] });
  const of = (part: Parameters<typeof standingAs>[1] = {}, verdict: "alive" | "gray" = "alive"): string[] => {
    const target = { vantages: ["a", "b", "i"], hasWitness: true, ...part?.target };
    return deadChannels(shard, standingAs(verdict, { okAt: NOW, ...part, target }), NOW, TUNING);
  };
  const each = (edges: Record<string, ObservationRecord[]>): Map<string, Edge> =>
    new Map(Object.entries(edges).map(([id, recent]) => [id, edge(recent)]));
  const ago = (ms: number, outcome: ObservationRecord["outcome"] = "ok"): ObservationRecord =>
    observed(NOW - ms, outcome);
  const SILENT = [ago(20_000, "connect_timeout"), ago(2_000, "connect_timeout")];
  const UNWITNESSED = "its witness has answered none of 2 vantages of late: it proves nothing in a trouble";
  const BLIND = "i stands inside fra and does not reach it: its word does not count in a trouble";
  const MUTE = "its heartbeats have stopped while it is served: they prove nothing in a trouble";
  const beaten = (agoMs: number) => ({ heartbeat: { at: NOW - agoMs, everyMs: 3_000, gaps: [] } });

  it.each<[string, Parameters<typeof standingAs>[1], string[]]>([
    ["nothing where nothing was tried", {}, []],
    ["that a witness answers nobody", { witness: each({ a: SILENT, b: SILENT }) }, [UNWITNESSED]],
    ["nothing while it answers one", { witness: each({ a: SILENT, b: [ago(2_000)] }) }, []],
    [
      "nothing of one that is refused: so answers its host",
      { witness: each({ a: SILENT, b: [ago(2_000, "refused")] }) },
      [],
    ],
    ["nothing before two have looked", { witness: each({ a: SILENT }) }, []],
    [
      "nothing of a witness that was taken away",
      { witness: each({ a: SILENT, b: SILENT }), target: { hasWitness: false } },
      [],
    ],
    ["that one inside does not reach it", { edges: each({ i: SILENT }) }, [BLIND]],
    ["nothing of one inside that does", { edges: each({ i: [ago(2_000)] }) }, []],
    ["nothing of one outside: that is a path", { edges: each({ a: SILENT }) }, []],
    ["that heartbeats have stopped", beaten(6_001), [MUTE]],
    ["nothing while they are only due", beaten(6_000), []],
    [
      "all of that at once",
      { witness: each({ a: SILENT, b: SILENT }), edges: each({ i: SILENT }), ...beaten(60_000) },
      [UNWITNESSED, BLIND, MUTE],
    ],
    [
      "nothing of a target that nobody looks at",
      { edges: each({ i: SILENT }), target: { paused: true } },
      [],
    ],
  ])("is %s", (_name, part, warnings) => {
    expect(of(part)).toEqual(warnings);
  });

  it("is nothing in a trouble, which may be theirs", () => {
    expect(of({ edges: each({ i: SILENT }), ...beaten(60_000) }, "gray")).toEqual([]);
  });
});

describe("looks that are blocked", () => {
  const blocked = (ms: number, detail?: string): Edge =>
    edge([observed(NOW - ms, "blocked", detail === undefined ? {} : { detail })]);
  const of = (part: Parameters<typeof targetState>[0]) => blockedLooks(targetState(part), NOW, TUNING);

  it("are told with their reason while they are the newest, each reason once", () => {
    const edges = new Map([
      ["a", blocked(1_000, "it is private")],
      ["b", blocked(2_000, "it is private")],
      ["c", blocked(2_000)],
      ["d", edge([observed(NOW - 2_000, "blocked"), observed(NOW - 1_000)])],
    ]);
    expect(of({ edges, witness: new Map([["a", blocked(1_000, "it is private")]]) })).toEqual([
      "the last look was blocked: it is private (2 of its vantages)",
      "the last look was blocked: it was not carried (1 of its vantages)",
      "the last look at its witness was blocked: it is private (1 of its vantages)",
    ]);
  });

  it("are not once they are old, or nobody is to look", () => {
    expect(of({ edges: new Map([["a", blocked(3_600_000)]]) })).toEqual([]);
    expect(of({ edges: new Map([["a", blocked(1_000)]]), target: { paused: true } })).toEqual([]);
  });
});

describe("a dead address of several", () => {
  const seen = (...dead: string[][]) => dead.map((deadAddresses) => ({ observation: { deadAddresses } }));
  const [ONE, OTHER] = ["192.0.2.1", "192.0.2.2"];

  it("is named while the target is served and most vantages miss it", () => {
    expect(deadAddresses(seen([ONE], [ONE, OTHER], []), "alive")).toEqual([
      `its address ${ONE} let in none of 2 vantages that tried it, while others are served`,
    ]);
    expect(deadAddresses(seen([ONE], [], []), "alive")).toEqual([]);
    expect(deadAddresses(seen([ONE], [ONE], [ONE]), "unreachable")).toEqual([]);
    expect(deadAddresses([], "alive")).toEqual([]);
    expect(deadAddresses([{ observation: {} }], "alive")).toEqual([]);
  });
});
