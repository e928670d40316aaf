import { describe, expect, it } from "vitest";
import type { RecentHealth } from "../../../src/verdict/facts/living.ts";
import type { VoteKind, Vote } from "../../../src/verdict/facts/votes.ts";
import { isLossEnough, isMissedTwice } from "../../../src/verdict/facts/quorum.ts";
import { answersSome, type Case, nextLookBy } from "../../../src/verdict/naming/case.ts";
import { hasExpired, isGray, isLossy, undecidedUntil } from "../../../src/verdict/naming/rules.ts";
import { CALM } from "../../../src/verdict/likelihood.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  factsOfVotes,
  NOW,
  type Observed,
  shardOf,
  observed,
  standingAs,
  targetState,
  vote,
  votes,
} from "../made.ts";
import { made, type Part } from "./made-case.ts";

const HEALTH: RecentHealth = { looked: 100, wrong: 0, amiss: 0, amissAt: 0, silent: 0, silentFrom: 0 };
const faring = (part: Partial<RecentHealth>, facts: Partial<Observed> = {}): Case => ({
  ...made([], { facts }),
  living: () => ({ cut: [], health: { ...HEALTH, ...part } }),
});

describe("a case", () => {
  const okBefore = (ids: string): Vote[] =>
    ids.split("").map((id) => vote(id, "silent", NOW - 1_000, { before: [observed(NOW - 9_000)] }));
  const missedBefore = (ids: string): Vote[] =>
    ids
      .split("")
      .map((id) => vote(id, "silent", NOW - 1_000, { before: [observed(NOW - 9_000, "refused")] }));

  it.each<[string, Vote[], number, boolean]>([
    ["by three, with one look each", okBefore("abc"), 3, true],
    ["not by two with one look each", okBefore("ab"), 2, false],
    ["by two with two looks each", missedBefore("ab"), 2, true],
    ["not where one of two has looked once", [...missedBefore("a"), ...okBefore("b")], 2, false],
    ["not by two of three, who are not all that are needed", missedBefore("ab"), 3, false],
  ])("is agreed %s", (_name, counted, soundCount, agreed) => {
    expect(made(counted, { facts: { soundCount } }).agreed).toBe(agreed);
  });

  it.each([
    ["is down from a belief of 0.999 on", votes(5, "silent"), 0.999, true],
    ["is not below", votes(5, "silent"), 0.9989, false],
    ["is not by belief alone", votes(4, "silent"), 1, false],
  ])("%s", (_name, counted, pDown, down) => {
    expect(made(counted, { belief: { pDown } }).down).toBe(down);
  });

  it.each([
    ["lives that somebody reaches and that is hardly suspected", votes(1, "ok"), 0.29, true],
    ["does not from a belief of 0.3 on", votes(1, "ok"), 0.3, false],
    ["does not where nobody reaches it", votes(1, "silent"), 0, false],
  ])("%s", (_name, counted, pDown, lives) => {
    expect(made(counted, { belief: { pDown } }).lives).toBe(lives);
  });

  it("says whether we suspect ourselves", () => {
    expect([made([]).frozen, made([], { shard: { frozenSince: NOW - 1 } }).frozen]).toEqual([false, true]);
  });

  it("counts the siblings that all find silent, of those that are looked at", () => {
    const silent = { silentAt: NOW - 5 };
    const targets = [
      targetState(silent),
      targetState(silent, "fra/db-2"),
      targetState({}, "fra/db-3"),
      targetState({ ...silent, target: { paused: true } }, "fra/db-4"),
      targetState(silent, "ams/db-1"),
    ];
    expect(made([], { shard: shardOf({ targets }) }).siblingsSilent).toBe(1);
  });

  it("finds out once what is costly", () => {
    const one = made([...votes(5, "refused")]);
    expect(one.living()).toBe(one.living());
    expect([one.refusedAlone(), one.heardElsewhere()]).toEqual([true, true]);
    expect([one.siblingsRefused(), one.siblingsWentOn()]).toEqual([0, false]);
  });

  it("is held back after our absence", () => {
    const returned = { since: NOW - 4_999, awaited: ["a", "z"].map((id) => ({ vantage: id, dueAt: NOW })) };
    expect([made([], { shard: { returned } }).heldUntil, made([]).heldUntil]).toEqual([NOW + 1, null]);
  });
});

