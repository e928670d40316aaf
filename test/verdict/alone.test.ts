/** One vantage alone says that a target serves: its token may be in wrong hands, or it may have a path of its own. */
import { describe, expect, it } from "vitest";
import { KEY } from "./look.ts";
import { insiderOf, REGIONS, settledWorld, type World } from "./world.ts";

const INTERVAL_MS = 10_000;
const LONE = "oc";
const INSIDE = insiderOf("fra");
const OTHERS = REGIONS.filter((region) => region !== LONE);

const worldWith = (options: ConstructorParameters<typeof World>[0] = {}): World => {
  const world = settledWorld({ inside: ["fra"], elsewhere: [LONE], intervalMs: INTERVAL_MS, ...options });
  world.run(4 * INTERVAL_MS);
  return world;
};

const stateOf = (world: World, id = LONE): string | undefined => world.state.vantages.get(id)?.state;
const failsOver = (world: World): boolean => world.answer(KEY).advice.failover;

/** The target crashes and, as the one vantage reports, still serves that vantage alone. */
const crashed = (world: World): World => {
  world.set(KEY, "refused");
  world.set(KEY, "ok", [LONE]);
  return world;
};

describe("a vantage that alone says of a crashed process that it serves", () => {
  it("is heard for two intervals, in which its word holds back all", () => {
    const world = crashed(worldWith());
    world.run(2 * INTERVAL_MS);
    expect(stateOf(world)).toBe("sound");
    expect(world.answer(KEY)).toMatchObject({ confirmed: false, advice: { failover: false } });
  });

  it("is suspect then, and the crash confirmed; the answer says who is not counted, and why", () => {
    const world = crashed(worldWith());
    const tookMs = world.until(() => failsOver(world), 8 * INTERVAL_MS);
    // The refused vantages look again in the second of the two intervals, and a supervisor has its ten seconds.
    expect(tookMs).toBeLessThanOrEqual(4 * INTERVAL_MS + 10_000);
    const { because, notCounted, rule, confirmed } = world.answer(KEY);
    expect({ rule, confirmed }).toEqual({ rule: "crashed", confirmed: true });
    expect(because).toMatch(/^6 of 6 sound vantages were refused .*; oc alone is let in, it says/);
    expect(notCounted).toEqual([
      { vantage: LONE, reason: expect.stringMatching(/^suspect: alone says that a target lets it in/) },
    ]);
    world.run(20 * INTERVAL_MS);
    expect(failsOver(world)).toBe(true);
  });

  it.each(["error", "reset", "hung", "half"] as const)(
    "may say %s as well: whoever is let in shows a listener",
    (condition) => {
      const world = crashed(worldWith());
      world.set(KEY, condition, [LONE]);
      expect(world.until(() => failsOver(world), 8 * INTERVAL_MS)).toBeLessThan(8 * INTERVAL_MS);
    },
  );

  it("may mix the truth in", () => {
    const world = crashed(worldWith());
    for (let round = 0; round < 8 && !failsOver(world); round++) {
      world.set(KEY, round % 2 === 0 ? "ok" : "refused", [LONE]);
      world.run(INTERVAL_MS);
    }
    expect(failsOver(world)).toBe(true);
  });

  it("is sound again once somebody else is answered as well", () => {
    const world = crashed(worldWith());
    world.until(() => failsOver(world), 8 * INTERVAL_MS);
    world.set(KEY, "ok", [REGIONS[0] ?? ""]);
    expect(world.until(() => stateOf(world) === "sound", 2 * INTERVAL_MS)).toBeLessThan(2 * INTERVAL_MS);
    expect(failsOver(world)).toBe(false);
  });

  it("is sound again once it has said so no more for as long as a vote counts", () => {
    const world = crashed(worldWith());
    world.until(() => failsOver(world), 8 * INTERVAL_MS);
    world.set(KEY, "refused", [LONE]);
    expect(world.until(() => stateOf(world) === "sound", 6 * INTERVAL_MS)).toBeLessThan(6 * INTERVAL_MS);
    expect(failsOver(world)).toBe(true);
  });
});

describe("a vantage that alone is answered keeps its word", () => {
  const never = (world: World): void => {
    world.run(20 * INTERVAL_MS);
    expect(stateOf(world)).toBe("sound");
    expect(world.changes.filter(({ transition }) => transition.advice.failover)).toEqual([]);
  };

  it("where others hear nothing: its path is not theirs", () => {
    const world = worldWith();
    world.set(KEY, "silent");
    world.set(KEY, "ok", [LONE]);
    never(world);
    expect(world.answer(KEY).verdict).toBe("partitioned");
  });

  it("where something on the way turns others away, whom the node's own site would not", () => {
    const world = worldWith();
    world.set(KEY, "refused", OTHERS);
    never(world);
  });

  it("where nobody looks from inside, or whoever does never reached it", () => {
    never(crashed(worldWith({ inside: [] })));
    const blind = settledWorld({ inside: ["fra"], elsewhere: [LONE], intervalMs: INTERVAL_MS });
    blind.set(KEY, "silent", [INSIDE]);
    blind.run(10 * INTERVAL_MS);
    never(crashed(blind));
  });

  it("where whoever looks from inside hears nothing: the node may have lost that link alone", () => {
    const world = crashed(worldWith());
    world.set(KEY, "silent", [INSIDE]);
    never(world);
  });

  it("where two others are answered, or one is let in", () => {
    for (const condition of ["ok", "reset"] as const) {
      const world = crashed(worldWith());
      world.set(KEY, condition, [REGIONS[0] ?? ""]);
      never(world);
    }
  });

  it("where it is one of the detector's own", () => {
    never(crashed(worldWith({ elsewhere: [] })));
  });

  it("where the others are no quorum", () => {
    const regions = ["wnam", "enam", LONE];
    never(crashed(worldWith({ regions })));
  });
});
