import { describe, expect, it } from "vitest";
import { Suspicion } from "../../src/still.ts";

/** How many of `times` calls at this instant are to check the clock. */
const looks = (suspicion: Suspicion, at: number, times: number): number =>
  Array.from({ length: times }, () => suspicion.arises(at)).filter(Boolean).length;

describe("the suspicion that a clock stands still", () => {
  it("arises where an instant has eight calls and at the 64th of it again, and nowhere where each is soon followed by the next", () => {
    const suspicion = new Suspicion();
    for (let now = 0; now < 1_000; now++) expect(looks(suspicion, now, 7)).toBe(0);
    expect(looks(suspicion, 5_000, 8)).toBe(1);
    expect(looks(suspicion, 5_000, 992)).toBe(1);
  });

  it("arises once a second where ever so many ask, and not at each of their instants", () => {
    const suspicion = new Suspicion();
    let all = 0;
    for (let now = 10_000; now < 20_000; now++) all += looks(suspicion, now, 32);
    expect(all).toBe(10);
  });

  it.each([
    ["long after the last look", 60_000],
    ["an instant after it", 1],
    ["and was set back besides", -3_600_000],
  ])("arises before the 65th call of one that never ends, %s", (_when, laterMs) => {
    const suspicion = new Suspicion();
    expect(looks(suspicion, 10_000_000, 8)).toBe(1);
    expect(looks(suspicion, 10_000_000 + laterMs, 64)).toBeGreaterThan(0);
  });
});
