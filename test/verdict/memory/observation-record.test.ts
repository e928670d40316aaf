import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Observation } from "../../../src/domain/observation.ts";
import {
  EMPTY_EDGE,
  explained,
  extended as extendedBy,
  leftOf,
  enrolled,
  newRecord,
  proven as provenBy,
  provenAt,
  toRecord,
  UNPROVEN,
} from "../../../src/verdict/memory/observation-record.ts";
import type { Edge, Proof, ObservationRecord } from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { edge, NOW, proofAt, observed, vantage } from "../made.ts";

const proven = (proof: Proof, at: number): Proof => provenBy(proof, at, TUNING);
/** `okAt`: the end of the target's good time. By default all records here are in it. */
const extended = (known: Edge, one: ObservationRecord, okAt = NOW): Edge =>
  extendedBy(known, one, okAt, TUNING);
const kept = (part: Partial<Observation>): ObservationRecord =>
  toRecord({ ...OBSERVED, ...part }, NOW, 2_000, TUNING);

const OBSERVED: Observation = {
  site: "fra",
  target: "db-1",
  subject: "target",
  begin: NOW,
  outcome: "ok",
  stage: "done",
  totalMs: 12,
};

const AWAITED: Partial<Observation> = { outcome: "pending", stage: "response", totalMs: 1_000 };

describe("an observation as it is kept", () => {
  it.each([
    ["begins when it began", -1, -1],
    ["may begin now", 0, 0],
    ["begins now where a clock runs ahead", 1, 0],
  ])("%s", (_name, begin, expected) => {
    expect(kept({ begin: NOW + begin }).begin).toBe(NOW + expected);
  });

  it("has nothing that was not observed", () => {
    expect(kept({})).toEqual({ begin: NOW, outcome: "ok", stage: "done", totalMs: 12 });
    const more = { connectMs: 3, detail: "status 200", proxied: true, drill: { id: "one", live: true } };
    expect(kept(more)).toMatchObject(more);
  });

  // Two seconds are the target's own timeout, and the answer may be under way for one more.
  it.each<[string, Partial<Observation>, number | undefined]>([
    [
      "given up before its timeout",
      { outcome: "response_timeout", stage: "response", totalMs: 1_999 },
      3_000,
    ],
    ["waited for in full", { outcome: "response_timeout", stage: "response", totalMs: 2_000 }, undefined],
    ["half read", { outcome: "response_timeout", stage: "body", totalMs: 1_000 }, 3_000],
    ["awaited still", { outcome: "pending", stage: "response", totalMs: 1_000 }, 3_000],
    ["awaited in its handshake", { outcome: "pending", stage: "tls", totalMs: 1_000 }, 3_000],
    ["awaited for its whole timeout", { outcome: "pending", stage: "response", totalMs: 2_000 }, undefined],
    ["from a clock that is slow", { ...AWAITED, begin: NOW - 700 }, 2_300],
    ["from a clock that runs ahead", { ...AWAITED, begin: NOW + 700 }, 3_000],
    ["of a connection that has not opened", { outcome: "pending", stage: "connect" }, undefined],
    ["of one of which nobody knows that", { outcome: "pending", stage: "unknown" }, undefined],
    ["that came, however quickly", {}, undefined],
    ["that was a refusal", { outcome: "refused", stage: "connect" }, undefined],
    ["that never was, since it timed out before it opened", { outcome: "connect_timeout" }, undefined],
  ])("is open so long of an answer %s", (_name, part, openMs) => {
    expect(kept(part).openUntil).toBe(openMs === undefined ? undefined : NOW + openMs);
  });
});

