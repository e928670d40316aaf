import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Seen } from "../../../src/verdict/facts/facts.ts";
import { agreementOf, neededVotes, quorumOf } from "../../../src/verdict/facts/quorum.ts";
import type { Kind, Vote } from "../../../src/verdict/facts/votes.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { IDS, judged, KEY, NOW, seenOfVotes, vantage, vote, votes } from "../made.ts";

const quorum = (counted: Vote[], part: Partial<Seen> = {}) =>
  quorumOf(seenOfVotes(counted, part), (kind) => kind, TUNING);
const policy = (part: object) => ({ target: judged(KEY, { policy: part }) });

describe("the votes a quorum needs", () => {
  it.each([
    ["three of two, which are never enough", 2, {}, 3],
    ["three of three", 3, {}, 3],
    ["three of four", 4, {}, 3],
    ["five of five", 5, {}, 5],
    ["five of seven", 7, {}, 5],
    ["as many as the policy says", 7, { minVantages: 2 }, 2],
    ["as many, though there are not so many", 3, { minVantages: 9 }, 9],
  ])("are %s", (_name, soundCount, of, needed) => {
    expect(neededVotes(seenOfVotes([], { soundCount, ...policy(of) }), TUNING)).toBe(needed);
  });
});

describe("what the failing votes agree on", () => {
  it.each<[string, [number, Kind][], Kind | null]>([
    ["nothing, where there are none", [], null],
    ["what one says", [[1, "silent"]], "silent"],
    [
      "nothing, of two that differ",
      [
        [1, "silent"],
        [1, "refused"],
      ],
      null,
    ],
    [
      "what two of three say",
      [
        [2, "silent"],
        [1, "refused"],
      ],
      "silent",
    ],
    [
      "what four of five say",
      [
        [1, "refused"],
        [4, "silent"],
      ],
      "silent",
    ],
    [
      "nothing, where two of five differ",
      [
        [3, "silent"],
        [2, "refused"],
      ],
      null,
    ],
    [
      "what four of six say",
      [
        [4, "silent"],
        [2, "refused"],
      ],
      "silent",
    ],
    [
      "what four of six say, though the two differ too",
      [
        [1, "hung"],
        [4, "silent"],
        [1, "refused"],
      ],
      "silent",
    ],
    [
      "nothing, where three of six differ",
      [
        [3, "silent"],
        [3, "refused"],
      ],
      null,
    ],
  ])("is %s", (_name, kinds, kind) => {
    let from = 0;
    const counted = kinds.flatMap(([count, one]) => votes(count, one, (from += count) - count));
    expect(quorum(counted).kind).toBe(kind);
  });

  it("is counted once the kinds are merged that mean the same", () => {
    const seen = seenOfVotes([...votes(3, "silent"), ...votes(3, "hung", 3)]);
    expect(quorumOf(seen, (kind) => (kind === "silent" ? "hung" : kind), TUNING).kind).toBe("hung");
  });
});

describe("an agreement, wherever its vantages stand", () => {
  it.each<[string, Vote[], Partial<Seen>, ReturnType<typeof agreementOf>]>([
    ["is of five who are silent to it", votes(5, "silent"), {}, { kind: "silent", unanimous: true }],
    ["is no more than a kind by four of seven", votes(4, "silent"), {}, { kind: "silent", unanimous: false }],
    [
      "is of all there are where they differ",
      [...votes(3, "silent"), ...votes(2, "refused", 3)],
      {},
      { kind: null, unanimous: true },
    ],
    [
      "is none while whoever reached it last has yet to look",
      votes(5, "silent"),
      { lastReacherHeard: false },
      { kind: "silent", unanimous: false },
    ],
    [
      "is of one where one is enough",
      votes(1, "hung"),
      policy({ minVantages: 1 }),
      { kind: "hung", unanimous: true },
    ],
  ])("%s", (_name, counted, part, agreement) => {
    expect(agreementOf(seenOfVotes(counted, part), (kind) => kind, TUNING)).toEqual(agreement);
  });
});

