import { describe, expect, it } from "vitest";
import { judge } from "../../../src/verdict/judge.ts";
import { asTold, wordsIn } from "./history.ts";
import { hunt, live } from "./hunt.ts";
import { LAWS } from "./laws.ts";
import { planOf } from "./plan.ts";

const SEEDS = [1, 2, 3];

describe("a world that is played", () => {
  it("is lived the same way by the same seed, and told again as it was lived", async () => {
    for (const seed of SEEDS) {
      // oxlint-disable-next-line no-await-in-loop -- one world after another
      const [{ moments }, again] = [await live(planOf(seed)), await live(planOf(seed))];
      expect(wordsIn(moments).size).toBe(planOf(seed).fleet.targets.length);
      expect(wordsIn(again.moments)).toEqual(wordsIn(moments));
      expect(wordsIn(asTold(judge, moments))).toEqual(wordsIn(moments));
    }
  });

  it("hears nothing while its collector stands still, and everything after", async () => {
    const paused = Array.from({ length: 200 }, (_, index) => planOf(index + 1)).find(({ faults }) =>
      faults.some(({ on }) => on === "collector"),
    );
    if (paused === undefined) throw new Error("no such world");
    const { moments, facts } = await live(paused);
    for (const { from, to } of facts.held)
      expect(moments.filter(({ now }) => now > from && now < to)).toEqual([]);
    expect(moments.some(({ now }) => facts.held.some(({ to }) => now === to))).toBe(true);
  });

  it("is held against the laws that are asked for, and counted", async () => {
    const laws = LAWS.map(({ name }) => name);
    const hunted = await hunt({ seeds: SEEDS, laws });
    expect(hunted.worlds).toBe(SEEDS.length);
    for (const { seed, law, breaches } of hunted.broken) {
      expect(SEEDS).toContain(seed);
      expect(laws).toContain(law);
      expect(breaches.length).toBeGreaterThan(0);
    }
    await expect(hunt({ seeds: SEEDS, laws: ["gravity"] })).rejects.toThrow("no law");
  });
});
