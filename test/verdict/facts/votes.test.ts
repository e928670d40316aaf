import { describe, expect, it } from "vitest";
import {
  hasOpenedLate,
  freshnessMs,
  isOpen,
  type VoteKind,
  voteKindOf,
  type SilentRun,
  silentRun,
  trailingSilences,
  voteLifeMs,
  voteOf,
} from "../../../src/verdict/facts/votes.ts";
import { EMPTY_EDGE } from "../../../src/verdict/memory/observation-record.ts";
import type { Edge, ObservationRecord } from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { edge, NOW, observed, targetState, vantage } from "../made.ts";

describe("how long evidence counts", () => {
  it.each([
    ["fifteen seconds for a verdict and thirty for a vote, at the shortest interval", 5_000, 15_000, 30_000],
    ["the same up to seven and a half seconds", 7_500, 15_000, 30_000],
    ["two intervals and four beyond them", 7_501, 15_002, 30_004],
    ["a minute and two, at half a minute", 30_000, 60_000, 120_000],
  ])("is %s", (_name, intervalMs, fresh, voteLife) => {
    const state = targetState({ target: { intervalMs } });
    expect([freshnessMs(state, TUNING), voteLifeMs(state, TUNING)]).toEqual([fresh, voteLife]);
  });
});

describe("what an observation says", () => {
  const kind = (
    outcome: ObservationRecord["outcome"],
    part: Partial<ObservationRecord> = {},
    of: Partial<Edge> = {},
  ): VoteKind | null => voteKindOf(observed(NOW, outcome, part), { ...EMPTY_EDGE, ...of }, NOW, TUNING);

  it.each<[ObservationRecord["outcome"], VoteKind | null]>([
    ["ok", "ok"],
    ["refused", "refused"],
    ["connect_timeout", "silent"],
    ["response_timeout", "hung"],
    ["pending", "silent"],
    ["app_error", "wrong"],
    ["reset", "wrong"],
    ["tls_failure", "wrong"],
    ["dns_failure", "wrong"],
    ["blocked", null],
  ])("of %s is %s", (outcome, said) => {
    expect(kind(outcome)).toBe(said);
  });

  it.each<[string, ObservationRecord["outcome"], Partial<ObservationRecord>, VoteKind | null]>([
    ["before it opened it is silent", "pending", { stage: "connect" }, "silent"],
    ["where nobody knows whether it opened it is silent", "pending", { stage: "unknown" }, "silent"],
    ["in its handshake it hangs", "pending", { stage: "tls" }, "hung"],
    ["after it opened it hangs", "pending", { stage: "response" }, "hung"],
    ["in the midst of its answer it is wrong", "pending", { stage: "body" }, "wrong"],
    ["in the midst of its answer it is wrong at the end too", "response_timeout", { stage: "body" }, "wrong"],
    ["opened half a second before the end it hangs", "response_timeout", { connectMs: 500 }, "hung"],
    ["opened later it is let in and not answered in time", "response_timeout", { connectMs: 501 }, "hung"],
    [
      "opened later and given up early it has not been waited on",
      "response_timeout",
      { connectMs: 501, openUntil: NOW },
      null,
    ],
    [
      "it tells nothing while it may be answered yet",
      "pending",
      { stage: "response", openUntil: NOW + 1 },
      null,
    ],
    ["it hangs once that time is over", "pending", { stage: "response", openUntil: NOW }, "hung"],
    ["given up early it tells no more", "response_timeout", { openUntil: NOW + 1 }, null],
    ["given up early it hangs when its time is over", "response_timeout", { openUntil: NOW }, "hung"],
    ["half an answer may be ended yet", "response_timeout", { stage: "body", openUntil: NOW + 1 }, null],
    ["half an answer is wrong after that", "response_timeout", { stage: "body", openUntil: NOW }, "wrong"],
  ])("of a silence is by its stage: %s", (_name, outcome, part, said) => {
    expect(kind(outcome, part)).toBe(said);
  });

  const KNOWN = { connectMs: 100, connects: 5 };
  it.each<[string, Partial<ObservationRecord>, Partial<Edge>, VoteKind]>([
    ["came half the way of a healthy connect: it is the host's", { totalMs: 50 }, KNOWN, "refused"],
    ["came faster: something nearer refuses", { totalMs: 49 }, KNOWN, "rejected"],
    ["is timed by its own connect, where that is known", { totalMs: 80, connectMs: 49 }, KNOWN, "rejected"],
    ["came through a proxy, which is nearer", { totalMs: 90, proxied: true }, KNOWN, "rejected"],
    [
      "came fast, and four healthy connects tell too little",
      { totalMs: 1 },
      { ...KNOWN, connects: 4 },
      "refused",
    ],
    ["came fast, and none was measured", { totalMs: 1 }, { connectMs: null, connects: 9 }, "refused"],
    ["came fast, and so does everything", { totalMs: 1 }, { connectMs: 4.9, connects: 9 }, "refused"],
    [
      "came faster than half of five milliseconds",
      { totalMs: 2.4 },
      { connectMs: 5, connects: 9 },
      "rejected",
    ],
  ])("of a refusal is by its way: it %s", (_name, part, of, said) => {
    expect(kind("refused", part, of)).toBe(said);
  });
});

