import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capacityOf, LOOKS_PER_SECOND_MAX } from "../../src/domain/capacity.ts";
import { Holding } from "../../src/schedule/holding.ts";
import { runs } from "../runs.ts";

const SLOTS = 5;
const START = 1_790_000_000_000;
const MINUTE_MS = 60_000;

interface Look {
  heldMs: number;
  isSilent: boolean;
  /** The time since the look before. */
  afterMs: number;
}

const look = fc.record({
  heldMs: fc.integer({ min: 1, max: 15_000 }),
  isSilent: fc.boolean(),
  afterMs: fc.integer({ min: 0, max: 20_000 }),
});

/** The capacity after each of these looks. */
const capacities = (looks: Look[], slots = SLOTS): { at: number; perSecond: number }[] => {
  const holding = new Holding(slots);
  let at = START;
  return looks.map(({ heldMs, isSilent, afterMs }) => {
    at += afterMs;
    holding.note(heldMs, isSilent, at);
    return { at, perSecond: capacityOf({ slots, heldMs: holding.heldMs }) };
  });
};

const lastOf = (looks: Look[], slots = SLOTS): number =>
  capacities(looks, slots).at(-1)?.perSecond ?? LOOKS_PER_SECOND_MAX;

/** Looks of one kind, spread evenly over `overMs`. */
const evenly = (count: number, overMs: number, heldMs: number, isSilent = false): Look[] =>
  Array.from({ length: count }, () => ({ heldMs, isSilent, afterMs: overMs / count }));

const looks = fc.array(look, { maxLength: 400 });

describe("whatever a vantage looks at", () => {
  it("it has some capacity, and never more than its slots allow by the shortest look", () => {
    fc.assert(
      fc.property(looks, fc.integer({ min: 1, max: 64 }), (seen, slots) => {
        const shortest = Math.min(...seen.map(({ heldMs }) => heldMs));
        for (const { perSecond } of capacities(seen, slots)) {
          expect(perSecond).toBeGreaterThan(0);
          expect(perSecond).toBeLessThanOrEqual(LOOKS_PER_SECOND_MAX);
          if (perSecond < LOOKS_PER_SECOND_MAX)
            expect((perSecond * shortest) / 1_000).toBeLessThanOrEqual(slots);
        }
      }),
      { numRuns: runs(100) },
    );
  });

  it("longer round trips never raise it", () => {
    const longer = fc.double({ min: 1, max: 20, noNaN: true });
    fc.assert(
      fc.property(looks, longer, (seen, factor) => {
        const slow = seen.map((each) => ({ ...each, heldMs: each.heldMs * factor }));
        const before = capacities(seen);
        for (const [index, { perSecond }] of capacities(slow).entries())
          expect(perSecond).toBeLessThanOrEqual(before[index]!.perSecond * (1 + 1e-9));
      }),
      { numRuns: runs(100) },
    );
  });

  it("no minute of silences halves it, whatever came before and whatever comes beside", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            heldMs: fc.integer({ min: 1, max: 2_000 }),
            isSilent: fc.constant(false),
            afterMs: fc.integer({ min: 0, max: 3_000 }),
          }),
          { minLength: 20, maxLength: 300 },
        ),
        fc.array(look, { minLength: 1, maxLength: 400 }),
        (good, bad) => {
          const before = lastOf(good);
          const { length } = good;
          const began = good.reduce((at, { afterMs }) => at + afterMs, START);
          const during = capacities([...good, ...bad]).slice(length);
          for (const { at, perSecond } of during)
            if (at - began <= MINUTE_MS) expect(perSecond).toBeGreaterThan(before / 2);
        },
      ),
      { numRuns: runs(100) },
    );
  });
});

describe("what is known of its pace", () => {
  it("is nothing before twenty looks were answered, however many were silent", () => {
    expect(lastOf([...evenly(19, MINUTE_MS, 900), ...evenly(500, 10 * MINUTE_MS, 4_000, true)])).toBe(
      LOOKS_PER_SECOND_MAX,
    );
  });

  it("is, from then on at once, what answers take", () => {
    expect(lastOf(evenly(20, 5_000, 840))).toBeCloseTo(4.76, 2);
    expect(lastOf([...evenly(10, 5_000, 4_000, true), ...evenly(20, 5_000, 840)])).toBeCloseTo(4.76, 2);
  });

  it("is the same of an idle vantage and of a busy one", () => {
    expect(lastOf(evenly(24, 24 * 3_600_000, 560))).toBe(lastOf(evenly(2_400, 3_600_000, 560)));
  });

  it("follows what lasts: after a quarter of an hour what is silent has all its weight, and loses it as soon", () => {
    const good = evenly(100, MINUTE_MS, 20);
    const half = (minutes: number): Look[] =>
      Array.from({ length: 60 * minutes }, (_, n) => ({
        heldMs: n % 2 === 0 ? 20 : 1_000,
        isSilent: n % 2 === 1,
        afterMs: 1_000,
      }));
    expect(lastOf(good)).toBe(LOOKS_PER_SECOND_MAX);
    expect(lastOf([...good, ...half(2)])).toBeGreaterThan(15);
    // 5 slots at 80 % of their time, over a mean of 510 ms.
    expect(lastOf([...good, ...half(15)])).toBeCloseTo(7.84, 1);
    expect(lastOf([...good, ...half(15), ...evenly(600, 10 * MINUTE_MS, 20)])).toBe(LOOKS_PER_SECOND_MAX);
  });

  it("is handed on to a successor, and does not depend on how the clock is set", () => {
    const holding = new Holding(SLOTS);
    holding.recall(840, START);
    expect(holding.heldMs).toBe(840);
    for (let n = 0; n < 30; n++) holding.note(2_000, true, START + n);
    holding.retime(3_600_000);
    holding.note(2_000, true, START + 3_600_000 + 1_000);
    expect(holding.heldMs).toBe(840);
    holding.note(2_000, true, START + 3_600_000 + MINUTE_MS);
    expect(holding.heldMs).toBe(1_050);
  });
});
