import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Seen } from "../../../src/verdict/facts/facts.ts";
import {
  agreementOf,
  hasBeenLong,
  longFrom,
  isServedToNobody,
  isSilentWithSite,
  neededVotes,
  quorumOf,
} from "../../../src/verdict/facts/quorum.ts";
import type { VoteKind, Vote } from "../../../src/verdict/facts/votes.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { factsOfVotes, IDS, judged, KEY, NOW, seenOfVotes, observed, vantage, vote, votes } from "../made.ts";

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

describe("a target is silent as all of its site is", () => {
  const two = ["a", "b"].map((id) => vote(id, "silent", NOW - 1_000));
  const hasIts = { siteMissedBy: 5, siteUnreached: 0.99 };

  it.each<[string, Vote[], Partial<typeof hasIts>, boolean]>([
    ["by two who miss it", two, {}, true],
    ["not by one", two.slice(1), {}, false],
    [
      "not by two of one region",
      ["a", "b"].map((id) => vote(vantage(id, { region: "x" }), "silent", NOW - 1_000)),
      {},
      false,
    ],
    ["not where one is refused", [...two, vote("c", "refused", NOW - 1_000)], {}, false],
    ["not where fewer than a quorum have missed the site", two, { siteMissedBy: 4 }, false],
    ["not where somebody may still reach the site", two, { siteUnreached: 0.9899 }, false],
    ["not while one may be answered late", [...two, vote("c", "silent", NOW - 999)], {}, false],
  ])("%s", (_name, counted, part, isIt) => {
    const facts = factsOfVotes(counted, { soundCount: 9, onset: NOW - 5_000 });
    expect(isSilentWithSite(facts, { ...hasIts, ...part }, TUNING)).toBe(isIt);
  });
});

describe("what the failing votes agree on", () => {
  it.each<[string, [number, VoteKind][], VoteKind | null]>([
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

describe("whether nobody is served", () => {
  const before = [observed(NOW - 6_000, "refused")];
  /** Votes of `count` vantages that have failed twice since the onset, in these ways by turns. */
  const twice = (count: number, kinds: VoteKind[] = ["silent"]): Vote[] =>
    IDS.slice(0, count).map((id, index) =>
      vote(id, kinds[index % kinds.length] ?? "silent", NOW - 1_000, { before }),
    );
  const nobody = (failing: Vote[], part: Partial<Seen> = {}): boolean =>
    isServedToNobody(seenOfVotes(failing, part), TUNING);
  const ofVantages = (...vantages: string[]) => ({ target: judged(KEY, { vantages }) });

  it.each<[string, Vote[], Partial<Seen>, boolean]>([
    ["is so by five of seven", twice(5), {}, true],
    ["is not by four", twice(4), {}, false],
    ["is so, whatever befalls each of them", twice(5, ["refused", "silent", "wrong", "hung"]), {}, true],
    ["is not while one of them has looked once", [...twice(4), vote("e", "silent")], {}, false],
    ["is not by looks from before the onset", twice(5), { onset: NOW - 6_000 }, false],
    ["is so by looks since", twice(5), { onset: NOW - 6_001 }, true],
    ["is not while whoever reached it last has yet to look", twice(5), { lastReacherHeard: false }, false],
    ["is not while two of seven have yet to", twice(5), { unheard: 2 }, false],
    ["is so while one of seven has", twice(6), { unheard: 1 }, true],
    [
      "is so where they had two turns and a timeout to",
      twice(5),
      { unheard: 2, failingSince: NOW - 12_000 },
      true,
    ],
    ["is not where they had a little less", twice(5), { unheard: 2, failingSince: NOW - 11_999 }, false],
    ["is so by two where no more are sound", twice(2), { soundCount: 2 }, true],
    ["is not by one of two", twice(1), { soundCount: 2 }, false],
    ["is not by the only sound one of seven", twice(1), { soundCount: 1 }, false],
    ["is so by the only one there is", twice(1), { soundCount: 1, ...ofVantages("a") }, true],
    ["is so by as many as the policy says, but two at least", twice(2), policy({ minVantages: 1 }), true],
    ["is not by one of many, whatever the policy says", twice(1), policy({ minVantages: 1 }), false],
    ["is not by nobody", [], { soundCount: 0 }, false],
  ])("%s", (_name, failing, part, expected) => {
    expect(nobody(failing, part)).toBe(expected);
  });

  it.each<[string, number, boolean]>([
    ["is not told by what may be answered yet", NOW + 1, false],
    ["is once that time is over", NOW, true],
  ])("%s", (_name, openUntil, expected) => {
    const open = [observed(NOW - 6_000, "response_timeout", { openUntil })];
    const failing = IDS.slice(0, 5).map((id) => vote(id, "silent", NOW - 1_000, { before: open }));
    expect(nobody(failing)).toBe(expected);
  });
});

describe("what has not been served for long", () => {
  it("is so two intervals and a timeout after the last answer", () => {
    const long = (agoMs: number) =>
      hasBeenLong(seenOfVotes([], { onset: NOW - agoMs, failingSince: NOW - 9_000 }));
    expect([long(11_999), long(12_000)]).toEqual([false, true]);
  });

  it.each<[string, number, number, number]>([
    ["the last answer, where the first failure followed within an interval", NOW - 5_000, NOW, NOW + 7_000],
    ["an interval before the first failure, where nobody looked for longer", NOW - 5_001, NOW, NOW + 7_000],
    ["the first failure, where there was no answer", 0, NOW, NOW + 12_000],
  ])("counts from %s", (_name, onset, failingSince, from) => {
    expect(longFrom(seenOfVotes([], { onset, failingSince }))).toBe(from);
  });
});

describe("any votes", () => {
  const kinds = fc.array(fc.constantFrom<VoteKind>("silent", "refused", "hung", "wrong"), { maxLength: 7 });
  const of = (all: readonly VoteKind[]): Vote[] => all.map((kind, index) => vote(IDS[index] ?? "", kind));

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
    ["an interval, a timeout and 1.5 s after the fifth newest of them", 6, NOW - 5_000 + 8_500],
    ["the same where the fifth is the oldest", 5, NOW - 5_000 + 8_500],
    ["never without it", 4, 0],
  ])("is recent enough until %s", (_name, count, until) => {
    const counted = IDS.slice(0, count).map((id, index) => vote(id, "silent", NOW - 1_000 * (index + 1)));
    expect(quorum(counted).until).toBe(until);
  });
});
