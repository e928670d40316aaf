import { describe, expect, it, vi } from "vitest";
import type { Finding } from "../../src/domain/observation.ts";
import { SiteStanding } from "../../src/schedule/standing.ts";
import { HandClock } from "./hand-clock.ts";

const ok = (connectMs: number): Finding => ({
  outcome: "ok",
  stage: "done",
  connectMs,
  totalMs: connectMs + 10,
});
const silence: Finding = { outcome: "connect_timeout", stage: "connect", totalMs: 1_000 };
const unmeasured: Finding = { outcome: "blocked", stage: "unknown", totalMs: 0 };
const refusal: Finding = { outcome: "refused", stage: "connect", totalMs: 8 };

const openScene = () => {
  const clock = new HandClock(0);
  const changed = vi.fn();
  const standing = new SiteStanding(changed);
  const looks = (count: number): ((finding: Finding) => void)[] =>
    Array.from({ length: count }, () => standing.follow("fra", clock, 300));
  return { clock, changed, standing, looks };
};

describe("a site", () => {
  it("is in doubt once three looks are late, and silent once three have ended so; each look counts once", async () => {
    const { clock, changed, standing, looks } = openScene();
    const [a, b, c] = looks(3);
    await clock.turn(299);
    expect(standing.isInDoubt("fra")).toBe(false);
    await clock.turn(1);
    expect([standing.isInDoubt("fra"), standing.isSilent("fra"), changed.mock.calls.length]).toEqual([
      true,
      false,
      1,
    ]);
    a?.(silence);
    b?.(silence);
    expect(standing.isSilent("fra")).toBe(false);
    c?.(silence);
    expect([standing.isSilent("fra"), standing.isInDoubt("ams"), clock.waiting]).toEqual([true, false, 0]);
  });

  it.each([
    { of: "an answer", finding: ok(20), isLeft: false },
    { of: "a refusal", finding: refusal, isLeft: false },
    { of: "what could not be measured", finding: unmeasured, isLeft: true },
  ])("is left in doubt by $of: $isLeft", ({ finding, isLeft }) => {
    const { standing, looks } = openScene();
    for (const heed of looks(3)) heed(silence);
    looks(1)[0]?.(finding);
    expect([standing.isInDoubt("fra"), standing.isSilent("fra")]).toEqual([isLeft, isLeft]);
  });

  it("has become slow when a connection took long, until one is quick again", () => {
    const { standing, looks } = openScene();
    looks(1)[0]?.(ok(1_400));
    expect([standing.slowMs("fra"), standing.slowMs("ams")]).toEqual([1_400, 0]);
    looks(1)[0]?.(ok(20));
    expect(standing.slowMs("fra")).toBe(0);
  });
});
