import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Vote } from "../../../src/verdict/facts/votes.ts";
import type { TargetState } from "../../../src/verdict/memory/judge-state.ts";
import type { Conclusion } from "../../../src/verdict/naming/case.ts";
import { dwellMs, settle } from "../../../src/verdict/standing/settling.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  conclusion,
  factsOfVotes,
  NOW,
  type Observed,
  quorum,
  standingAs,
  targetState,
  vote,
  votes,
} from "../made.ts";

const settled = (
  part: Partial<Observed>,
  concluded: Partial<Conclusion>,
  counted: Vote[] = votes(6, "refused"),
): TargetState => {
  const facts = factsOfVotes(counted, part);
  return settle(facts, facts.state, { conclusion: conclusion(concluded), waiting: null }, TUNING);
};

describe("a dwell", () => {
  const fell = (...agoMs: number[]): number[] => agoMs.map((ms) => NOW - ms);

  it.each<[string, number[], number, number]>([
    ["is an interval before any fall", [], 5_000, 5_000],
    ["is an interval after one", fell(9), 5_000, 5_000],
    ["is half as long again after two", fell(9, 8), 5_000, 7_500],
    ["is that and a half after three", fell(9, 8, 7), 5_000, 11_250],
    ["is no more than half a minute after six", fell(9, 8, 7, 6, 5, 4), 5_000, 30_000],
    ["is no more than that at longer intervals", [], 60_000, 30_000],
    ["counts falls of ten minutes", fell(599_999, 9), 5_000, 7_500],
    ["counts none before", fell(600_000, 9), 5_000, 5_000],
  ])("%s", (_name, falls, intervalMs, ms) => {
    expect(dwellMs(targetState({ falls, target: { intervalMs } }), NOW, TUNING)).toBe(ms);
  });
});

describe("dwells", () => {
  it("grow with every fall and interval, and are never longer than half a minute nor shorter than an interval up to that", () => {
    const falls = fc.array(fc.integer({ min: 0, max: 700_000 }), { maxLength: 25 });
    fc.assert(
      fc.property(falls, fc.integer({ min: 5_000, max: 90_000 }), (agoMs, intervalMs) => {
        const of = (all: number[], ms: number): number =>
          dwellMs(
            targetState({ falls: all.map((one) => NOW - one), target: { intervalMs: ms } }),
            NOW,
            TUNING,
          );
        const dwell = of(agoMs, intervalMs);
        expect(of([...agoMs, 0], intervalMs)).toBeGreaterThanOrEqual(dwell);
        expect(of(agoMs, intervalMs + 1_000)).toBeGreaterThanOrEqual(dwell);
        expect(dwell).toBeLessThanOrEqual(30_000);
        expect(dwell).toBeGreaterThanOrEqual(Math.min(intervalMs, 30_000));
      }),
    );
  });
});

describe("while something is awaited", () => {
  it("what stands stays", () => {
    const state = standingAs("alive");
    const waiting = { rule: "x", what: "y", until: NOW + 1 };
    const after = settle(factsOfVotes(votes(6, "silent")), state, { conclusion: null, waiting }, TUNING);
    expect(after).toEqual({ ...state, waiting });
  });
});

describe("the routing of a fall", () => {
  const UNMET = { quorum: quorum({ met: false }) };
  const stood = (
    verdict: TargetState["standing"]["verdict"],
    sinceMs: number,
    part: Partial<TargetState["standing"]> = {},
  ) => ({
    state: standingAs(verdict, {
      standing: { since: NOW - sinceMs, routing: "avoid", ...part },
      settledRouting: "serve",
    }),
  });
  const gray = (onsetMs: number, episodeMs: number | null) => ({
    onset: NOW - onsetMs,
    state: standingAs("alive", { episodeAt: episodeMs === null ? null : NOW - episodeMs }),
  });

  it.each<[string, Partial<Observed>, Partial<Conclusion>, "serve" | "avoid"]>([
    ["avoids by a quorum", {}, {}, "avoid"],
    [
      "avoids without one where nobody is served",
      { state: standingAs("alive") },
      { ...UNMET, unserved: true },
      "avoid",
    ],
    [
      "avoids what is gray, though it had an ok in this trouble, where nobody is served",
      gray(900, 1_000),
      { verdict: "gray", unserved: true },
      "avoid",
    ],
    ["serves without one", { state: standingAs("alive") }, UNMET, "serve"],
    ["stays where the same verdict holds", stood("process_crashed", 1), UNMET, "avoid"],
    ["stays where another held for ten seconds", stood("unreachable", 10_000), UNMET, "avoid"],
    ["is the one before where that held for less", stood("unreachable", 9_999), UNMET, "serve"],
    [
      "is the one before where that was a rehearsal",
      stood("unreachable", 10_000, { drill: { id: "d", live: false } }),
      UNMET,
      "serve",
    ],
    ["serves in a partition", {}, { verdict: "partitioned" }, "serve"],
    ["serves what is gray and had an ok in this trouble", gray(900, 1_000), { verdict: "gray" }, "serve"],
    ["avoids what is gray and had none", gray(1_001, 1_000), { verdict: "gray" }, "avoid"],
    ["avoids what had none for fifteen seconds", gray(15_001, null), { verdict: "gray" }, "avoid"],
  ])("%s", (_name, facts, concluded, routing) => {
    expect(settled(facts, concluded).standing.routing).toBe(routing);
  });

  it("is the settled one of what is unknown", () => {
    const standing = settled(stood("process_crashed", 10_000), { verdict: "unknown" }).standing;
    expect(standing).toMatchObject({ verdict: "unknown", confirmed: false, routing: "avoid" });
    expect(settled(stood("process_crashed", 9_999), { verdict: "unknown" }).standing.routing).toBe("serve");
  });
});