describe("an edge with one more observation", () => {
  it("keeps the certificate of its newest look alone", () => {
    const certificate = { expiresAt: NOW, names: ["db.example"], issuers: ["R11"] };
    const look = (begin: number, more: Partial<ObservationRecord> = {}): ObservationRecord => ({
      ...observed(begin),
      certificate,
      ...more,
    });
    const shownOf = (...looks: ObservationRecord[]): (number | undefined)[] =>
      looks
        .reduce((known, one) => extended(known, one), EMPTY_EDGE)
        .recent.map((one) => one.certificate?.expiresAt);
    expect(shownOf(look(NOW - 2), look(NOW - 1), look(NOW))).toEqual([undefined, undefined, NOW]);
    expect(shownOf(look(NOW), look(NOW - 1))).toEqual([undefined, NOW]);
    expect(shownOf(look(NOW - 1), look(NOW, { certificate: undefined }))).toEqual([undefined, undefined]);
  });

  const begins = ({ recent }: Edge): number[] => recent.map(({ begin }) => begin);

  it.each<[string, number[], number, number[]]>([
    ["has it last where it began last", [10, 20], 30, [10, 20, 30]],
    ["has it where it began, however late it is told of", [10, 30], 20, [10, 20, 30]],
    ["has it first where it began first", [20, 30], 10, [10, 20, 30]],
    ["keeps eight", [1, 2, 3, 4, 5, 6, 7], 8, [1, 2, 3, 4, 5, 6, 7, 8]],
    ["gives the oldest up for a ninth", [1, 2, 3, 4, 5, 6, 7, 8], 9, [2, 3, 4, 5, 6, 7, 8, 9]],
    ["takes none older than the eight it has", [2, 3, 4, 5, 6, 7, 8, 9], 1, [2, 3, 4, 5, 6, 7, 8, 9]],
  ])("%s", (_name, known, begin, expected) => {
    expect(begins(extended(edge(known.map((at) => observed(at))), observed(begin)))).toEqual(expected);
  });

  it.each<[string, number, number[], number, number[]]>([
    [
      "the oldest where two of the good time are left",
      2,
      [1, 2, 3, 4, 5, 6, 7, 8],
      9,
      [2, 3, 4, 5, 6, 7, 8, 9],
    ],
    ["the second of the trouble where one is", 1, [1, 2, 3, 4, 5, 6, 7, 8], 9, [1, 2, 4, 5, 6, 7, 8, 9]],
    ["the third where it was never good", 0, [1, 2, 3, 4, 5, 6, 7, 8], 9, [1, 2, 4, 5, 6, 7, 8, 9]],
    ["a newer one for the last of the good time", 1, [2, 3, 4, 5, 6, 7, 8, 9], 1, [1, 2, 4, 5, 6, 7, 8, 9]],
    ["a newer one for the first of the trouble", 1, [1, 3, 4, 5, 6, 7, 8, 9], 2, [1, 2, 4, 5, 6, 7, 8, 9]],
  ])("forgets of a trouble %s", (_name, okAt, known, begin, expected) => {
    expect(begins(extended(edge(known.map((at) => observed(at))), observed(begin), okAt))).toEqual(expected);
  });

  it("keeps the last of the good time, the first of the trouble and the newest, in whatever order they are told", () => {
    const told = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(told, fc.integer({ min: 0, max: 60 }), (all, okAt) => {
        const after = begins(all.reduce((known, at) => extended(known, observed(at), okAt), EMPTY_EDGE));
        const inOrder = all.toSorted((a, b) => a - b);
        expect(after.length).toBe(Math.min(8, all.length));
        for (const at of [
          inOrder.findLast((at) => at <= okAt),
          inOrder.find((at) => at > okAt),
          inOrder.at(-1),
        ])
          if (at !== undefined) expect(after).toContain(at);
      }),
    );
  });

  it.each<[string, ObservationRecord["outcome"], ObservationRecord["outcome"], ObservationRecord["outcome"]]>(
    [
      ["puts the outcome in the place of its own pending", "pending", "ok", "ok"],
      ["puts a silence there as well", "pending", "connect_timeout", "connect_timeout"],
      ["keeps an outcome against a pending that is told of late", "refused", "pending", "refused"],
      ["keeps the first outcome of two", "ok", "refused", "ok"],
    ],
  )("%s", (_name, known, told, expected) => {
    const { recent } = extended(edge([observed(10, known)]), observed(10, told));
    expect(recent.map(({ outcome }) => outcome)).toEqual([expected]);
  });

  it.each<[string, Partial<Edge>, Partial<ObservationRecord>, number | null, number]>([
    ["is the first that was measured", {}, { connectMs: 100 }, 100, 1],
    ["gives way to a shorter one at once", { connectMs: 100, connects: 4 }, { connectMs: 60 }, 60, 5],
    ["gives way to a longer one by a hundredth", { connectMs: 100, connects: 4 }, { connectMs: 300 }, 102, 5],
    ["stays where none was measured", { connectMs: 100, connects: 4 }, {}, 100, 4],
    [
      "is not learnt from a drill",
      { connectMs: 100, connects: 4 },
      { connectMs: 1, drill: { id: "one", live: true } },
      100,
      4,
    ],
    [
      "is not learnt from a refusal",
      { connectMs: 100, connects: 4 },
      { connectMs: 1, outcome: "refused" },
      100,
      4,
    ],
  ])("of whose healthy connects the shortest %s", (_name, known, part, connectMs, connects) => {
    const after = extended({ ...EMPTY_EDGE, ...known }, observed(10, "ok", part));
    expect(after.connectMs).toBe(connectMs);
    expect(after.connects).toBe(connects);
  });

  it("remembers the newest ok, though an older one is told of later", () => {
    const after = extended(edge([observed(20)]), observed(10));
    expect([after.lastOk, extended(after, observed(30, "refused")).lastOk]).toEqual([20, 20]);
  });

  it("is the same in whatever order they are told", () => {
    const told = fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(told, (all) => {
        const after = all.reduce((known, at) => extended(known, observed(at)), EMPTY_EDGE);
        expect(begins(after)).toEqual(all.toSorted((a, b) => a - b));
        expect(after.lastOk).toBe(Math.max(...all));
      }),
    );
  });
});

