import { describe, expect, it } from "vitest";
import { heedful } from "../../src/schedule/clock.ts";
import { HandClock } from "./hand-clock.ts";

const START = 1_800_000_000_000;

describe("a clock that is heeded", () => {
  it.each([
    { name: "goes on", shiftMs: 5, shows: 5, told: [] },
    { name: "stands still while it is corrected", shiftMs: -99, shows: 0, told: [] },
    { name: "is followed when it is set back", shiftMs: -100, shows: -100, told: [-100] },
    {
      name: "is followed when it is set forward, which nobody can tell from a pause",
      shiftMs: 1e8,
      shows: 1e8,
      told: [],
    },
  ])("$name", ({ shiftMs, shows, told }) => {
    const hand = new HandClock(START);
    const shifts: number[] = [];
    const clock = heedful(hand, (shift) => shifts.push(shift));
    expect(clock.now()).toBe(START);
    hand.set(shiftMs);
    expect(clock.now() - START).toBe(shows);
    expect(clock.now() - START).toBe(shows);
    expect(shifts).toEqual(told);
  });
});
