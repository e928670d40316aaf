import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Edge } from "../../src/verdict/memory/judge-state.ts";
import { REGIONS, settledWorld, World } from "./world.ts";

const KEY = "fra/db-1";

describe("a refusal's speed", () => {
  it("shows that it came from something nearer than the host", () => {
    const world = settledWorld();
    world.connectTakes(KEY, 40);
    world.run(30_000);
    world.set(KEY, "refused");
    world.run(10_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "unreachable", advice: { failover: false } });
  });

  it("tells nothing while the path is hardly known", () => {
    const world = settledWorld();
    world.configure(KEY, { policy: { outsideProof: true } });
    world.connectTakes(KEY, 300);
    world.run(5_000);
    world.set(KEY, "refused");
    world.run(10_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", confirmed: true });
  });

  it("is outweighed where most refusals have come all the way from the host", () => {
    const world = settledWorld();
    world.configure(KEY, { policy: { outsideProof: true } });
    world.run(30_000);
    world.connectTakes(KEY, 40, ["weur", "enam", "oc"]);
    world.run(30_000);
    world.set(KEY, "refused");
    world.run(10_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", confirmed: true });
  });

  it("is held against the path's shortest connect, not against one that was slow", () => {
    const world = settledWorld();
    world.configure(KEY, { policy: { outsideProof: true } });
    for (const connectMs of [4, 4, 4, 300, 300]) {
      world.connectTakes(KEY, connectMs);
      world.run(5_000);
    }
    world.connectTakes(KEY, 4);
    world.run(10_000);
    world.set(KEY, "refused");
    world.run(10_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", confirmed: true });
  });
});

describe("a gateway that refuses for the whole host", () => {
  const guarded = (): World => {
    const world = new World();
    world.place(KEY, { witness: true });
    world.place("fra/db-2");
    world.run(60_000);
    return world;
  };
  const refuse = (world: World): void => {
    world.set(KEY, "refused");
    world.setWitness(KEY, "refused");
  };
  const neverCondemned = (world: World, forMs: number): void => {
    const from = world.changes.length;
    world.run(forMs);
    const condemned = world.changes
      .slice(from)
      .filter(({ transition }) => transition.confirmed && transition.to === "process_crashed");
    expect(condemned).toEqual([]);
    expect(world.answer(KEY).advice.failover).toBe(false);
  };
  /** Changes what each vantage remembers of the witness. */
  const withWitness = (world: World, change: (edge: Edge, vantage: string) => Edge): void => {
    const target = world.state.targets.get(KEY);
    if (target === undefined) throw new Error("no target");
    const witness = new Map([...target.witness].map(([vantage, edge]) => [vantage, change(edge, vantage)]));
    world.state = { ...world.state, targets: new Map(world.state.targets).set(KEY, { ...target, witness }) };
  };

  it("is no crash of its process", () => {
    const world = guarded();
    refuse(world);
    neverCondemned(world, 60_000);
    expect(world.answer(KEY).verdict).toBe("unreachable");
  });

  it("is none where the witness is refused faster than its host could", () => {
    const world = guarded();
    withWitness(world, (edge) => ({ ...edge, connectMs: 40, connects: 10 }));
    refuse(world);
    neverCondemned(world, 60_000);
  });

  it.each([1, 3, 6])("is none though %i of seven have never seen the witness answer", (count) => {
    const world = guarded();
    const unaware = new Set(REGIONS.slice(0, count));
    withWitness(world, (edge, vantage) =>
      unaware.has(vantage) ? { ...edge, recent: [], lastOk: null } : edge,
    );
    refuse(world);
    neverCondemned(world, 60_000);
  });

  it("is none while no burst is left to ask the witness", () => {
    const world = guarded();
    world.state = { ...world.state, tokens: { level: -1_000, at: world.now } };
    refuse(world);
    neverCondemned(world, 120_000);
  });

  it("is none though the witness was out of sight for a minute before", () => {
    const world = guarded();
    world.set(KEY, "silent");
    world.setWitness(KEY, "silent");
    world.run(60_000);
    world.set(KEY, "ok");
    world.state = { ...world.state, tokens: { level: -1_000, at: world.now } };
    world.until(() => world.answer(KEY).reachableFrom.length === 7, 10_000);
    refuse(world);
    neverCondemned(world, 60_000);
  });
});

it("a crash is one though its witness has refused for long, and is not confirmed by that", () => {
  const world = new World();
  world.place(KEY, { witness: true });
  world.place("fra/db-2");
  world.run(60_000);
  world.setWitness(KEY, "refused");
  world.run(60_000);
  world.set(KEY, "refused");
  world.run(20_000);
  expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", confirmed: false });
});

it("a site that is refused as a whole is no crash where a witness has always been refused", () => {
  const world = new World();
  const keys = [KEY, "fra/db-2"];
  for (const key of keys) world.place(key, { witness: true });
  for (const key of keys) world.setWitness(key, "refused");
  world.run(60_000);
  for (const key of keys) world.set(key, "refused");
  const seen = new Set<unknown>();
  for (let second = 0; second < 90; second++) {
    world.run(1_000);
    const { verdict, advice } = world.answer(KEY);
    seen.add(verdict).add(advice.failover);
  }
  expect([...seen]).toEqual(["unreachable", false]);
});

/** Makes the past look as if the machine had been busy: healthy connects took 40 ms, and refusals so far 30 ms. */
const wasSlow = (world: World): void => {
  const target = world.state.targets.get(KEY);
  if (target === undefined) throw new Error("no target");
  const edges = new Map(
    [...target.edges].map(([id, edge]) => {
      const recent = edge.recent.map((one) => (one.outcome === "refused" ? { ...one, totalMs: 30 } : one));
      return [id, { ...edge, recent, connectMs: 40, connects: 10 }];
    }),
  );
  world.state = { ...world.state, targets: new Map(world.state.targets).set(KEY, { ...target, edges }) };
};

/**
 * Three of seven vantages, whose looks may be lost, so that the others are the majority; and for each round, those whose looks are lost.
 */
const rounds = fc.shuffledSubarray(REGIONS, { minLength: 3, maxLength: 3 }).chain((some) =>
  fc.array(fc.record({ lost: fc.subarray(some), forMs: fc.constantFrom(1_000, 2_500, 5_000) }), {
    minLength: 1,
    maxLength: 12,
  }),
);

it("a crash stays one while its witness answers and most are refused, whoever's looks are lost and however fast it refuses", () => {
  fc.assert(
    fc.property(rounds, fc.boolean(), (all, isFast) => {
      const world = new World({ asText: false });
      world.place(KEY, { witness: true });
      world.place("fra/db-2");
      world.run(30_000);
      world.set(KEY, "refused");
      world.until(
        () => world.answer(KEY).confirmed && world.answer(KEY).verdict === "process_crashed",
        10_000,
      );
      if (isFast) wasSlow(world);
      for (const { lost, forMs } of all) {
        for (const id of REGIONS) world.set(KEY, lost.includes(id) ? "silent" : "refused", [id]);
        world.run(forMs);
        expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", confirmed: true });
      }
    }),
    { numRuns: 30 },
  );
});
