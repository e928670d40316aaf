import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawnOf, fitting } from "../../src/dashboard/rows.ts";
import { ago, crashed, stateOf, verdictOf } from "./states.ts";

describe("the rows of the table that are drawn", () => {
  const many = Array.from({ length: 300 }, (_, number) => verdictOf({ target: `t-${number}` }));
  const state = stateOf(many);

  test("are all of them where there is no script", () => {
    expect(drawnOf(state)).toMatchObject({ above: 0, below: 0, count: 300, abovePx: 0, belowPx: 0 });
  });

  test("are those that are seen, in the room that all of them take, however far it is scrolled", () => {
    fc.assert(
      fc.property(fc.nat(400), fc.integer({ min: 1, max: 400 }), (first, count) => {
        const live = { trouble: "", by: "events", rows: { first, count, heightPx: 28 } } as const;
        const { rows, above, below, abovePx, belowPx } = drawnOf({ ...state, live });
        expect(above + rows.length + below).toBe(300);
        expect([abovePx, belowPx]).toEqual([above * 28, below * 28]);
        expect(rows.length).toBe(Math.min(count, 300));
        expect(rows[0]?.target).toBe(`t-${above}`);
        if (first + count <= 300) expect(above).toBe(first);
      }),
    );
  });

  test("are all of them where there are few", () => {
    const live = { trouble: "", by: "events", rows: { first: 200, count: 5, heightPx: 28 } } as const;
    const few = { ...stateOf(many.slice(0, 60)), live };
    expect(drawnOf(few)).toMatchObject({ above: 0, below: 0, count: 60 });
  });
});

describe("a filter", () => {
  const override = { reason: "x", until: ago(-1) };
  const { targets } = stateOf([crashed(), verdictOf({ override }), verdictOf({ site: "ams" })]).matrix;
  test.each([
    ["", ["fra/db-1", "fra/db-2", "ams/db-2"]],
    ["  ", ["fra/db-1", "fra/db-2", "ams/db-2"]],
    ["FRA", ["fra/db-1", "fra/db-2"]],
    ["db-2 ams", ["ams/db-2"]],
    ["crashed", ["fra/db-1"]],
    ["word", ["fra/db-2"]],
    ["nothing", []],
  ])("%j keeps %j", (filter, keys) => {
    expect(fitting(targets, filter).map(({ site, target }) => `${site}/${target}`)).toEqual(keys);
  });
});
