import { describe, expect, it } from "vitest";
import { packetMs } from "./delay.ts";
import { Draw } from "./draw.ts";
import { DEFAULT_NETWORK } from "./layout.ts";
import { quantile } from "./statistics.ts";
import { WORLDS } from "./worlds.ts";

const BASE_MS = 50;
const COUNT = 40_000;

const delays = (model = DEFAULT_NETWORK.delay): number[] => {
  const draw = new Draw(11);
  return Array.from({ length: COUNT }, () => packetMs(draw, model, BASE_MS));
};

describe("delays", () => {
  it("have the path's own time as their median", () => {
    expect(quantile(delays(), 0.5)).toBeGreaterThan(0.99 * BASE_MS);
    expect(quantile(delays(), 0.5)).toBeLessThan(1.02 * BASE_MS);
  });

  it("have a tail heavier than the body's: of ten thousand some are ten times as long", () => {
    const late = delays().filter((ms) => ms > 10 * BASE_MS).length;
    // A two-hundredth is in the tail, a tenth of which is beyond.
    expect(late).toBeGreaterThan(COUNT * 1e-4);
    expect(late).toBeLessThan(COUNT * 2e-3);
  });

  it("follow Pareto's law in the mis-specified world: one in fourteen beyond twice the path's time", () => {
    const share =
      delays(WORLDS["pareto"]?.options.network?.delay).filter((ms) => ms > 2 * BASE_MS).length / COUNT;
    expect(share).toBeGreaterThan(0.062);
    expect(share).toBeLessThan(0.085);
  });
});