describe("a vote", () => {
  const of = (...recent: ObservationRecord[]): VoteKind | null =>
    voteOf(vantage("a"), edge(recent), NOW - 30_000, NOW, TUNING)?.kind ?? null;

  it.each<[string, ObservationRecord[], VoteKind | null]>([
    ["is the newest observation", [observed(NOW - 9_000), observed(NOW - 4_000, "refused")], "refused"],
    ["counts to its last millisecond", [observed(NOW - 30_000, "refused")], "refused"],
    ["expires after it", [observed(NOW - 30_001, "refused")], null],
    [
      "is the one before what is no evidence",
      [observed(NOW - 9_000), observed(NOW - 4_000, "blocked")],
      "ok",
    ],
    ["is none where that has expired", [observed(NOW - 30_001), observed(NOW - 4_000, "blocked")], null],
    ["is none where nothing was seen", [], null],
    [
      "is the one before what may be answered yet",
      [observed(NOW - 9_000), observed(NOW - 1_000, "pending", { stage: "response", openUntil: NOW + 1 })],
      "ok",
    ],
    [
      "is that when its time is over",
      [observed(NOW - 9_000), observed(NOW - 1_000, "pending", { stage: "response", openUntil: NOW })],
      "hung",
    ],
  ])("%s", (_name, recent, said) => {
    expect(of(...recent)).toBe(said);
  });

  it("is none of who has never looked", () => {
    expect(voteOf(vantage("a"), undefined, 0, NOW, TUNING)).toBeNull();
  });
});

describe("an answer that may still come", () => {
  it.each<[string, Partial<ObservationRecord>, boolean]>([
    ["is waited for to the last millisecond", { openUntil: NOW + 1 }, true],
    ["is not waited for after it", { openUntil: NOW }, false],
    ["is none of what was waited on in full", {}, false],
  ])("%s", (_name, part, open) => {
    expect(isOpen(observed(NOW - 1_000, "response_timeout", part), NOW)).toBe(open);
  });
});

const [OK, REFUSED, SILENT] = [
  observed(1_000),
  observed(2_000, "refused"),
  observed(3_000, "connect_timeout"),
];
const LATER = observed(9_000, "connect_timeout");

