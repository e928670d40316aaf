import { describe, expect, it } from "vitest";
import { cloudflare, inThrees } from "./cloudflare.ts";
import { delayS, runRule, SEEDS } from "./run.ts";
import { breaksAt, ok, refused, silent, type See } from "./stub-reality.ts";

const FAULT = 120_000;

describe("Cloudflare's monitors", () => {
  it.each<[string, number, See, number, number]>([
    ["refused, every 10 s", 10_000, () => refused(), 0, 10.1],
    ["silent, every 10 s: three timeouts of 5 s", 10_000, (_i, _at, ms) => silent(ms), 15, 25.1],
    ["refused, every 60 s", 60_000, () => refused(), 0, 60.1],
    ["silent, every 60 s", 60_000, (_i, _at, ms) => silent(ms), 15, 75.1],
  ])("call a target down that is %s", async (_name, intervalMs, see, from, to) => {
    for (const seed of SEEDS) {
      const run = await runRule(cloudflare({ intervalMs }), { seed, see: breaksAt(FAULT, see) });
      expect(delayS(run, FAULT)).toBeGreaterThanOrEqual(from);
      expect(delayS(run, FAULT)).toBeLessThanOrEqual(to);
    }
  });

  it.each<[string, number[], string]>([
    ["one region of three wholly failing", [0, 1, 2], "up"],
    ["one data center of each region failing", [0, 3, 6], "up"],
    ["two data centers in each of two regions failing", [0, 1, 3, 4], "down"],
    ["one whole region and one data center of each other", [0, 1, 2, 3, 6], "up"],
  ])("with %s hold the majority of majorities", async (_name, failing, verdict) => {
    const see: See = (index) => (failing.includes(index) ? refused() : ok());
    const run = await runRule(cloudflare({ intervalMs: 10_000 }), { see: breaksAt(FAULT, see) });
    expect(run.downs.length > 0 ? "down" : "up").toBe(verdict);
  });

  it.each([
    [6, "down"],
    [9, "up"],
  ])(
    "with %i data centers and one region of them failing say %s: half is no majority",
    async (places, verdict) => {
      const see: See = (index) => (index < 3 ? refused() : ok());
      const run = await runRule(cloudflare({ intervalMs: 10_000 }), { places, see: breaksAt(FAULT, see) });
      expect(run.downs.length > 0 ? "down" : "up").toBe(verdict);
    },
  );

  it("retry a timeout at once, and nothing else", async () => {
    const lost = await runRule(
      cloudflare({ intervalMs: 60_000 }),
      // Silent only in the first five seconds of each twenty: the retry gets through.
      { see: (_index, atMs, ms) => (atMs % 20_000 < 5_000 ? silent(ms) : ok()) },
    );
    expect(lost.downs).toEqual([]);
    const refusals = await runRule(cloudflare({ intervalMs: 60_000 }), { see: () => refused() });
    expect(refusals.probes).toBe(refusals.observations);
    const silence = await runRule(cloudflare({ intervalMs: 60_000 }), { see: (_i, _at, ms) => silent(ms) });
    expect(silence.probes).toBeGreaterThanOrEqual(silence.observations * 3);
  });

  it("take three data centers of each real region where the world has them", () => {
    const place = (id: string, region: string) => ({ id, region, provider: "stub" });
    const real = [
      place("a4", "a"),
      place("b1", "b"),
      place("a1", "a"),
      place("b3", "b"),
      place("a2", "a"),
      place("b2", "b"),
      place("a3", "a"),
    ];
    expect(inThrees(real).map(({ id }) => id)).toEqual(["a1", "a2", "a3", "b1", "b2", "b3"]);
    expect(inThrees(real.slice(0, 4)).map(({ id }) => id)).toEqual(["a1", "a4", "b1", "b3"]);
  });
});
