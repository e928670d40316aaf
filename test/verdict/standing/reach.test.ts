import { describe, expect, it } from "vitest";
import type { TargetState } from "../../../src/verdict/memory/state.ts";
import { reachOf } from "../../../src/verdict/standing/reach.ts";
import { NOW, seenOfVotes, standingAs, vantage, vote } from "../made.ts";

/** Answered by `d` and, wrongly, by `c`; missed by `b` and `a`; all a second ago. */
const COUNTED = [vote("d", "ok"), vote("c", "wrong"), vote("b", "silent"), vote("a", "refused")];

describe("from where a target is reached", () => {
  const down = (fellMs: number): TargetState => standingAs("node_dead", { downSince: NOW - fellMs });

  it.each<[string, TargetState, string[], string[]]>([
    ["is whoever was answered, and who missed it is open", standingAs("alive"), ["c", "d"], []],
    ["is not who is cut off", standingAs("partitioned", { standing: { cut: ["a"] } }), ["c", "d"], ["a"]],
    ["is nobody who missed what does not serve", down(1_001), ["c", "d"], ["a", "b"]],
    ["is nobody who was answered before it fell", down(1_000), [], ["a", "b"]],
    [
      "is nobody who missed what is to be avoided",
      standingAs("gray", { standing: { routing: "avoid" } }),
      ["c", "d"],
      ["a", "b"],
    ],
    [
      "is open where it is gray and served",
      standingAs("gray", { standing: { routing: "serve" } }),
      ["c", "d"],
      [],
    ],
    [
      "is open where nothing is known, though it was to be avoided",
      standingAs("unknown", { standing: { routing: "avoid" } }),
      ["c", "d"],
      [],
    ],
    [
      "is whoever was answered, where it is not known when it fell",
      standingAs("node_dead"),
      ["c", "d"],
      ["a", "b"],
    ],
  ])("%s", (_name, state, from, not) => {
    expect(reachOf(seenOfVotes(COUNTED), state)).toEqual({ from, not });
  });

  it("is told from inside as well", () => {
    const inside = [vote(vantage("i", { site: "fra" }), "ok")];
    expect(reachOf(seenOfVotes([], { inside }), standingAs("alive"))).toEqual({ from: ["i"], not: [] });
  });
});