describe("the silences at the end of an edge", () => {
  const run = (first: number, last: number, settled: number, isWhole = settled > 0): SilentRun => ({
    first,
    last,
    settled,
    isWhole,
  });
  const [BOTH, NEWER, NONE] = [run(3_000, 9_000, 2), run(9_000, 9_000, 1), run(0, 0, 0)];

  it.each<[string, ObservationRecord[], number, SilentRun]>([
    ["are all of them", [SILENT, LATER], 0, BOTH],
    ["end with an answer", [SILENT, observed(4_000), LATER], 0, NEWER],
    ["end with a refusal", [SILENT, observed(4_000, "refused"), LATER], 0, NEWER],
    ["are none behind an answer", [SILENT, LATER, observed(9_500)], 0, NONE],
    [
      "end with a connection that was taken, though its answer may still come",
      [SILENT, observed(4_000, "pending", { stage: "response", openUntil: NOW }), LATER],
      0,
      NEWER,
    ],
    ["are none where nothing was seen", [], 0, NONE],
    ["are not parted by what is no evidence", [SILENT, observed(4_000, "blocked"), LATER], 0, BOTH],
    ["are those since then, the first instant included", [SILENT, LATER], 3_000, BOTH],
    ["are none from before", [SILENT, LATER], 3_001, NEWER],
  ])("%s", (_name, recent, since, expected) => {
    expect(silentRun(edge(recent), since, { now: NOW, timeoutMs: 1_000 }, TUNING)).toEqual(expected);
  });

  it.each<[string, ObservationRecord["outcome"], number, number, boolean]>([
    ["once its time is over, and a report's", "pending", 12_000, 2, true],
    ["not while its answer may be on the way yet", "pending", 11_999, 1, false],
    ["at once where its outcome is final", "connect_timeout", 9_000, 2, false],
  ])("are settled of the newest %s", (_name, outcome, now, settled, isWhole) => {
    const recent = [SILENT, observed(9_000, outcome)];
    expect(silentRun(edge(recent), 0, { now, timeoutMs: 2_000 }, TUNING)).toEqual(
      run(3_000, 9_000, settled, isWhole),
    );
  });

  it.each<[string, number[], boolean]>([
    ["nine tenths of it", [1_000, 1_800], true],
    ["it in the first of them", [2_000, 1_000], true],
    ["less in each", [1_000, 1_799], false],
  ])("were waited on for all of the timeout by %s", (_name, totalMs, isWhole) => {
    const recent = totalMs.map((ms, at) => observed(3_000 + at, "connect_timeout", { totalMs: ms }));
    expect(silentRun(edge(recent), 0, { now: NOW, timeoutMs: 2_000 }, TUNING).isWhole).toBe(isWhole);
  });
});

describe("the silences since the last answer", () => {
  it.each<[string, ObservationRecord[], number, number[]]>([
    ["are none where an ok came last", [SILENT, observed(9_000)], 0, []],
    ["are those after an ok", [OK, SILENT, LATER], 0, [3_000, 9_000]],
    ["are those after a refusal, which is an answer", [OK, REFUSED, SILENT], 0, [3_000]],
    [
      "are not parted by a refusal nearer than the host",
      [SILENT, { ...REFUSED, begin: 4_000, proxied: true }, LATER],
      0,
      [3_000, 9_000],
    ],
    [
      "are not parted by a name that failed",
      [SILENT, observed(4_000, "dns_failure"), LATER],
      0,
      [3_000, 9_000],
    ],
    ["are not parted by what is no evidence", [SILENT, observed(4_000, "blocked"), LATER], 0, [3_000, 9_000]],
    ["are none from before the time asked for", [SILENT, LATER], 3_001, [9_000]],
    [
      "are those after a connection that was taken, though its answer may still come",
      [SILENT, observed(4_000, "pending", { stage: "response", openUntil: NOW }), LATER],
      0,
      [9_000],
    ],
  ])("%s", (_name, recent, since, begins) => {
    expect(trailingSilences(edge(recent), since, TUNING).map(({ begin }) => begin)).toEqual(begins);
  });

  it.each<[string, number, number | undefined, boolean]>([
    ["may be one burst within half a minute", 29_999, undefined, true],
    ["are two after it", 30_000, undefined, false],
    ["may be one where half of the first is left", 1_000, 0.5, true],
    ["are two where less of it is left", 1_000, 0.49, false],
  ])("%s", (_name, gapMs, weight, isRepeat) => {
    const first = observed(1_000, "connect_timeout", weight === undefined ? {} : { weight });
    const all = trailingSilences(edge([first, observed(1_000 + gapMs, "connect_timeout")]), 0, TUNING);
    expect(all).toEqual([
      { begin: 1_000, weight: weight ?? 1, lost: 0, isRepeat: false },
      { begin: 1_000 + gapMs, weight: 1, lost: 0, isRepeat },
    ]);
  });

  it("carry what was lost at their site in their own time", () => {
    const lossy = { ...SILENT, lost: 0.4 };
    expect(trailingSilences(edge([lossy, LATER]), 0, TUNING).map(({ lost }) => lost)).toEqual([0.4, 0]);
  });
});

it.each<[string, Partial<ObservationRecord>, boolean]>([
  ["is late within half a second of the end", { connectMs: 501 }, true],
  ["is not late before that", { connectMs: 500 }, false],
  ["is not known to be late where nobody knows when it opened", {}, false],
])("a connection that opens %s", (_name, part, isLate) => {
  expect(hasOpenedLate(observed(0, "response_timeout", { totalMs: 1_000, ...part }), TUNING)).toBe(isLate);
});
