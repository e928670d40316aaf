import { describe, expect, it } from "vitest";
import { dumpState, loadState } from "../../../src/verdict/memory/target-state.ts";
import { KEY } from "../look.ts";
import { control, edge, notice, NOW, proofAt, shardOf, observed, standingAs, vantage } from "../made.ts";
import { settledWorld } from "../world.ts";

/** The memory of an earlier judge, which did not know proofs, the end of a target's good time, or its own absences. */
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
        "madeAt",
        "okAt",
        "judgedAt",
        "wakeAt",
        "quiet",
        "returned",
      ].includes(key)
        ? undefined
        : value,
    ),
  );

describe("a snapshot", () => {
  it("is read back as it was, with all that can be in it", () => {
    const full = shardOf({
      vantages: [vantage("a", { controls: new Map([["tcp://c:1", control(NOW)]]), colo: "FRA" })],
      targets: [
        standingAs("process_crashed", {
          edges: new Map([["a", edge([observed(NOW, "refused", { lost: 0.2, openUntil: NOW })])]]),
          okAt: NOW - 1,
          notice: notice("crash"),
          override: { verdict: "alive", reason: "known", until: NOW },
          heartbeat: { at: NOW, everyMs: null, gaps: [1_000] },
        }),
      ],
      sites: { fra: { lost: 0.2, paths: new Map([["a", proofAt(NOW)]]) } },
      frozenSince: NOW,
      judgedAt: NOW,
      wakeAt: NOW + 1,
      quiet: { from: NOW - 1, to: NOW, sound: ["a"] },
      returned: { since: NOW, awaited: [{ vantage: "a", dueAt: NOW }] },
    });
    expect(loadState(dumpState(full))).toEqual(full);
  });

  it("is text that another of the same state is equal to", () => {
    const text = dumpState(settledWorld().state);
    expect(dumpState(loadState(text))).toBe(text);
  });

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