describe("any votes", () => {
  const kinds = fc.array(fc.constantFrom<Kind>("silent", "refused", "hung", "wrong"), { maxLength: 7 });
  const of = (all: readonly Kind[]): Vote[] => all.map((kind, index) => vote(IDS[index] ?? "", kind));

  it("agree on the same in whatever order they came, but for a tie", () => {
    fc.assert(
      fc.property(kinds, (all) => {
        const [one, other] = [quorum(of(all)), quorum(of(all.toReversed()))];
        const counts = [...Map.groupBy(all, (kind) => kind).values()].map(({ length }) => length);
        const most = Math.max(0, ...counts);
        if (counts.filter((count) => count === most).length <= 1) expect(one.kind).toBe(other.kind);
        expect([one.met, one.unanimous]).toEqual([other.met, other.unanimous]);
      }),
    );
  });

  it("that make up a quorum make it up with one more that agrees", () => {
    fc.assert(
      fc.property(kinds, (all) => {
        const { kind, met } = quorum(of(all));
        if (!met || kind === null || all.length === 7) return;
        expect(quorum(of([...all, kind]))).toMatchObject({ kind, met });
      }),
    );
  });
});

describe("a quorum", () => {
  const inRegion = (region: string): Vote[] =>
    IDS.slice(0, 5).map((id) => vote(vantage(id, { region }), "silent"));
  const ofTwo = votes(5, "silent").map(({ record, ...rest }, index) => ({
    ...rest,
    record: { ...record, vantage: { ...record.vantage, provider: index === 0 ? "other" : "net" } },
  }));

  it.each<[string, Vote[], Partial<Seen>, boolean]>([
    ["is met by five of seven", votes(5, "silent"), {}, true],
    ["is not by four of seven", votes(4, "silent"), {}, false],
    ["is met by three of four", votes(3, "silent"), { soundCount: 4 }, true],
    ["is not by two of three", votes(2, "silent"), { soundCount: 3 }, false],
    ["is not by one region", inRegion("x"), {}, false],
    [
      "is by one region where one vantage is enough",
      inRegion("x").slice(0, 1),
      policy({ minVantages: 1 }),
      true,
    ],
    ["is not by one provider where two are asked for", votes(5, "silent"), policy({ providers: 2 }), false],
    ["is by two where two are", ofTwo, policy({ providers: 2 }), true],
    ["is not while they do not agree", [...votes(3, "silent"), ...votes(2, "refused", 3)], {}, false],
    [
      "is not while whoever reached it last has yet to look",
      votes(5, "silent"),
      { lastReacherHeard: false },
      false,
    ],
  ])("%s", (_name, counted, part, met) => {
    expect(quorum(counted, part).met).toBe(met);
  });

  it.each([
    ["one of seven", 5, 7, 1, true],
    ["not two of seven", 5, 7, 2, false],
    ["two of eight", 5, 8, 2, true],
    ["one of four", 3, 4, 1, true],
    ["not one of three", 3, 3, 1, false],
  ])("does without a quarter: without %s", (_name, failing, soundCount, unheard, met) => {
    expect(quorum(votes(failing, "silent"), { soundCount, unheard }).met).toBe(met);
  });

  it.each([
    ["waits for it an interval and eight seconds", 12_999, false],
    ["and no longer", 13_000, true],
  ])("that lacks one of two providers %s", (_name, agoMs, met) => {
    const part = { providers: new Set(["net", "other"]), failingSince: NOW - agoMs };
    expect(quorum(votes(5, "silent"), part).met).toBe(met);
    expect(quorum(ofTwo, part).met).toBe(true);
  });

  it.each<[string, Vote[], Partial<Seen>, boolean]>([
    ["all of two, who are no quorum", votes(2, "silent"), { soundCount: 2 }, true],
    ["not by one of two", votes(1, "silent"), { soundCount: 2 }, false],
    ["by five of seven, wherever they stand", inRegion("x"), {}, true],
    ["by those who differ", [...votes(3, "silent"), ...votes(2, "refused", 3)], {}, true],
    ["by nobody", [], { soundCount: 0 }, false],
  ])("is unanimous by %s", (_name, counted, part, unanimous) => {
    expect(quorum(counted, part)).toMatchObject({ unanimous });
  });

  it.each([
    ["an interval and a timeout after the fifth newest of them", 6, NOW - 5_000 + 7_000],
    ["the same where the fifth is the oldest", 5, NOW - 5_000 + 7_000],
    ["never without it", 4, 0],
  ])("is recent enough until %s", (_name, count, until) => {
    const counted = IDS.slice(0, count).map((id, index) => vote(id, "silent", NOW - 1_000 * (index + 1)));
    expect(quorum(counted).until).toBe(until);
  });
});
