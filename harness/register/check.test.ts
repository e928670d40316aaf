import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { violationsOf } from "./check.ts";
import { BAD, GOOD } from "./cases.ts";
import type { Belief, History, Stored, Violation } from "./history.ts";
import { findUnlinearizable } from "./linearizable.ts";
import { anything, history, lawful, led, refused, took, wrote } from "./made.ts";
import { isLinearizableByTrying } from "./search.ts";

const STRICT = { lease: "strict", allowanceMs: 50 } as const;
const ADVISORY = { ...STRICT, lease: "advisory" } as const;

describe("the checker", () => {
  test.each(BAD)("refuses $name", ({ bad, law, reason }) => {
    const found = violationsOf(bad, STRICT);
    expect(found).toContainEqual(expect.objectContaining({ law, reason: expect.stringMatching(reason) }));
    const excerpt = found.find((one) => one.law === law)?.excerpt ?? [];
    expect(excerpt.length).toBeGreaterThan(0);
    expect(excerpt.length).toBeLessThanOrEqual(4);
  });

  test.each(GOOD)("lets pass: $name", ({ good }) => {
    expect(violationsOf(good, STRICT)).toEqual([]);
  });

  test("lets two lead at once by advisory leases, and nothing else pass for that", () => {
    const both = history({ beliefs: [led("a", 1, 0, 1_000), led("b", 2, 100, 2_000)] });
    expect(violationsOf(both, ADVISORY)).toEqual([]);
    for (const { bad, law } of BAD)
      if (law !== "one-leader-at-a-time")
        expect(violationsOf(bad, ADVISORY).map((one) => one.law)).toContain(law);
  });
});

/** Changes that harm a right history, and the law that each breaks. Each history ends with two epochs, "old" and "new". */
const HARMS: Record<string, { harm: (right: History) => Partial<History>; law: Violation["law"] }> = {
  "a stale write is taken": {
    harm: ({ operations, stored }) => {
      const last = stored.at(-1) as Stored;
      const before = stored.at(-2) as Stored;
      const stale = took("stale", last.at + 1, { epoch: before.epoch, node: before.node });
      const write = wrote("stale", last.at, last.at + 2, {
        epoch: stale.epoch,
        node: stale.node,
        client: "c3",
      });
      return { stored: [...stored, stale], operations: [...operations, write] };
    },
    law: "no-stale-write",
  },
  "an overwritten value is read back": {
    harm: ({ operations }) => ({
      operations: operations.map((one) =>
        one.kind === "read" && one.value === "new" ? { ...one, value: "old" } : one,
      ),
    }),
    law: "linearizable",
  },
  "an acknowledged write is lost": {
    harm: ({ stored }) => ({ stored: stored.filter(({ value }) => value !== "old") }),
    law: "nothing-lost",
  },
  "a refused write is taken": {
    harm: ({ operations }) => ({
      operations: operations.map((one) => (one.value === "new" && one.kind === "write" ? refused(one) : one)),
    }),
    law: "nothing-lost",
  },
  "an epoch has two holders": {
    harm: ({ beliefs }) => ({ beliefs: [...beliefs, { ...(beliefs.at(-1) as Belief), node: "intruder" }] }),
    law: "one-holder",
  },
  "a leader goes on into the next one's time": {
    harm: ({ beliefs }) => ({
      beliefs: beliefs.map((one) => (one === beliefs.at(-2) ? { ...one, to: one.to + 80 } : one)),
    }),
    law: "one-leader-at-a-time",
  },
};

describe("law", () => {
  test("every history of a register that fences passes", () => {
    fc.assert(
      fc.property(lawful, (right) => {
        expect(violationsOf(right, STRICT)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(Object.entries(HARMS))("it is caught wherever %s", (_, { harm, law }) => {
    fc.assert(
      fc.property(lawful, (right) => {
        const found = violationsOf({ ...right, ...harm(right) }, STRICT);
        expect(found.map((one) => one.law)).toContain(law);
      }),
      { numRuns: 300 },
    );
  });

  test("the zones find a history linearizable where trying all orders does, and only there", () => {
    const seen = { yes: 0, no: 0 };
    fc.assert(
      fc.property(anything, (operations) => {
        const tried = isLinearizableByTrying(operations);
        seen[tried ? "yes" : "no"] += 1;
        expect(findUnlinearizable(operations) === null).toBe(tried);
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(500);
  });
});
