import { describe, expect, it } from "vitest";
import { log10TailOf, zOf } from "./normal.ts";
import { akkaPhi, paperPhi, phiAccrual } from "./phi.ts";
import { delayS, runRule, SEEDS } from "./run.ts";
import { breaksAt, ok, refused, silent, type See } from "./stub-reality.ts";

const FAULT = 300_000;
const BUDGET = 3_240;
const mute: See = (_index, _atMs, timeoutMs) => silent(timeoutMs);
/** An answer takes 40 ms from even places and 140 ms from odd ones: intervals differ by up to 200 ms. */
const uneven: See = (index) => ok(index % 2 === 0 ? 40 : 140);

describe("the normal distribution's tail", () => {
  it.each([
    [1.281552, 0.1],
    [1.959964, 0.025],
    [3.090232, 0.001],
    [5.612001, 1e-8],
    [8.222082, 1e-16],
  ])("beyond z = %f holds %e", (z, tail) => {
    expect(log10TailOf(z)).toBeCloseTo(Math.log10(tail), 4);
    expect(zOf(-Math.log10(tail))).toBeCloseTo(z, 4);
  });

  it("refuses a threshold it could not compute", () => {
    expect(() => zOf(0.1)).toThrow(RangeError);
  });
});

describe("φ accrual on the probe stream", () => {
  it("suspects a mean and z deviations after the last answer, whether the target refuses or is silent", async () => {
    for (const see of [mute, () => refused()]) {
      const run = await runRule(phiAccrual(paperPhi(8), BUDGET), {
        see: (index, atMs, ms) => (atMs < FAULT ? uneven(index, atMs, ms) : see(index, atMs, ms)),
      });
      // Intervals of 1,111 ± 100 ms: suspicion falls due 1.67 s after the last answer, which is up to 1.1 s old.
      expect(delayS(run, FAULT)).toBeGreaterThan(0.4);
      expect(delayS(run, FAULT)).toBeLessThan(1.9);
      expect(run.downs).toHaveLength(1);
    }
  });

  it("is slower with a higher threshold, and slower by its pause as Akka ships it", async () => {
    const script = {
      see: (index: number, atMs: number, ms: number) => (atMs < FAULT ? uneven(index, atMs, ms) : silent(ms)),
    };
    const runs = await Promise.all(
      [paperPhi(1), paperPhi(8), paperPhi(16), akkaPhi()].map(async (phi) =>
        runRule(phiAccrual(phi, BUDGET), script),
      ),
    );
    const delays = runs.map((run) => delayS(run, FAULT));
    expect(delays).toEqual(delays.toSorted((a, b) => a - b));
    expect(delays[3]! - delays[1]!).toBeGreaterThan(2.9);
    expect(delays[3]! - delays[1]!).toBeLessThan(3.2);
  });

  it("says up at the next answer", async () => {
    const back = FAULT + 60_000;
    const run = await runRule(phiAccrual(akkaPhi(), BUDGET), {
      see: (_index, atMs, ms) => (atMs >= FAULT && atMs < back ? silent(ms) : ok()),
    });
    expect(run.downs).toHaveLength(1);
    expect(run.ups).toHaveLength(1);
    expect(run.ups[0]!.at - back).toBeLessThanOrEqual(1_200);
  });

  it("learns a thinner stream as the paper has it, and never as Akka does", async () => {
    // Two of three places are cut off for good: answers come every 10 s instead of every 3.3 s.
    const script = { places: 3, see: breaksAt(FAULT, (index, _at, ms) => (index === 0 ? ok() : silent(ms))) };
    const untilMs = 14_400_000;
    const [paper, akka] = await Promise.all([
      runRule(phiAccrual(paperPhi(8), 1_080), script, untilMs),
      runRule(phiAccrual(akkaPhi(), 1_080), script, untilMs),
    ]);
    expect(paper.downs.length).toBeGreaterThan(0);
    expect(paper.downs.at(-1)!.at).toBeLessThan(FAULT + 600_000);
    expect(akka.downs.at(-1)!.at).toBeGreaterThan(untilMs - 60_000);
  });

  it("suspects nobody while everything answers", async () => {
    for (const seed of SEEDS) {
      const run = await runRule(phiAccrual(paperPhi(8), BUDGET), { seed, see: uneven });
      expect(run.downs).toEqual([]);
    }
  });
});
