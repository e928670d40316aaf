import { describe, expect, it } from "vitest";
import { Draw } from "./draw.ts";
import { DEFAULT_NETWORK } from "./layout.ts";
import { LossTimeline, meanLoss } from "./loss.ts";

const MODEL = { goodLoss: 0.01, badLoss: 0.8, goodMs: 9_000, badMs: 1_000 };
const SPAN_MS = 20_000_000;
const STEP_MS = 100;

const sampled = (seed: number): number[] => {
  const timeline = new LossTimeline(new Draw(seed), MODEL, 0);
  return Array.from({ length: SPAN_MS / STEP_MS }, (_, index) => timeline.lossAt(index * STEP_MS));
};

describe("loss in bursts", () => {
  it("has the stated mean", () => {
    const losses = sampled(1);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(meanLoss(MODEL)).toBeCloseTo(0.089, 10);
    // 2,000 bursts of exponential length: the share of time in them is known to 1/√1000 or so.
    expect(Math.abs(mean - meanLoss(MODEL)) / meanLoss(MODEL)).toBeLessThan(0.15);
  });

  it("stays in a burst as long as stated", () => {
    const losses = sampled(2);
    let bursts = 0;
    let inBurst = 0;
    losses.forEach((loss, index) => {
      if (loss !== MODEL.badLoss) return;
      inBurst += 1;
      if (losses[index - 1] !== MODEL.badLoss) bursts += 1;
    });
    const meanMs = (inBurst * STEP_MS) / bursts;
    expect(meanMs).toBeGreaterThan(0.85 * MODEL.badMs);
    expect(meanMs).toBeLessThan(1.25 * MODEL.badMs);
  });

  it("is the same in whatever order it is asked", () => {
    const there = new LossTimeline(new Draw(3), MODEL, 0);
    const back = new LossTimeline(new Draw(3), MODEL, 0);
    const instants = Array.from({ length: 500 }, (_, index) => index * 777);
    const forward = instants.map((at) => there.lossAt(at));
    const backward = instants.toReversed().map((at) => back.lossAt(at));
    expect(backward.toReversed()).toEqual(forward);
  });

  it("takes about one packet in 160 each way in the usual world", () => {
    expect(meanLoss(DEFAULT_NETWORK.loss)).toBeGreaterThan(0.005);
    expect(meanLoss(DEFAULT_NETWORK.loss)).toBeLessThan(0.008);
  });
});
