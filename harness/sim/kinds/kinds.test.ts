import { describe, expect, it } from "vitest";
import { createReality } from "../create-reality.ts";
import { chunksOf } from "../crew.ts";
import { scenarioNamed, SCENARIOS } from "../scenarios.ts";
import { BEFORE, beforeText } from "./before.ts";
import { kindNamed, KINDS } from "./kinds.ts";
import { liveKind, mergeKinds, playKind, wrongsIn } from "./play-kind.ts";

describe("the twelve kinds", () => {
  it("are all there, each by a name of its own", () => {
    expect([...new Set(KINDS.map(({ number }) => number))].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
    const names = [...SCENARIOS, ...KINDS.map(({ scenario }) => scenario)].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { scenario } of KINDS) expect(scenarioNamed(scenario.name)).toBe(scenario);
    expect(() => kindNamed("flood")).toThrow('no kind "flood"');
  });

  it("have a count of what was right before, and no other does", () => {
    const names = KINDS.map(({ scenario }) => scenario.name);
    expect(Object.keys(BEFORE.right).toSorted()).toEqual(names.toSorted());
    expect(beforeText("slow-answers")).toMatch(/^\d+ of \d+$/);
    expect(beforeText("flood")).toBe("not played");
  });

  it.each(KINDS.map((kind) => [kind.scenario.name, kind] as const))(
    "%s has a world, whose cases lie within it",
    (_, { scenario, rules }) => {
      const { cases, targets, faultAt, endsAt } = createReality(scenario, 1);
      const keys = new Set(targets.map(({ key }) => key));
      for (const { key, from, to } of cases) {
        expect(keys).toContain(key);
        expect(from).toBeGreaterThanOrEqual(faultAt);
        expect(to).toBeLessThan(endsAt);
      }
      expect(rules.length).toBeGreaterThan(2);
    },
  );
});

describe("a run of a kind", () => {
  it("is right where every rule holds, and tells the first that does not", async () => {
    const kind = kindNamed("slow-answers");
    const tally = await playKind({ kind: "slow-answers", first: 1, count: 2 });
    expect(tally).toEqual({ kind: "slow-answers", number: 5, seeds: 2, right: 2, wrong: [] });
    const strict = { ...kind, rules: [() => [{ key: "fra/n-1", at: 0, says: "wrong by decree" }]] };
    expect(wrongsIn(strict, await liveKind(kind, 1))).toEqual([
      { key: "fra/n-1", at: 0, says: "wrong by decree" },
    ]);
  });

  it("adds up with others of its kind", () => {
    const run = { seed: 1, key: "fra/n-1", afterS: 1, says: "wrong" };
    const part = { kind: "slow-answers", number: 5, seeds: 10, right: 9, wrong: [run] };
    expect(mergeKinds([part, part])).toEqual({ ...part, seeds: 20, right: 18, wrong: [run, run] });
    expect(() => mergeKinds([])).toThrow("no tallies");
  });
});

describe("seeds in pieces", () => {
  it("are all there once", () => {
    expect(chunksOf({ first: 5, count: 7 }, 3)).toEqual([
      { first: 5, count: 3 },
      { first: 8, count: 3 },
      { first: 11, count: 1 },
    ]);
    expect(chunksOf({ first: 5, count: 0 }, 3)).toEqual([]);
  });
});
