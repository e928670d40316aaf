import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DetectorClock } from "../../../../src/cli/shared/time/detector-clock.ts";
import { START } from "../../../schedule/rounds-scene.ts";

const HOUR = 3_600_000;

/** A clock whose monotonic source a test moves. `call` is one call that takes `thereMs` to the detector and `backMs` back. */
const openClock = (errorMs: number) => {
  let mono = 5_000.25;
  let trueMs = START;
  const steps: number[] = [];
  const clock = new DetectorClock(
    { monotonic: () => mono, after: () => () => undefined },
    START + errorMs,
    (shiftMs) => steps.push(shiftMs),
  );
  const pass = (ms: number): void => {
    mono += ms;
    trueMs += ms;
  };
  const call = (thereMs: number, backMs: number): void => {
    const learn = clock.measure();
    pass(thereMs);
    const at = trueMs;
    pass(backMs);
    learn(at);
  };
  /** Sets the detector's clock. */
  const set = (ms: number): void => {
    trueMs += ms;
  };
  return { clock, steps, pass, call, set, error: () => clock.now() - trueMs };
};

describe("the detector's time", () => {
  it("is learnt from one reply, be the machine's clock wrong by hours, within half of the round trip", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -9 * HOUR, max: 9 * HOUR }),
        fc.integer({ min: 0, max: 1_000 }),
        fc.integer({ min: 0, max: 1_000 }),
        (errorMs, thereMs, backMs) => {
          const { call, error } = openClock(errorMs);
          call(thereMs, backMs);
          expect(Math.abs(error())).toBeLessThanOrEqual((thereMs + backMs) / 2 + 1e-3);
        },
      ),
    );
  });

  it("is taken from the quickest of the last replies", () => {
    const { call, error } = openClock(HOUR);
    call(10, 700);
    call(2, 2);
    for (let n = 0; n < 6; n++) call(600, 20);
    expect(Math.abs(error())).toBeLessThan(0.01);
    call(600, 20);
    call(600, 20);
    expect(error()).toBeCloseTo(290, 0);
  });

  it("is moved by a reply that took longer than two seconds no further than that proves it wrong", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -9 * HOUR, max: 9 * HOUR }),
        fc.integer({ min: 0, max: 9_000 }),
        fc.integer({ min: 2_001, max: 9_000 }),
        (errorMs, thereMs, backMs) => {
          const { call, error } = openClock(errorMs);
          call(thereMs, backMs);
          // An error within the bounds stays. An error outside of them becomes the nearer bound.
          expect(error()).toBeCloseTo(Math.min(thereMs, Math.max(-backMs, errorMs)), 3);
        },
      ),
    );
  });

  it("is not spoilt by a slow reply once a quick one has told it, unless that proves it wrong", () => {
    const { call, set, error, clock } = openClock(HOUR);
    call(3, 5);
    for (let n = 0; n < 20; n++) call(4_000, 10);
    expect(error()).toBeCloseTo(-1);
    expect(clock.isLearnt).toBe(true);
    set(HOUR);
    call(4_000, 10);
    expect(Math.abs(error())).toBeLessThanOrEqual(4_000);
    expect(clock.isLearnt).toBe(false);
  });

  it("dates an instant of before by what is known when it is asked for", () => {
    const { clock, pass, call } = openClock(-HOUR);
    const at = clock.mark();
    pass(5_000);
    expect(at()).toBe(START - HOUR);
    call(1, 1);
    expect(at()).toBeCloseTo(START, 0);
  });

  it("follows a detector whose clock is set, or a machine that slept, at the next reply", () => {
    const { call, set, error, steps } = openClock(0);
    for (let n = 0; n < 8; n++) call(1, 1);
    set(-HOUR);
    call(200, 200);
    expect(Math.abs(error())).toBeLessThanOrEqual(200);
    expect(steps).toHaveLength(1);
  });

  it("is told of as a step only if it was wrong by so much that ages would be", () => {
    const { call, steps } = openClock(60);
    call(1, 1);
    expect(steps).toEqual([]);
  });

  it("frozen, measures durations rightly while it is set", () => {
    const { clock, call } = openClock(HOUR);
    const frozen = clock.frozen();
    const begin = frozen();
    call(3, 4);
    expect(frozen() - begin).toBeCloseTo(7);
  });
});
