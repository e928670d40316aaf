import { describe, expect, it } from "vitest";
import { Arrears } from "../../src/aggregator/arrears.ts";

const START = 1_790_000_040_000;

describe("arrears", () => {
  it("are of the last one to two minutes, and since the first turn missed without a pause", () => {
    const arrears = new Arrears();
    expect(arrears.at(START, false)).toBeNull();
    for (let n = 0; n < 60; n++) arrears.note({ due: 10, missed: 2 }, START + n * 10_000, false);
    const behind = arrears.at(START + 600_000, false);
    expect(behind?.since).toBe(START);
    expect(behind?.due).toBeLessThanOrEqual(120);
    expect(behind!.missed / behind!.due).toBeCloseTo(0.2);
    expect(arrears.at(START + 720_000, false)).toBeNull();
    for (const at of [800_000, 801_000]) arrears.note({ due: 5, missed: 3 }, START + at, false);
    expect(arrears.at(START + 801_000, false)).toEqual({ due: 10, missed: 6, since: START + 800_000 });
  });

  it("are none where something was held up once, however long", () => {
    const arrears = new Arrears();
    arrears.note({ due: 200, missed: 190 }, START, false);
    for (let n = 1; n < 10; n++) arrears.note({ due: 10, missed: 0 }, START + n * 5_000, false);
    expect(arrears.at(START + 50_000, false)).toBeNull();
  });

  it("are none where something was held up more than once, unless it is still", () => {
    const arrears = new Arrears();
    for (const at of [0, 30_000]) {
      arrears.note({ due: 12, missed: 11 }, START + at, true);
      arrears.note({ due: 2, missed: 0 }, START + at + 5_000, false);
    }
    expect(arrears.at(START + 36_000, false)).toBeNull();
    expect(arrears.at(START + 36_000, true)).toEqual({ due: 28, missed: 22, since: START });
  });

  it.each([
    [10, 2, false],
    [10, 3, true],
    [100, 4, false],
    [100, 5, true],
  ])("of %i turns, %i of them missed, are told: %s", (due, missed, isTold) => {
    const arrears = new Arrears();
    arrears.note({ due, missed: 1 }, START, false);
    arrears.note({ due: 0, missed: missed - 1 }, START, false);
    expect(arrears.at(START, false) !== null).toBe(isTold);
  });
});
