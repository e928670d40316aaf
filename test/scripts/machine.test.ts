import { describe, expect, it } from "vitest";
import { inWords, isTooSlow, largestOf } from "../../scripts/machine.ts";

const FINE = { tickLateS: 0.1, ownLateMs: 20, load: 1 };

describe("whether the machine kept up", () => {
  it("is read from the detector's own metrics", () => {
    const text = `# TYPE parallax_tick_lateness_seconds gauge
parallax_tick_lateness_seconds{shard="0",vantage="oc"} 0.01
parallax_tick_lateness_seconds{shard="0",vantage="weur"} 24.5
parallax_alarm_lateness_seconds{shard="0"} 90
`;
    expect(largestOf(text, "parallax_tick_lateness_seconds")).toBe(24.5);
    expect(largestOf("", "parallax_tick_lateness_seconds")).toBeNaN();
  });

  it.each([
    [FINE, false],
    [{ ...FINE, tickLateS: 2 }, true],
    [{ ...FINE, ownLateMs: 500 }, true],
    [{ ...FINE, load: 40 }, false],
    // A detector that does not even report how late it is has not kept up.
    [{ ...FINE, tickLateS: Number.NaN }, true],
  ])("of %j too slow: %j", (strain, slow) => {
    expect(isTooSlow(strain)).toBe(slow);
    expect(inWords(strain)).toMatch(slow ? /^the machine was too slow: / : /^the machine kept up: /);
  });
});
