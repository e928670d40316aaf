/** Groups with the programs that hold their leases, in random worlds. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupRuns } from "../../runs.ts";
import { simulate } from "./sim.ts";

const RUNS = 40;
const seeds = fc.integer();

describe("members that hold a lease in a world that goes wrong", () => {
  test("strict: no two ever think at once that they lead", () => {
    let epochs = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        epochs += simulate(seed, "strict").epochs;
      }),
      { numRuns: groupRuns(RUNS), endOnFailure: true },
    );
    expect(epochs).toBeGreaterThan(RUNS);
  });

  test("advisory: a store that refuses older epochs has one writer in each", () => {
    let refused = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        refused += simulate(seed, "advisory").refusedWrites;
      }),
      { numRuns: groupRuns(RUNS), endOnFailure: true },
    );
    expect(refused).toBeGreaterThan(0);
  });
});