describe("an edge of whose silences a fault explains some", () => {
  it.each<[string, ObservationRecord, number | undefined]>([
    ["none that began with the gap", observed(1_000, "connect_timeout"), undefined],
    ["what began in it", observed(1_001, "connect_timeout"), 0.25],
    ["what began at its very end", observed(2_000, "connect_timeout"), 0.25],
    ["none that began later", observed(2_001, "connect_timeout"), undefined],
    ["no answer", observed(1_500), undefined],
    ["what is left of what another explained before", observed(1_500, "pending", { weight: 0.5 }), 0.125],
  ])("weighs down %s", (_name, one, weight) => {
    expect(explained(edge([one]), 1_000, 2_000, 0.25).recent[0]?.weight).toBe(weight);
  });

  it("is the same where the gap explains nothing of it", () => {
    const known = edge([observed(500, "refused"), observed(1_500)]);
    expect(explained(known, 1_000, 2_000, 0)).toBe(known);
  });
});

describe("when an observation proves its path", () => {
  it.each<[string, Partial<ObservationRecord>, number, number | null]>([
    ["an answer, by when its last leg was sent and a guard", { connectMs: 100 }, 20_000, 10_300],
    ["an answer, never later than it arrived", { connectMs: 100 }, 10_150, 10_150],
    ["a refusal, by its one leg", { outcome: "refused", stage: "connect" }, 20_000, 10_200],
    ["an accepted connection, by its opening", { outcome: "pending", stage: "response" }, 20_000, 10_200],
    ["silence proves nothing", { outcome: "connect_timeout", stage: "connect" }, 20_000, null],
    ["nor does what is still silent", { outcome: "pending", stage: "connect" }, 20_000, null],
    ["nor a name that failed", { outcome: "dns_failure", stage: "connect" }, 20_000, null],
    ["nor a proxy's word for the node", { outcome: "app_error", proxied: true }, 20_000, null],
    ["nor what the platform would not carry", { outcome: "blocked" }, 20_000, null],
    ["an answer of which nobody knows when it opened, by its begin", {}, 20_000, 10_200],
  ])("%s", (_name, part, arrivedAt, at) => {
    expect(provenAt(observed(10_000, "ok", part), arrivedAt, TUNING)).toBe(at);
  });
});

