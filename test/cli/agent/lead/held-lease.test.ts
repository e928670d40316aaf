import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  elapsedMs,
  fenceLimitMs,
  followerPaceMs,
  type HeldLease,
  leaderPaceMs,
  phaseOf,
  type ClockReading,
  renewedLease,
  retryPaceMs,
} from "../../../../src/cli/agent/lead/held-lease.ts";

/** A span of true time in milliseconds. `slept`: the machine slept through it. */
interface Passing {
  ms: number;
  slept: boolean;
}
const passing: fc.Arbitrary<Passing> = fc.record({ ms: fc.nat(20_000), slept: fc.boolean() });

/** The clocks after these spans. Uptime is read in steps of 10 ms. */
const readAfter = (times: readonly Passing[], startMs: number): ClockReading & { trueMs: number } => {
  const awake = times.filter(({ slept }) => !slept).reduce((sum, { ms }) => sum + ms, 0);
  const all = times.reduce((sum, { ms }) => sum + ms, 0);
  return {
    monotonicMs: startMs + awake,
    uptimeMs: Math.floor((startMs + all) / 10) * 10,
    trueMs: all,
  };
};

/** The uptime may be behind the true time by this much. */
const UPTIME_STEP_MS = 10;

describe("a strict lease", () => {
  it("is never held longer than its length from the sending of the last renewal that was answered", () => {
    const answer = fc.record({
      before: passing,
      /** The time from the request to its answer; null where no answer comes. */
      under: fc.option(passing),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 300_000 }),
        fc.nat(1_000_000),
        fc.array(answer, { minLength: 1, maxLength: 30 }),
        passing,
        (leaseMs, startMs, asked, last) => {
          const times: Passing[] = [];
          const now = () => readAfter(times, startMs);
          let granted = now().trueMs;
          let hold: HeldLease | null = { epoch: 1, leaseMs, isStrict: true, sent: now() };
          for (const { before, under } of asked) {
            times.push(before);
            const sent = now();
            if (under === null) continue;
            times.push(under);
            hold = hold && renewedLease(hold, { ...hold, sent }, now());
            if (hold === null) return;
            granted = sent.trueMs;
          }
          times.push(last);
          const { trueMs, ...reading } = now();
          if (hold !== null && phaseOf(hold, reading) === "held")
            expect(trueMs - granted).toBeLessThan(leaseMs * (2 / 3) + UPTIME_STEP_MS);
          if (hold !== null) {
            const limitMs = fenceLimitMs(hold, reading, 600_000);
            expect(trueMs - granted + limitMs).toBeLessThanOrEqual(
              Math.max(trueMs - granted, leaseMs * (5 / 6) + UPTIME_STEP_MS),
            );
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("that is over stays over, whatever is heard then", () => {
    const at = (ms: number): ClockReading => ({ monotonicMs: ms, uptimeMs: ms });
    const hold: HeldLease = { epoch: 1, leaseMs: 15_000, isStrict: true, sent: at(0) };
    expect(renewedLease(hold, { ...hold, sent: at(9_000) }, at(9_999))?.sent).toEqual(at(9_000));
    expect(renewedLease(hold, { ...hold, sent: at(9_000) }, at(10_000))).toBeNull();
    // A request sent before the known one and answered after it.
    const newer = { ...hold, sent: at(5_000) };
    expect(renewedLease(newer, { ...hold, sent: at(4_000) }, at(6_000))).toBe(newer);
    expect([0, 9_999, 10_000, 12_499, 12_500].map((ms) => phaseOf(hold, at(ms)))).toEqual([
      "held",
      "held",
      "fence",
      "fence",
      "kill",
    ]);
  });

  it("counts the time in which the machine slept, and no time that clocks take back", () => {
    const from: ClockReading = { monotonicMs: 100, uptimeMs: 1_000 };
    expect(elapsedMs(from, { monotonicMs: 150, uptimeMs: 61_000 })).toBe(60_000);
    expect(elapsedMs(from, { monotonicMs: 170, uptimeMs: 1_060 })).toBe(70);
    expect(elapsedMs(from, { monotonicMs: 90, uptimeMs: 900 })).toBe(0);
  });
});

it("an advisory lease is held for ever, and its fence has all of its time", () => {
  const sent: ClockReading = { monotonicMs: 0, uptimeMs: 0 };
  const hold: HeldLease = { epoch: 1, leaseMs: 1_000, isStrict: false, sent };
  const late: ClockReading = { monotonicMs: 1e9, uptimeMs: 1e9 };
  expect(phaseOf(hold, late)).toBe("held");
  expect(fenceLimitMs(hold, late, 30_000)).toBe(30_000);
});

it("a leader asks three times in a lease at least, and twice more before the fence where it is not answered", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 300_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (leaseMs, random) => {
        expect(leaderPaceMs(leaseMs, random)).toBeLessThanOrEqual(Math.min(leaseMs / 3, 5_000));
        expect(leaderPaceMs(leaseMs, random) + 2 * retryPaceMs(leaseMs, random)).toBeLessThanOrEqual(
          (leaseMs * 2) / 3,
        );
        expect(followerPaceMs(leaseMs, random)).toBeGreaterThanOrEqual(1_000);
        expect(followerPaceMs(leaseMs, random)).toBeLessThanOrEqual(Math.max(1_000, leaseMs / 3));
      },
    ),
  );
  expect(followerPaceMs(null, 0)).toBe(1_000);
  expect(followerPaceMs(-5_000, 0)).toBe(1_000);
});
