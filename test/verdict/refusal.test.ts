import { describe, expect, it } from "vitest";
import { settledWorld } from "./world.ts";

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
    world.connectTakes(KEY, 300);
    world.run(5_000);
    world.set(KEY, "refused");
    world.run(10_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", confirmed: true });
  });

  it("is outweighed where most refusals have come all the way from the host", () => {
    const world = settledWorld();
    world.run(30_000);
    world.connectTakes(KEY, 40, ["weur", "enam", "oc"]);
    world.run(30_000);
    world.set(KEY, "refused");
    world.run(10_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", confirmed: true });
  });

  it("is held against the path's shortest connect, not against one that was slow", () => {
    const world = settledWorld();
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