describe("a gap between two proofs", () => {
  const suspected = (badness: number): Proof => ({ at: 0, badness, gap: null });

  it.each<[string, number, number, number | null]>([
    ["leaves nearly all of it to others where the cause was hardly suspected", 0.25, 10_000, null],
    ["leaves three in a hundred less for ten seconds of what was as likely as not", 0.5, 10_000, 1 / 1.03],
    ["leaves less for a minute of it", 0.5, 60_000, 1 / 1.18],
    ["and no less for an hour", 0.5, 3_600_000, 1 / 1.18],
    ["leaves the little that a hundredth of doubt does", 0.99, 60_000, 1 / 18.82],
    ["leaves nothing where that is less than one in twenty", 0.992, 60_000, 0],
    ["leaves nothing within a millisecond where the fault was certain", 1, 1, 0],
  ])("%s", (_name, badness, gapMs, factor) => {
    const { gap } = proven(proofAt(NOW, badness), NOW + gapMs);
    if (factor === null) expect(gap).toBeNull();
    else expect(gap?.factor).toBeCloseTo(factor, 9);
  });

  it("is closed by the answer: what was suspected before it is not any more", () => {
    expect(proven(proofAt(1_000, 0.5), 2_000)).toMatchObject({ at: 2_000, badness: 0 });
    const proof = proofAt(1_000, 0.5);
    expect(proven(proof, 1_000)).toBe(proof);
    expect(proven(proof, 999)).toBe(proof);
  });

  it("explains nothing where nothing was suspected: what was silent in it was lost", () => {
    expect(leftOf(proven(suspected(0.001), 10_000), 5_000)).toBe(1);
  });

  it("explains the more the surer the fault was and the longer it lasted", () => {
    const left = (badness: number, ms: number): number => leftOf(proven(suspected(badness), ms), ms / 2);
    expect(left(0.99, 10_000)).toBeLessThan(left(0.9, 10_000));
    expect(left(0.99, 30_000)).toBeLessThan(left(0.99, 10_000));
    expect(left(0.99999, 30_000)).toBe(0);
  });

  it("explains what is less than all but one in a hundred, and is not remembered for less", () => {
    const left = (badness: number): number => leftOf(proven(suspected(badness), 60_000), 30_000);
    expect(left(0.078)).toBeCloseTo(0.985, 3);
    expect(left(0.05)).toBe(1);
  });

  it("explains only what began in it", () => {
    const proof = proven({ at: 1_000, badness: 0.9999, gap: null }, 20_000);
    expect([1_000, 1_001, 20_000, 20_001].map((begin) => leftOf(proof, begin) < 1)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("is remembered past later gaps that explain nothing, for silences that are told of late", () => {
    const explained = proven({ at: 0, badness: 0.9999, gap: null }, 20_000);
    expect(leftOf(proven(explained, 21_000), 10_000)).toBe(leftOf(explained, 10_000));
  });

  it("proves the same in whatever order the answers arrive", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 10 }),
        (times) => {
          const last = times.reduce((proof, at) => proven(proof, at), UNPROVEN);
          expect(last.at).toBe(Math.max(...times));
          expect(last.badness).toBe(0);
        },
      ),
    );
  });
});

describe("a vantage that nobody has heard of yet", () => {
  it("is silent, and has reported and proven nothing", () => {
    const { vantage: one } = vantage("a");
    const record = newRecord(one);
    expect(record).toMatchObject({ vantage: one, state: "silent", lastReportAt: null, lastSequence: 0 });
    expect(record.proof).toBe(UNPROVEN);
  });

  it("is new where it is not known", () => {
    const { vantage: one } = vantage("a");
    expect(enrolled(undefined, one)).toEqual(newRecord(one));
  });

  it("stays what it is, and has its reports numbered anew with another token", () => {
    const known = vantage("a", { lastSequence: 9, reports: 9, refusedAt: [1, 2, 3] });
    expect(enrolled(known, known.vantage)).toEqual(known);
    const rotated = { ...known.vantage, rotations: 1 };
    expect(enrolled(known, rotated)).toEqual({ ...known, vantage: rotated, lastSequence: 0, refusedAt: [] });
  });
});
