import { describe, expect, it } from "vitest";
import { openstatus } from "./openstatus.ts";
import { delayS, runRule, SEEDS } from "./run.ts";
import { breaksAt, ok, refused, silent, wrong, type See } from "./stub-reality.ts";

const FAULT = 120_000;
const rule = openstatus({ name: "openstatus 30s", intervalMs: 30_000 });

describe("openstatus' rule", () => {
  it.each<[string, See, number, number]>([
    // Three backoffs of .5, .75 and 1.125 s, each half to one and a half.
    ["refused, after three retries", () => refused(), 1.18, 33.7],
    ["silent, after four timeouts of 45 s", (_i, _at, ms) => silent(ms), 181, 214],
    ["wrong in its answers, after one retry", () => wrong(), 0.25, 30.9],
  ])("calls a target down that is %s", async (_name, see, from, to) => {
    for (const seed of SEEDS) {
      const run = await runRule(rule, { seed, see: breaksAt(FAULT, see) });
      expect(delayS(run, FAULT)).toBeGreaterThanOrEqual(from);
      expect(delayS(run, FAULT)).toBeLessThanOrEqual(to);
      expect(run.downs).toHaveLength(1);
    }
  });

  it.each([
    [9, 4, "up"],
    [9, 5, "down"],
    [4, 2, "down"],
    [1, 1, "down"],
  ])("with %i regions of which %i fail says %s: half is enough", async (places, failing, verdict) => {
    const see: See = (index) => (index < failing ? refused() : ok());
    const run = await runRule(rule, { places, see: breaksAt(FAULT, see) });
    expect(run.downs.length > 0 ? "down" : "up").toBe(verdict);
  });

  it.each<[string, See, number]>([
    ["a refusal", () => refused(), 4],
    ["a wrong answer", () => wrong(), 2],
    ["an answer", () => ok(), 1],
  ])("spends on %s as many probes as its retries allow", async (_name, see, tries) => {
    const run = await runRule(rule, { see });
    expect(run.probes).toBe(run.observations * tries);
  });

  it("lets whoever changed last win an even split", async () => {
    // Two of four fail, then a third; when the third recovers, two and two: half are healthy, so it is up.
    const run = await runRule(rule, {
      places: 4,
      see: (index, atMs) =>
        atMs >= FAULT && (index < 2 || (index === 2 && atMs >= 200_000 && atMs < 300_000)) ? refused() : ok(),
    });
    expect(run.downs).toHaveLength(1);
    expect(run.ups).toHaveLength(1);
    expect(run.ups[0]!.at).toBeGreaterThanOrEqual(300_000);
  });

  it("keeps the vote of a region that fell silent, for ever", async () => {
    const run = await runRule(
      rule,
      {
        places: 4,
        see: breaksAt(FAULT, () => refused()),
        canReport: (index, atMs) => index === 0 || atMs < FAULT,
      },
      3_600_000,
    );
    expect(run.downs).toEqual([]);
  });

  it("lets no older check overrule a newer one", async () => {
    // Checks that began before the recovery go on failing for up to 45 s after it, healthy ones overtake them.
    const back = FAULT + 400_000;
    const run = await runRule(
      rule,
      { see: (_index, atMs, ms) => (atMs >= FAULT && atMs < back ? silent(ms) : ok()) },
      900_000,
    );
    expect(run.downs).toHaveLength(1);
    expect(run.ups).toHaveLength(1);
    expect(run.ups[0]!.at - back).toBeLessThanOrEqual(30_100);
  });
});