describe("what stands", () => {
  const HELD = standingAs("process_crashed", { standing: { since: 100, heldSince: 200, confirmed: false } });

  it.each<[string, Partial<Conclusion>, [number, number]]>([
    ["holds on where nothing changes", { quorum: quorum({ met: false }) }, [100, 200]],
    ["is held anew where it is confirmed", { proof: "second" }, [100, NOW]],
    ["begins where it is another", { verdict: "unreachable" }, [NOW, NOW]],
  ])("%s", (_name, concluded, expected) => {
    const { since, heldSince } = settled({ state: HELD }, concluded).standing;
    expect([since, heldSince]).toEqual(expected);
  });

  it("is good for failover as long as its quorum is, and for no moment without", () => {
    expect(settled({}, { quorum: quorum({ until: 77 }) }).standing.quorumUntil).toBe(77);
    expect(settled({}, { quorum: quorum({ until: 77, met: false }) }).standing.quorumUntil).toBe(0);
  });

  it.each<[string, TargetState, number]>([
    ["from alive", standingAs("alive"), 1],
    ["in the midst of a recovery", standingAs("gray", { goodSince: NOW - 1 }), 1],
    ["not from another fall", standingAs("unreachable"), 0],
    ["not from what is unknown", standingAs("unknown", { goodSince: NOW - 1 }), 0],
    ["with those of ten minutes", standingAs("alive", { falls: [NOW - 600_000, NOW - 599_999] }), 2],
    [
      "and twenty at most",
      standingAs("alive", { falls: Array.from({ length: 20 }, (_, at) => NOW - 100 + at) }),
      20,
    ],
  ])("counts as a fall %s", (_name, state, falls) => {
    const after = settled({ state }, {}).falls;
    expect(after).toHaveLength(falls);
    if (falls > 0) expect(after.at(-1)).toBe(NOW);
  });
});

describe("a recovery", () => {
  const good = (state: TargetState, counted: Vote[]): TargetState =>
    settled({ state }, { verdict: "good", rule: "good" }, counted);
  /** A target that has answered two vantages for `goodMs`, the newest answer a second ago. */
  const answered = (goodMs: number, falls: number): TargetState =>
    good(
      standingAs("process_crashed", {
        goodSince: NOW - goodMs,
        recoveredAt: NOW - goodMs,
        falls: Array.from({ length: falls }, (_, at) => NOW - 50_000 + at),
      }),
      votes(2, "ok"),
    );

  it("ends a crash at the first ok, and is gray until a dwell is over", () => {
    const after = good(
      standingAs("process_crashed", { recoveredAt: NOW - 1_000, falls: [NOW - 50] }),
      votes(1, "ok"),
    );
    expect(after).toMatchObject({
      goodSince: NOW,
      waiting: { rule: "recovering", until: NOW + 5_000 },
      standing: { verdict: "gray", rule: "recovering", confirmed: false, routing: "serve", quorumUntil: 0 },
    });
  });

  it.each([
    ["an interval after one fall", 1, 6_000],
    ["half as much again after two", 2, 8_500],
    ["that and a half after three", 3, 12_250],
  ])("is alive by a look begun %s", (_name, falls, goodMs) => {
    expect(answered(goodMs - 1, falls).standing.verdict).toBe("gray");
    expect(answered(goodMs, falls)).toMatchObject({
      standing: { verdict: "alive", confirmed: true, routing: "serve" },
      goodSince: null,
      episodeAt: null,
    });
  });

  const since = NOW - 60_000;
  it.each<[string, Vote[], string[], string]>([
    ["two of them", votes(2, "ok"), ["a", "b", "c"], "alive"],
    ["not one", votes(1, "ok"), ["a", "b", "c"], "gray"],
    ["the only one there is", votes(1, "ok"), ["a"], "alive"],
    ["none by an ok from before", [vote("a", "ok"), vote("b", "ok", since - 1)], ["a", "b"], "gray"],
    ["two by an ok of its first instant", [vote("a", "ok"), vote("b", "ok", since)], ["a", "b"], "alive"],
  ])("takes the word of two: %s", (_name, counted, vantages, verdict) => {
    const state = standingAs("process_crashed", {
      target: { vantages },
      goodSince: since,
      recoveredAt: since,
    });
    expect(good(state, counted).standing.verdict).toBe(verdict);
  });

  it.each<[string, TargetState, number, string]>([
    ["is alive at once by two, where it never fell", targetState(), 2, "alive"],
    ["is still unknown by one", targetState(), 1, "unknown"],
    [
      "is alive at once, where only the evidence had run out",
      standingAs("unknown", { published: { lastVerdict: "alive" } }),
      2,
      "alive",
    ],
    [
      "settles, where it had fallen before that",
      standingAs("unknown", { published: { lastVerdict: "node_dead" } }),
      2,
      "gray",
    ],
    ["stays partitioned meanwhile, where it was", standingAs("partitioned"), 2, "partitioned"],
  ])("%s", (_name, state, count, verdict) => {
    expect(good(state, votes(count, "ok")).standing.verdict).toBe(verdict);
  });

  it("is none of what is alive: that goes on", () => {
    const state = standingAs("alive", { standing: { since: 1, heldSince: 2 } });
    expect(good(state, votes(1, "ok")).standing).toMatchObject({ verdict: "alive", since: 1, heldSince: 2 });
  });
});