describe("a case in which nobody is served", () => {
  /** Votes of `count` vantages that have failed twice since the onset, by turns of these kinds. */
  const twice = (count: number, ...kinds: VoteKind[]): Vote[] =>
    votes(count, "silent").map(({ record }, index) =>
      vote(record, kinds[index % kinds.length] ?? "silent", NOW - 1_000, {
        before: [observed(NOW - 6_000, "refused")],
      }),
    );
  const DOUBTED = { beliefs: { ...CALM, up: 0.0011 } };
  const DOWN_BY = { beliefs: { ...CALM, up: 0.0009 } };

  // Two intervals and a timeout are twelve seconds.
  it.each<[string, Vote[], Part, [boolean, boolean]]>([
    ["is one by any mixture of answers", twice(5, "refused", "wrong"), { belief: DOUBTED }, [true, false]],
    [
      "is none by a mixture that loss may explain",
      twice(5, "refused", "silent"),
      { belief: DOUBTED },
      [false, false],
    ],
    [
      "is one by silences that it does not",
      twice(5, "refused", "silent"),
      { belief: DOWN_BY },
      [true, false],
    ],
    [
      "is one by any after two intervals and a timeout",
      twice(5, "silent"),
      { belief: DOUBTED, facts: { failingSince: NOW - 12_000 } },
      [true, true],
    ],
    [
      "is none by silences until then",
      twice(5, "silent"),
      { belief: DOUBTED, facts: { failingSince: NOW - 11_999 } },
      [false, false],
    ],
    [
      "is one by three of seven after it: who tells nothing says nothing for it",
      twice(3, "wrong"),
      { facts: { failingSince: NOW - 12_000 } },
      [true, true],
    ],
    [
      "is none by two of seven, however long",
      twice(2, "wrong"),
      { facts: { failingSince: NOW - 99_000 } },
      [false, false],
    ],
    [
      "is none by two before that time: they are no quorum",
      twice(2, "wrong"),
      { facts: { soundCount: 2 } },
      [false, false],
    ],
    [
      "is one by two after it, where no more are sound",
      twice(2, "wrong"),
      { facts: { soundCount: 2, failingSince: NOW - 12_000 } },
      [true, true],
    ],
    [
      "is none by one look each",
      votes(5, "wrong"),
      { facts: { failingSince: NOW - 99_000 } },
      [false, false],
    ],
  ])("%s", (_name, counted, part, expected) => {
    const { unserved, longUnserved } = made(counted, part);
    expect([unserved, longUnserved]).toEqual(expected);
  });
});

describe("kinds that mean the same", () => {
  const HELD = standingAs("process_hung");
  it.each<[string, Vote[], Part, VoteKind | null]>([
    [
      "silence is a hang where it goes on accepting",
      [...votes(3, "silent"), ...votes(3, "hung", 3)],
      { belief: { hangs: true } },
      "hung",
    ],
    ["silence is silence where it does not", [...votes(3, "silent"), ...votes(3, "hung", 3)], {}, null],
    [
      "silence is silence where a witness is silent too",
      votes(5, "silent"),
      { belief: { hangs: true }, facts: { witnessSilent: true } },
      "silent",
    ],
    ["silence is the hang that stands", votes(5, "silent"), { facts: { state: HELD } }, "hung"],
    [
      "silence is silence where somebody is answered",
      votes(5, "silent"),
      { facts: { state: HELD, dissent: votes(1, "ok", 6) } },
      "silent",
    ],
    [
      "fast refusals are refusals beside as many from the host",
      [...votes(3, "refused"), ...votes(3, "rejected", 3)],
      {},
      "refused",
    ],
    [
      "fast refusals are not beside fewer",
      [...votes(2, "refused"), ...votes(4, "rejected", 2)],
      {},
      "rejected",
    ],
  ])("%s", (_name, counted, part, kind) => {
    expect(made(counted, part).quorum.kind).toBe(kind);
  });
});

describe("evidence that has run out", () => {
  it.each([
    ["is that of nobody", [], NOW, true],
    ["is none of fifteen seconds", votes(1, "ok"), NOW - 15_000, false],
    ["is what is older", votes(1, "ok"), NOW - 15_001, true],
    ["is what was never dated", votes(1, "ok"), null, true],
  ])("%s", (_name, counted, asOf, expired) => {
    expect(hasExpired(made(counted, { facts: { state: targetState({ asOf }) } }))).toBe(expired);
  });
});

describe("answers in ways of its own", () => {
  it.each<[VoteKind, boolean]>([
    ["wrong", true],
    ["hung", true],
    ["silent", false],
    ["refused", false],
    ["rejected", false],
  ])("are given to who is %s, or not", (kind, answers) => {
    expect(answersSome(made([...votes(3, "silent"), ...votes(1, kind, 3)]))).toBe(answers);
  });
});

