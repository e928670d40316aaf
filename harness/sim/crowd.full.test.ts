import { describe, expect, it } from "vitest";
import { measureCrowd } from "./crowd/measure.ts";
import { createParallax } from "./parallax/detector.ts";

describe("with 50 targets in a site that is cut and 50 in one that is not", () => {
  it("the living are looked at as before, none is mistaken, and a crash among them is named", async () => {
    const fared = await measureCrowd(createParallax(), 1, { cut: 50, healthy: 50, lastsMs: 45_000 });
    // Before turns were fair by site: 2.0 of 45.9 looks a second were left, 49 of 50 were mistaken, and the crash was never named.
    expect(fared.looksDuring).toBeGreaterThan(0.9 * fared.looksBefore);
    expect(fared.mistaken).toBe(0);
    expect(fared.crashNamedMs).toBeLessThan(8_000);
    expect(fared.namedInMinute).toBe(50);
    expect(fared.forgotten).toBe(0);
    expect(fared.allBackMs).toBeLessThan(30_000);
  });
});
