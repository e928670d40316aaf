import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capacityOf, LOOKS_PER_SECOND_MAX, weightOf } from "../../src/domain/capacity.ts";

const slots = fc.integer({ min: 1, max: 1_024 });
const heldMs = fc.integer({ min: 0, max: 60_000 });

describe("the capacity of a vantage", () => {
  it("is never above what its slots allow, never above the most there may be, and never zero", () => {
    fc.assert(
      fc.property(slots, heldMs, (count, ms) => {
        const capacity = capacityOf({ slots: count, heldMs: ms });
        expect(capacity).toBeGreaterThan(0);
        expect(capacity).toBeLessThanOrEqual(LOOKS_PER_SECOND_MAX);
        expect((capacity * ms) / 1_000).toBeLessThanOrEqual(count);
      }),
    );
  });

  it("is the most there may be while nothing is known, and falls with what a look takes", () => {
    fc.assert(
      fc.property(slots, heldMs, heldMs, (count, one, other) => {
        const [short, long] = [Math.min(one, other), Math.max(one, other)];
        expect(capacityOf({ slots: count, heldMs: null })).toBe(LOOKS_PER_SECOND_MAX);
        expect(capacityOf({ slots: count, heldMs: long })).toBeLessThanOrEqual(
          capacityOf({ slots: count, heldMs: short }),
        );
      }),
    );
  });

  it("is some five looks a second where each takes three times 0.28 s", () => {
    expect(capacityOf({ slots: 5, heldMs: 840 })).toBeCloseTo(4.76, 2);
  });
});

describe("what a target asks for", () => {
  it("is a look in each interval, a quarter more with a witness, and nothing while it is paused", () => {
    const target = { intervalMs: 5_000, hasWitness: false, paused: false };
    expect(weightOf(target)).toBe(0.2);
    expect(weightOf({ ...target, hasWitness: true })).toBe(0.25);
    expect(weightOf({ ...target, hasWitness: true, paused: true })).toBe(0);
  });
});
