import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DetectorClock } from "../../src/cli/vantage-clock.ts";
import { START } from "../schedule/lookout-scene.ts";
import { openScene, upTo } from "./vantage-scene.ts";

const HOUR = 3_600_000;

/** A clock whose monotonic source a test moves; `call` is one call, `thereMs` on the way there, `backMs` on the way back. */
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
  /** The detector's clock is set. */
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

  it("is not taken from a reply that took longer than two seconds", () => {
    const { call, error, steps } = openClock(HOUR);
    call(1_900, 150);
    expect(error()).toBe(HOUR);
    expect(steps).toEqual([]);
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

describe("a vantage", () => {
  const lookedAt = (begins: number[]): number[] => upTo(begins.length, 0).map((n) => START + n * 10_000);

  it.each([HOUR, -HOUR, 40 * 365 * 24 * HOUR])(
    "on a machine whose wall clock is wrong by %i ms dates what it sees by the detector's time",
    async (errorMs) => {
      const { clock, wall, start, begins } = openScene();
      wall.errorMs = errorMs;
      start();
      await clock.turn(60_000);
      expect(begins()).toEqual(lookedAt(begins()));
      expect(begins().length).toBeGreaterThan(5);
    },
  );

  it.each([HOUR, -HOUR])("is not moved by a wall clock set by %i ms in the middle", async (errorMs) => {
    const { clock, wall, detector, start, begins, events } = openScene();
    start();
    await clock.turn(25_000);
    wall.errorMs = errorMs;
    await clock.turn(65_000);
    expect(begins()).toEqual(lookedAt(begins()));
    expect(events("clock-set")).toEqual([]);
    expect(detector.reports().map(({ madeAt }) => madeAt)).toEqual(
      lookedAt(begins()).map((begin) => begin + 20),
    );
  });

  it("that starts while there is no detector goes by what it knew of its wall clock's error", async () => {
    const { clock, wall, detector, start, kill, begins } = openScene();
    wall.errorMs = HOUR;
    start();
    await clock.turn(25_000);
    kill();
    detector.mood = "down";
    start();
    await clock.turn(60_000);
    detector.mood = "well";
    await clock.turn(60_000);
    expect(begins()).toEqual(lookedAt(begins()));
  });

  it.each([HOUR, -HOUR])(
    "whose wall clock was set by %i ms while neither it nor the detector ran corrects what it has kept",
    async (errorMs) => {
      const { clock, wall, detector, start, kill, begins } = openScene();
      start();
      await clock.turn(25_000);
      kill();
      wall.errorMs = errorMs;
      detector.mood = "down";
      start();
      await clock.turn(60_000);
      detector.mood = "well";
      await clock.turn(60_000);
      const late = begins().slice(3);
      expect(late.length).toBeGreaterThan(6);
      for (const begin of late) {
        expect(begin).toBeGreaterThanOrEqual(START + 25_000);
        expect(begin).toBeLessThanOrEqual(clock.now());
      }
      expect(begins().toSorted((a, b) => a - b)).toEqual(begins());
      // On the common grid again, and without a pause.
      expect(begins().slice(-4)).toEqual(
        upTo(4, begins().length - 4).map((n) => (begins().at(-1) ?? 0) - (begins().length - 1 - n) * 10_000),
      );
      expect((begins().at(-1) ?? 0) % 10_000).toBe(0);
    },
  );

  it("whose clock is set back while it looks looks on without a pause, at the right time", async () => {
    const { clock, wall, detector, network, start, begins } = openScene();
    start();
    await clock.turn(25_000);
    expect(wall.errorMs).toBe(0);
    // The detector's clock is set instead: to the vantage that is the same.
    detector.offsetMs = -HOUR;
    network.setAll({ silentAt: "connect" });
    await clock.turn(60_000);
    const seen = detector.reports().flatMap(({ observations }) => observations);
    const after = seen.filter(({ begin }) => begin < START - HOUR / 2);
    expect(after.length).toBeGreaterThan(4);
    for (const { totalMs, outcome } of seen) if (outcome === "pending") expect(totalMs).toBeLessThan(2_000);
    expect(begins().length).toBeGreaterThan(8);
  });
});
