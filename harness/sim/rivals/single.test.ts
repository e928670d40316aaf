import { describe, expect, it } from "vitest";
import { delayS, runRule, SEEDS } from "./run.ts";
import { gatus, single, uptimeKuma } from "./single.ts";
import { breaksAt, ok, refused, silent, type See } from "./stub-reality.ts";

const FAULT = 300_000;
const mute: See = (_index, _atMs, timeoutMs) => silent(timeoutMs);

describe("one vantage with three failures in a row", () => {
  it.each([
    ["Gatus at 60 s, refused", gatus(60_000), () => refused(), 120, 180.1],
    ["Gatus at 60 s, silent for its 10 s", gatus(60_000), mute, 130, 190.1],
    ["Gatus at 10 s, refused", gatus(10_000), () => refused(), 20, 30.1],
    ["Uptime Kuma at 60 s, silent for 48 s each", uptimeKuma(60_000), mute, 264, 324.2],
  ])("calls a target down as %s has it", async (_name, settings, see, from, to) => {
    for (const seed of SEEDS) {
      const run = await runRule(single(settings), { seed, see: breaksAt(FAULT, see) }, 900_000);
      expect(delayS(run, FAULT)).toBeGreaterThanOrEqual(from);
      expect(delayS(run, FAULT)).toBeLessThanOrEqual(to);
    }
  });

  it.each([
    ["Gatus after two successes", gatus(60_000), 60, 120.1],
    ["Uptime Kuma after one", uptimeKuma(60_000), 0, 60.1],
  ])("calls it up again as %s", async (_name, settings, from, to) => {
    const back = 900_000;
    const run = await runRule(
      single(settings),
      { see: (_index, atMs) => (atMs >= FAULT && atMs < back ? refused() : ok()) },
      1_800_000,
    );
    expect(run.ups).toHaveLength(1);
    expect((run.ups[0]!.at - back) / 1_000).toBeGreaterThanOrEqual(from);
    expect((run.ups[0]!.at - back) / 1_000).toBeLessThanOrEqual(to);
  });

  it("believes its one vantage, wherever that stands, even when only that one is cut off", async () => {
    const wronged = await Promise.all(
      SEEDS.map(async (seed) => {
        const run = await runRule(single(gatus(10_000)), {
          seed,
          see: breaksAt(FAULT, (index) => (index < 3 ? refused() : ok())),
        });
        return run.downs.length;
      }),
    );
    expect(new Set(wronged)).toEqual(new Set([0, 1]));
  });
});
