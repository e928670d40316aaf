import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listensStill } from "../../../src/verdict/facts/votes.ts";
import type { ObservationRecord } from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { edge, NOW, observed, targetState, vantage } from "../made.ts";

/** The target's last answer was ten seconds ago. */
const ONSET = NOW - 10_000;
const since = (
  ms: number,
  outcome: ObservationRecord["outcome"],
  part: Partial<ObservationRecord> = {},
): ObservationRecord => observed(ONSET + ms, outcome, part);
const listens = (
  looks: Record<string, ObservationRecord[]>,
  sound = Object.keys(looks),
  part: Parameters<typeof targetState>[0] = {},
): boolean =>
  listensStill(
    targetState({ ...part, edges: new Map(Object.entries(looks).map(([id, recent]) => [id, edge(recent)])) }),
    sound.map((id) => vantage(id)),
    ONSET,
    TUNING,
  );
const refusals = (count: number, fromMs = 1_000): ObservationRecord[] =>
  Array.from({ length: count }, (_, index) => since(fromMs + 100 * index, "refused"));

describe("whether a process listens although it refuses", () => {
  it.each<[string, ObservationRecord, boolean]>([
    ["let in and broken off", since(2_000, "reset"), true],
    ["let in and answered wrongly", since(2_000, "app_error"), true],
    ["answered", since(2_000, "ok"), true],
    ["let in for a handshake that failed", since(2_000, "tls_failure"), true],
    ["let in and never answered", since(2_000, "response_timeout"), true],
    ["let in and waiting", since(2_000, "pending", { stage: "response" }), true],
    ["waiting in a handshake", since(2_000, "pending", { stage: "tls" }), true],
    ["not let in yet", since(2_000, "pending", { stage: "connect" }), false],
    ["let in or not, as nobody knows", since(2_000, "pending", { stage: "unknown" }), false],
    ["missed", since(2_000, "connect_timeout"), false],
    ["refused as well", since(2_000, "refused"), false],
    ["let in by a proxy, which is nearer", since(2_000, "reset", { proxied: true }), false],
    ["let in at the instant of the first refusal", since(1_000, "reset"), true],
    ["let in before it: the crash may have broken that off", since(999, "reset"), false],
  ])("is told by one who was %s", (_name, one, expected) => {
    expect(listens({ a: refusals(1), b: [one] })).toBe(expected);
  });

  it("is told by one vantage's own looks", () => {
    expect(listens({ a: [...refusals(1), since(2_000, "reset")] })).toBe(true);
  });

  it("is told by nobody before anybody was refused", () => {
    expect(listens({ a: [since(1_000, "reset"), since(2_000, "reset")] })).toBe(false);
    expect(listens({ a: [observed(ONSET, "refused"), since(2_000, "reset")] })).toBe(false);
  });

  it("is told after a crash by those alone who were let in since it was named", () => {
    const crashedAt = (since: number): Parameters<typeof targetState>[0] => ({
      standing: { verdict: "process_crashed", since },
    });
    const looks = { a: refusals(1), b: [since(2_000, "reset")] };
    const of = (atMs: number): boolean => listens(looks, ["a", "b"], crashedAt(ONSET + atMs));
    expect([of(2_000), of(2_001)]).toEqual([true, false]);
  });

  it("is told by none but these vantages", () => {
    expect(listens({ a: refusals(1), b: [since(2_000, "reset")] }, ["a"])).toBe(false);
  });
});

describe("a crash that follows", () => {
  /** Connections are refused `refusedBefore` times, then let in `opened` times, and then refused `refused` times in a row. */
  const after = (refusedBefore: number, opened: number, refused: number): boolean => {
    const openings = Array.from({ length: opened }, (_, index) => since(5_000 + 10 * index, "reset"));
    return listens({ a: refusals(refusedBefore), b: openings, c: refusals(refused, 6_000) });
  };

  // The share of openings before the crash, counted as if one of two more looks had opened: a half, a half, and two of thirteen.
  it.each<[string, number, number, number, boolean]>([
    // 0.5 ** 9 is more than one in a thousand, 0.5 ** 10 less.
    ["not yet by nine in a row, where one of two had been let in", 1, 1, 9, true],
    ["by ten", 1, 1, 10, false],
    ["not yet by nine in a row, where twenty of forty had been", 20, 20, 9, true],
    ["by ten as well", 20, 20, 10, false],
    // (11 / 13) ** 41 is more, (11 / 13) ** 42 less.
    ["not yet by forty-one, where one of eleven had been", 10, 1, 41, true],
    ["by forty-two", 10, 1, 42, false],
  ])("is believed %s", (_name, refusedBefore, opened, refused, expected) => {
    expect(after(refusedBefore, opened, refused)).toBe(expected);
  });

  it("is no less believed by one refusal more", () => {
    const some = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(some, some, fc.integer({ min: 0, max: 60 }), (refusedBefore, opened, refused) => {
        if (!after(refusedBefore, opened, refused))
          expect(after(refusedBefore, opened, refused + 1)).toBe(false);
      }),
    );
  });
});
