import { describe, expect, it } from "vitest";
import { createReality } from "../create-reality.ts";
import { detectorNamed, isOurs } from "../detectors.ts";
import { emptyWatch } from "../months/tally.ts";
import { play } from "../play.ts";
import { PretendPlayer } from "../pretend-player.ts";
import { scenarioNamed } from "../scenarios.ts";
import { addRun } from "../score.ts";
import { emptyTally, type Tally } from "../tally.ts";
import { WORLDS } from "../worlds.ts";
import { grayClaim } from "./accuracy.ts";
import type { Effort } from "./effort.ts";
import { monthsClaim } from "./mistake.ts";
import { measureClaims } from "./suite.ts";
import { timeClaim } from "./time.ts";
import { worldClaim } from "./world.ts";

const EFFORT: Effort = { timed: 3, classes: 2, gray: 2, deceptive: 2, worlds: 2, calm: 2, months: 1 };
const quiet = (): void => undefined;
const measured = (change?: (tally: Tally) => Partial<Tally>) =>
  measureClaims(new PretendPlayer(change), EFFORT, 1, quiet);

const tallyOf = (some: Partial<Tally>): Tally => ({ ...emptyTally("death", "parallax"), seeds: 4, ...some });

describe("the claims", () => {
  it("have five fields each, which are what programs get", async () => {
    const { claims } = await measured();
    for (const claim of claims)
      expect(Object.keys(claim)).toEqual(["claim", "bound", "measured", "seeds", "reached"]);
    expect(new Set(claims.map(({ claim }) => claim)).size).toBe(claims.length);
  });

  it("run a scenario that several of them need once, with seeds enough for each", async () => {
    const player = new PretendPlayer();
    await measureClaims(player, EFFORT, 1, quiet);
    const usual = player.tasks.filter(
      ({ world, detectors }) => world.flags === "" && isOurs(detectors[0] ?? ""),
    );
    expect(new Set(usual.map(({ scenario }) => scenario)).size).toBe(usual.length);
    expect(usual.find(({ scenario }) => scenario === "crash")?.count).toBe(3);
  });

  it("have one for each world that is not what the judge takes it for", async () => {
    const player = new PretendPlayer();
    const { claims } = await measureClaims(player, EFFORT, 1, quiet);
    for (const name of Object.keys(WORLDS).filter((world) => world !== "usual")) {
      expect(claims.filter(({ claim }) => claim.includes(` ${name}:`))).toHaveLength(1);
      const there = player.tasks.filter(({ world }) => world.flags === ` --world ${name}`);
      expect(there.map(({ scenario }) => scenario)).toEqual(expect.arrayContaining(["crash", "death"]));
      for (const { world } of there) expect(world.judge).toEqual(WORLDS[name]?.judge);
    }
  });

  it("are not reached once a wrong death was confirmed", async () => {
    const wrongOf = async (wrongDead: number) =>
      (await measured(() => ({ wrongDead, runsWrongDead: wrongDead }))).claims.find(({ claim }) =>
        claim.startsWith("wrong confirmed node_dead or process_crashed, with outsideProof"),
      );
    expect(await wrongOf(0)).toMatchObject({ reached: true });
    expect(await wrongOf(1)).toMatchObject({ reached: false });
  });
});

describe("a time that is claimed", () => {
  it("counts a case that was never named as later than the bound", () => {
    const named = { cases: 2, namedMs: [1_000, 2_000] };
    expect(timeClaim("x", tallyOf(named), 3)).toMatchObject({ reached: true, bound: "≤ 3.0 s" });
    expect(timeClaim("x", tallyOf({ ...named, cases: 3 }), 3)).toMatchObject({ reached: false });
    expect(timeClaim("x", tallyOf(named), Number.NaN)).toMatchObject({ reached: false });
  });

  it("may be half as long again in a world the judge is mistaken about, and no longer", () => {
    const runs = (ms: number, wrongDead = 0) => {
      const tally = tallyOf({ cases: 1, namedMs: [ms], wrongDead });
      return { crash: tally, death: tally, all: [tally] };
    };
    expect(worldClaim("x", runs(1_500), runs(1_000)).reached).toBe(true);
    expect(worldClaim("x", runs(1_501), runs(1_000)).reached).toBe(false);
    expect(worldClaim("x", runs(1_000, 1), runs(1_000)).reached).toBe(false);
  });
});

describe("gray", () => {
  it("is timed beside the first answer amiss that any probe saw, before which nobody can know", async () => {
    const [tally] = await play(scenarioNamed("gray-20"), [detectorNamed("parallax")], { first: 1, count: 3 });
    expect(tally?.seenMs).toHaveLength(3);
    expect(tally?.namedMs).toHaveLength(3);
    tally?.seenMs.forEach((ms, index) => {
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThanOrEqual(tally.namedMs[index] ?? 0);
    });
  });

  it("counts as first amiss what came after the fault, of the target that has it", () => {
    const reality = createReality(scenarioNamed("gray-20"), 1);
    const [one] = reality.cases;
    if (one === undefined) throw new Error("no case");
    const other = reality.targets.find(({ key }) => key !== one.key)?.key ?? "";
    const amiss = [
      { key: one.key, at: one.from - 10 },
      { key: other, at: one.from + 100 },
      { key: one.key, at: one.from + 900 },
      { key: one.key, at: one.from + 300 },
    ];
    const tally = emptyTally("gray-20", "scripted");
    const nothing = { downs: [], ups: [], others: [], beliefs: [], probes: 0, observations: 0, cpuMs: 0 };
    addRun(tally, reality, { ...nothing, amiss });
    expect(tally.seenMs).toEqual([300]);
    const { measured: said } = grayClaim({ ...tally, namedMs: [4_000] });
    expect(said).toContain("the first answer amiss was seen at 0.3 s");
  });
});

describe("months in which nothing is wrong", () => {
  const looks = { tried: 1_000, lost: 5 };
  const watch = { ...emptyWatch(), worlds: 45, targetMonths: 300, good: looks, bad: looks };

  it("are kept once enough of them went by without a wrong death", () => {
    expect(monthsClaim(watch)).toMatchObject({ reached: true, seeds: 45 });
    expect(monthsClaim({ ...watch, targetMonths: 299 }).reached).toBe(false);
    expect(monthsClaim({ ...watch, fooled: [{ seed: 1, at: 0 }] }).reached).toBe(false);
  });

  it("are not, where luck that was not run may hide one", () => {
    const runs = [1e9, 0, 0, 0, 0, 0];
    expect(monthsClaim({ ...watch, runs, good: { tried: 100, lost: 10 } }).reached).toBe(false);
    expect(monthsClaim({ ...watch, runs, good: { tried: 1_000, lost: 1 } }).reached).toBe(true);
  });
});
