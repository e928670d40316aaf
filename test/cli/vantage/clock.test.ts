import { describe, expect, it } from "vitest";
import { START } from "../../schedule/rounds-scene.ts";
import { openScene, upTo } from "./scene.ts";

const HOUR = 3_600_000;

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
      // The looks are on the common grid again, without a pause.
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
    // The detector's clock is set instead. To the vantage that looks the same.
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
