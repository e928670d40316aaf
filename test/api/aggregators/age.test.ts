import { describe, expect, it } from "vitest";
import { ageMs } from "../../../src/api/aggregators/age.ts";

describe("how long ago that was", () => {
  it.each([
    { at: 1_000, now: 1_000, age: 0 },
    { at: 1_000, now: 4_000, age: 3_000 },
    { at: 1_001, now: 1_000, age: Infinity },
  ])("of $at at $now is $age", ({ at, now, age }) => {
    expect(ageMs(at, now)).toBe(age);
  });
});