describe("gray", () => {
  it.each<[string, Partial<RecentHealth>, boolean]>([
    ["is two wrong answers of sixty-six: three in a hundred", { amiss: 2, looked: 66 }, true],
    ["is not two of sixty-seven", { amiss: 2, looked: 67 }, false],
    ["is not one, which is an accident", { amiss: 1, wrong: 1, looked: 1 }, false],
    ["is two failures of twenty-five: eight in a hundred", { wrong: 2, looked: 25 }, true],
    ["is not two of twenty-six, which may have been lost", { wrong: 2, looked: 26 }, false],
  ])("%s", (_name, health, gray) => {
    expect(isGray(faring(health))).toBe(gray);
  });

  const expecting = (expectedLoss: number): Partial<Observed> =>
    factsOfVotes([], { state: targetState({ target: { policy: { expectedLoss } } }) });
  it.each<[string, Partial<RecentHealth>, number, boolean]>([
    ["is a fifth lost", { silent: 4, silentFrom: 2, looked: 20 }, 0, true],
    ["is not less than a fifth", { silent: 4, silentFrom: 2, looked: 21 }, 0, false],
    ["is not three lost, however many that is", { silent: 3, silentFrom: 2, looked: 3 }, 0, false],
    ["is not what one vantage lost", { silent: 9, silentFrom: 1, looked: 9 }, 0, false],
    ["is a fifth beyond what is expected", { silent: 10, silentFrom: 2, looked: 20 }, 0.3, true],
    ["is not less than that", { silent: 9, silentFrom: 2, looked: 20 }, 0.3, false],
  ])("by loss %s", (_name, health, expected, gray) => {
    expect(isLossy(faring(health, expecting(expected)))).toBe(gray);
  });
});

describe("how long is waited", () => {
  const state = targetState({ standing: { heldSince: NOW - 4_000 } });

  it.each([
    ["an interval and fifteen seconds after the onset", NOW - 1_000, NOW + 19_000],
    ["fifteen seconds from what is held, where nobody ever had an answer", 0, NOW + 11_000],
  ])("for what does not suffice: %s", (_name, onset, until) => {
    expect(undecidedUntil(made([], { facts: { state, onset } }))).toBe(until);
  });

  it.each<[string, Vote[], number]>([
    [
      "an interval and a timeout after the newest that failed",
      [vote("a", "silent", NOW - 3_000), vote("b", "silent", NOW - 1_000)],
      NOW + 6_000,
    ],
    ["no longer than now, where that is over", [vote("a", "silent", NOW - 7_001)], NOW],
    ["no longer than now, where none has failed", [], NOW],
  ])("for the next look: %s", (_name, counted, until) => {
    expect(nextLookBy(made(counted))).toBe(until);
  });
});

describe("whether loss is enough to explain it", () => {
  it.each<[string, VoteKind[], { pDown: number; up: number }, boolean]>([
    ["is so where some are silent, and it may be up", ["silent", "refused"], { pDown: 0, up: 0.0011 }, true],
    ["is not where it is hardly up", ["silent", "refused"], { pDown: 0, up: 0.001 }, false],
    [
      "is so where it may be gray, and all that is seen may be loss",
      ["silent", "hung"],
      { pDown: 0.9989, up: 0 },
      true,
    ],
    ["is not where it hardly serves", ["silent", "hung"], { pDown: 0.999, up: 0 }, false],
    ["is not where nobody is silent", ["hung", "hung"], { pDown: 0, up: 1 }, false],
  ])("%s", (_name, kinds, { pDown, up }, expected) => {
    const failing = kinds.map((kind, index) => vote(String(index), kind));
    expect(isLossEnough({ failing }, { pDown, beliefs: { up } }, TUNING)).toBe(expected);
  });
});

describe("whether a quorum has missed it twice", () => {
  const missed = (ids: string, before: number): Vote[] =>
    ids
      .split("")
      .map((id) => vote(id, "silent", NOW - 1_000, { before: [observed(NOW - before, "connect_timeout")] }));
  it.each<[string, Vote[], Partial<Observed>, boolean]>([
    ["is so by three of four", missed("abc", 3_000), { soundCount: 4 }, true],
    ["is not by two of four", missed("ab", 3_000), { soundCount: 4 }, false],
    ["is not where one look was before its last answer", missed("abc", 9_000), { soundCount: 4 }, false],
    [
      "is so once everybody has had the time to",
      missed("ab", 3_000),
      { soundCount: 4, onset: NOW - 60_000, failingSince: NOW - 60_000 },
      true,
    ],
  ])("%s", (_name, counted, part, expected) => {
    expect(
      isMissedTwice(
        factsOfVotes(counted, { onset: NOW - 8_000, failingSince: NOW - 3_000, ...part }),
        TUNING,
      ),
    ).toBe(expected);
  });
});
