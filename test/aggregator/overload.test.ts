import { describe, expect, it } from "vitest";
import { Lateness, lateReasons, loadOf, Punctuality, staleReasons } from "../../src/aggregator/overload.ts";
import { REGIONS, World } from "../verdict/world.ts";

const INTERVAL_MS = 5_000;
const PUNCTUAL = new Punctuality();

/** Two targets that every region has looked at for a minute. */
const watched = (): World => {
  const world = new World({ intervalMs: INTERVAL_MS });
  world.place("fra/db-1");
  world.place("fra/db-2");
  world.run(60_000);
  return world;
};

const overdueIn = (world: World, now = world.now): Record<string, number> =>
  Object.fromEntries(
    loadOf(world.state, PUNCTUAL, now).looks.map(({ vantage, overdue }) => [vantage, overdue]),
  );

describe("looks that are overdue", () => {
  it("are none while every vantage keeps its rounds", () => {
    const load = loadOf(watched().state, PUNCTUAL, watched().now);
    expect(load.looks.map(({ vantage, due }) => [vantage, due])).toEqual(REGIONS.map((id) => [id, 2]));
    expect(load).toMatchObject({ isOverloaded: false, stale: [] });
    expect(lateReasons(load)).toEqual([]);
  });

  it("are those of one vantage that stopped, which is no overload", () => {
    const world = watched();
    world.mute("oc");
    world.run(30_000);
    expect(overdueIn(world)).toEqual({ ...Object.fromEntries(REGIONS.map((id) => [id, 0])), oc: 2 });
    expect(loadOf(world.state, PUNCTUAL, world.now).isOverloaded).toBe(false);
  });

  it("are an overload where half of the vantages miss rounds, and the evidence too old in time", () => {
    const world = watched();
    const late = loadOf(world.state, PUNCTUAL, world.now + 4 * INTERVAL_MS);
    expect(late.isOverloaded).toBe(true);
    expect(late.stale.map(({ site, target }) => `${site}/${target}`)).toEqual(["fra/db-1", "fra/db-2"]);
    expect(lateReasons(late)).toEqual([
      expect.stringMatching(
        /^overloaded, or cut off from its vantages: 14 of 14 looks .*wnam 2, .* and 2 more\)$/,
      ),
    ]);
    expect(staleReasons(late)).toEqual([
      expect.stringMatching(/^too old to act on, .*fra\/db-1 \(newest 2\S+Z\), fra\/db-2 \(newest 2\S+Z\)$/),
    ]);
  });

  it("are not asked of a target that is paused or was made a moment ago", () => {
    const world = watched();
    world.configure("fra/db-1", { paused: true });
    world.run(1_000);
    expect(loadOf(world.state, PUNCTUAL, world.now + 60_000).looks.every(({ due }) => due === 1)).toBe(true);
    world.place("fra/db-3");
    expect(loadOf(world.state, PUNCTUAL, world.now + INTERVAL_MS).looks.every(({ due }) => due === 1)).toBe(
      true,
    );
  });
});

describe("lateness", () => {
  it("is the worst of the last one to two minutes", () => {
    const lateness = new Lateness(2);
    const at = 1_800_000_000_000;
    lateness.note(3_000, at);
    lateness.note(10, at + 5_000);
    expect(lateness.worstMs(at + 10_000)).toBe(3_000);
    expect(lateness.worstMs(at + 59_000)).toBe(3_000);
    expect(lateness.worstMs(at + 180_000)).toBe(0);
  });

  it("is over once there were enough on time in a row, and its worst is remembered", () => {
    const lateness = new Lateness(2);
    const at = 1_800_000_000_000;
    const isLateAfter = (lateMs: number): boolean => {
      lateness.note(lateMs, at);
      return lateness.isLate(at);
    };
    expect([10, 60_000, 10, 3_000, 10, 10].map(isLateAfter)).toEqual([false, true, true, true, true, false]);
    expect(lateness.worstMs(at)).toBe(60_000);
  });

  it("is never below zero, whatever the clock does", () => {
    const lateness = new Lateness(2);
    lateness.note(-1_000_000, 1_000_000);
    expect(lateness.worstMs(500_000)).toBe(0);
  });

  it.each([1_999, 2_000])("of an alarm is told from two seconds on, and is an overload: %i ms", (lateMs) => {
    const { state, now } = watched();
    const punctuality = new Punctuality();
    punctuality.rang(now - lateMs, now);
    const load = loadOf(state, punctuality, now);
    expect(load.isOverloaded).toBe(lateMs >= 2_000);
    expect(lateReasons(load)).toEqual(
      load.isOverloaded ? ["overloaded, or interrupted: an alarm rang 2.0 s late within two minutes"] : [],
    );
  });

  it("of ticks is an overload where half of the vantages have it", () => {
    const { state, now } = watched();
    const punctuality = new Punctuality();
    const report = { sequence: 1, madeAt: now, version: 1, dropped: 0, observations: [], controls: [] };
    const late = (vantage: string) =>
      punctuality.heard([{ kind: "report", report: { ...report, vantage, lateMs: 6_500 } }], now);
    REGIONS.slice(0, 3).forEach(late);
    expect(loadOf(state, punctuality, now).isOverloaded).toBe(false);
    expect(lateReasons(loadOf(state, punctuality, now))).toEqual([]);
    late(REGIONS[3]!);
    expect(lateReasons(loadOf(state, punctuality, now))).toEqual([
      "overloaded, or interrupted: ticks began late within two minutes (wnam by 6.5 s, enam by 6.5 s, weur by 6.5 s, eeur by 6.5 s)",
    ]);
  });
});
