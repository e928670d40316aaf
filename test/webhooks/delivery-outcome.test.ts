import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { gapMs, MAX_ATTEMPTS, RETRY_AFTER_MAX_MS } from "../../src/webhooks/gap.ts";
import { deliveryOutcomeOf } from "../../src/webhooks/delivery-outcome.ts";

const NOW = Date.UTC(2026, 10, 22, 18, 0, 0);

describe("an answer", () => {
  it.each([200, 201, 202, 204, 299])("of %i is a delivery", (status) => {
    expect(deliveryOutcomeOf(status, null, NOW)).toEqual({ kind: "delivered", status });
  });

  it.each([301, 302, 303, 307, 308])("of %i is a failure, since redirects are not followed", (status) => {
    expect(deliveryOutcomeOf(status, null, NOW)).toMatchObject({ kind: "failed", status, isEndpoint: false });
  });

  it("of 410 ends the webhook", () => {
    expect(deliveryOutcomeOf(410, null, NOW)).toMatchObject({ kind: "gone", status: 410 });
  });

  it.each([
    [400, false],
    [404, false],
    [409, false],
    [429, true],
    [500, false],
    [502, true],
    [503, true],
    [504, true],
  ])("of %i is a failure; of the receiver as a whole: %s", (status, isEndpoint) => {
    expect(deliveryOutcomeOf(status, null, NOW)).toMatchObject({ kind: "failed", isEndpoint });
  });

  it.each([
    ["120", 120_000],
    ["0", 0],
    [new Date(NOW + 90_000).toUTCString(), 90_000],
    [new Date(NOW - 90_000).toUTCString(), 0],
    ["99999999", RETRY_AFTER_MAX_MS],
    ["-5", 0],
    ["soon", 0],
    ["", 0],
  ])("with Retry-After %j asks for %i ms, within bounds", (text, retryAfterMs) => {
    expect(deliveryOutcomeOf(429, text, NOW)).toMatchObject({ retryAfterMs });
  });
});

test("ten attempts take about a day, each gap longer than the one before, whatever is drawn", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 }),
      (draws) => {
        const gaps = draws.map((draw, index) => gapMs(index + 1, draw));
        expect(gaps.length + 1).toBe(MAX_ATTEMPTS);
        for (const [index, gap] of gaps.slice(1).entries()) expect(gap).toBeGreaterThan(gaps[index] ?? 0);
        const hours = gaps.reduce((sum, gap) => sum + gap, 0) / 3_600_000;
        expect(hours).toBeGreaterThan(18);
        expect(hours).toBeLessThan(29);
      },
    ),
  );
});

test("Retry-After makes a gap longer, up to an hour, and never shorter", () => {
  expect(gapMs(1, 0.5, 60_000)).toBe(60_000);
  expect(gapMs(1, 0.5, 86_400_000)).toBe(RETRY_AFTER_MAX_MS);
  expect(gapMs(8, 0.5, 1_000)).toBe(7 * 3_600_000);
});
