import { describe, expect, it } from "vitest";
import { dumpState, loadState } from "../../src/verdict/memory/snapshot.ts";
import { KEY } from "./look.ts";
import { settledWorld } from "./world.ts";

/** As a judge kept its memory that knew nothing of proofs. */
const asOfOld = (text: string): string =>
  JSON.stringify(
    JSON.parse(text, (key, value: unknown) =>
      [
        "proof",
        "troubled",
        "beliefs",
        "downSince",
        "isGrave",
        "trustedSince",
        "answeredAt",
        "sites",
      ].includes(key)
        ? undefined
        : value,
    ),
  );

describe("a snapshot", () => {
  it("is read back as it was", () => {
    const { state } = settledWorld();
    expect(loadState(dumpState(state))).toEqual(state);
  });

  it("of an earlier judge is gone on from: nothing falls, and what dies is still called", () => {
    const world = settledWorld();
    const before = world.answer(KEY);
    world.state = loadState(asOfOld(dumpState(world.state)));
    world.run(30_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "alive", sequence: before.sequence });
    world.set(KEY, "silent");
    world.run(8_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "node_dead", sequence: before.sequence + 1 });
  });
});
