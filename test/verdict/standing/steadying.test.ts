import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VERDICTS, type Verdict } from "../../../src/domain/verdict.ts";
import type { Standing, TargetState } from "../../../src/verdict/memory/judge-state.ts";
import { grownDwellMs, steadied } from "../../../src/verdict/standing/publishing.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { NOW, standingAs } from "../made.ts";

/** A target that is down and was renamed `times` times in the last half minute. */
const renamed = (times: number, part: Partial<TargetState> = {}): TargetState => ({
  ...standingAs("unreachable", { standing: { routing: "avoid" }, target: { intervalMs: 5_000 } }),
  turns: Array.from({ length: times }, (_, index) => NOW - 30_000 + 1_000 * index),
  ...part,
});
const as = (state: TargetState, standing: Partial<Standing>): TargetState => ({
  ...state,
  standing: { ...state.standing, ...standing },
});
const HUNG = { verdict: "process_hung" } as const;
const next = (before: TargetState, standing: Partial<Standing>, now = NOW): TargetState =>
  steadied(before, as(before, standing), now, TUNING);
const nameOf = ({ standing: { verdict, confirmed, routing } }: TargetState): unknown[] => [
  verdict,
  confirmed,
  routing,
];

it.each([
  [-1, 5_000],
  [0, 5_000],
  [1, 7_500],
  [2, 11_250],
  [99, 30_000],
])("what has turned %i times too often has to last %i ms", (times, ms) => {
  expect(grownDwellMs(renamed(0), times, TUNING)).toBe(ms);
});

describe("another name", () => {
  it.each([
    ["is taken at once while there were two", 2, "process_hung"],
    ["has to last after three", 3, "unreachable"],
  ])("%s in the last minute", (_name, times, verdict) => {
    expect(next(renamed(times), HUNG).standing.verdict).toBe(verdict);
  });

  it.each<[string, TargetState, Partial<Standing>]>([
    ["nothing was known", as(renamed(1), { verdict: "unknown" }), HUNG],
    ["nothing is known", renamed(1), { verdict: "unknown" }],
  ])("is none where %s", (_name, before, standing) => {
    expect(next(before, standing).turns).toEqual(before.turns);
  });

  it("counts no turns older than a minute", () => {
    const before = renamed(5, { turns: [1, 2, 3, 4, 5].map((one) => NOW - 60_000 - one) });
    expect(next(before, HUNG)).toMatchObject({ standing: HUNG, turns: [NOW] });
  });

  it.each([
    ["an interval after three", 3, 5_000],
    ["half as long again after four", 4, 7_500],
    ["and half as long again after five", 5, 11_250],
    ["no more than half a minute", 12, 30_000],
  ])("has to last %s", (_name, times, ms) => {
    const before = renamed(times);
    const waiting = next(before, HUNG);
    expect(waiting).toMatchObject({
      standing: before.standing,
      candidate: { ...HUNG, since: NOW },
      waiting: { rule: "steadying", until: NOW + ms },
    });
    const kept = { ...waiting, turns: before.turns.map((at) => at + ms) };
    expect(next(kept, HUNG, NOW + ms - 1).standing.verdict).toBe("unreachable");
    expect(next(kept, HUNG, NOW + ms)).toMatchObject({ standing: HUNG, candidate: null });
  });

  it("begins anew where yet another comes between", () => {
    const waiting = next(renamed(3), HUNG);
    const other = next(waiting, { verdict: "isolated" }, NOW + 4_000);
    expect(other.candidate).toEqual({
      verdict: "isolated",
      confirmed: true,
      scope: "target",
      since: NOW + 4_000,
    });
    expect(next(other, HUNG, NOW + 5_000).candidate?.since).toBe(NOW + 5_000);
  });

  it("is forgotten where the old one holds after all", () => {
    expect(next(next(renamed(3), HUNG), {}).candidate).toBeNull();
  });

  it.each<[string, TargetState, Partial<Standing>]>([
    ["it is advised otherwise", renamed(9), { verdict: "gray", routing: "serve" }],
    ["it is well", renamed(9), { verdict: "alive" }],
    ["nothing is known", renamed(9), { verdict: "unknown" }],
    ["nothing was known", as(renamed(9), { verdict: "unknown" }), HUNG],
    [
      "failover rested on the old one",
      as(renamed(9), { verdict: "process_crashed", confirmed: false }),
      HUNG,
    ],
    [
      "failover was advised, and is not by an unconfirmed one",
      as(
        renamed(9, {
          published: {
            ...renamed(9).published,
            advice: { routing: "avoid", regions: {}, failover: true, reason: "" },
          },
        }),
        { verdict: "node_dead" },
      ),
      { verdict: "node_dead", confirmed: false },
    ],
    ["a path carries again", as(renamed(9), { verdict: "partitioned", cut: ["a", "b"] }), { cut: ["a"] }],
  ])("is not waited for where %s", (_name, before, standing) => {
    expect(next(before, standing).standing).toMatchObject(standing);
  });

  it.each<[string, TargetState, Partial<Standing>]>([
    ["a name that failover rests on", renamed(9), { verdict: "process_crashed" }],
    ["that it is confirmed", as(renamed(9), { confirmed: false }), { confirmed: true }],
    [
      "a further path that is cut",
      as(renamed(9), { verdict: "partitioned", cut: ["a"] }),
      { cut: ["a", "b"] },
    ],
  ])("is waited for where it is %s", (_name, before, standing) => {
    expect(next(before, standing).standing).toMatchObject({ ...before.standing });
  });

  it("comes twelve times a minute at most, and never keeps a target served or failed over that is not", () => {
    const verdicts: Verdict[] = [
      "process_crashed",
      "process_hung",
      "node_dead",
      "isolated",
      "unreachable",
      "gray",
    ];
    const looks = fc.array(
      fc.record({
        verdict: fc.constantFrom(...verdicts),
        confirmed: fc.boolean(),
        afterMs: fc.integer({ min: 100, max: 3_000 }),
      }),
      { minLength: 20, maxLength: 80 },
    );
    fc.assert(
      fc.property(looks, fc.constantFrom(5_000, 30_000), (all, intervalMs) => {
        let state = standingAs("unreachable", { standing: { routing: "avoid" }, target: { intervalMs } });
        let now = NOW;
        const turns: number[] = [];
        for (const { verdict, confirmed, afterMs } of all) {
          now += afterMs;
          const before = nameOf(state);
          state = next(state, { verdict, confirmed }, now);
          if (String(nameOf(state)) !== String(before)) turns.push(now);
          const held = state.standing;
          if (VERDICTS[held.verdict].failsOver) expect(VERDICTS[verdict].failsOver).toBe(true);
        }
        // A name on which failover rested is given up at once, so names may change twice as often as otherwise.
        const most = Math.max(
          0,
          ...turns.map((at) => turns.filter((one) => one >= at && one < at + 60_000).length),
        );
        expect(most).toBeLessThanOrEqual(16);
      }),
    );
  });
});
