import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProbeSchedule } from "../../src/schedule/due-probes.ts";
import {
  dueAfter,
  duePoint,
  isFreshRound,
  isWitnessRound,
  pointAt,
  slackMs,
} from "../../src/schedule/grid.ts";
import { assignedTarget } from "./assigned.ts";

const interval = fc.integer({ min: 5_000, max: 3_600_000 });
const phase = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const instant = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });

describe("the grid", () => {
  it.each([
    { phase: 0, at: 20_000, point: 20_000 },
    { phase: 0, at: 29_999, point: 20_000 },
    { phase: 0.5, at: 20_000, point: 15_000 },
    { phase: 0.5, at: 25_000, point: 25_000 },
    { phase: 1, at: 20_000, point: 20_000 },
  ])("has, with phase $phase and 10 s, $point as its latest point at $at", ({ phase, at, point }) => {
    expect(pointAt({ intervalMs: 10_000, phase }, at)).toBe(point);
  });

  it.each([
    { intervalMs: 5_000, slack: 250 },
    { intervalMs: 10_000, slack: 500 },
    { intervalMs: 3_600_000, slack: 500 },
  ])("lets a target of $intervalMs ms go along $slack ms early", ({ intervalMs, slack }) => {
    expect(slackMs(intervalMs)).toBe(slack);
    const cell = { intervalMs, phase: 0 };
    expect(duePoint(cell, 0, intervalMs - slack)).toBe(intervalMs);
    expect(duePoint(cell, 0, intervalMs - slack - 1)).toBeUndefined();
  });

  it("has a point at or before every instant, less than one interval ago, and the next one interval on", () => {
    fc.assert(
      fc.property(interval, phase, instant, (intervalMs, phase, at) => {
        const cell = { intervalMs, phase };
        const point = pointAt(cell, at);
        expect(point).toBeLessThanOrEqual(at);
        expect(at - point).toBeLessThan(intervalMs);
        expect(pointAt(cell, point)).toBe(point);
        expect(dueAfter(cell, at)).toBe(point + intervalMs);
      }),
    );
  });

  it("makes V vantages look every interval/V, give or take the rounding of a millisecond", () => {
    fc.assert(
      fc.property(interval, fc.integer({ min: 1, max: 16 }), instant, (intervalMs, count, from) => {
        const cells = Array.from({ length: count }, (_, i) => ({ intervalMs, phase: i / count }));
        const points = cells.flatMap((cell) => [1, 2, 3].map((n) => pointAt(cell, from) + n * intervalMs));
        const looks = points.toSorted((a, b) => a - b);
        for (const [index, look] of looks.slice(1).entries())
          expect(Math.abs(look - (looks[index] ?? 0) - intervalMs / count)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("includes the witness in one round of four, and in every round some vantage's turn comes", () => {
    fc.assert(
      fc.property(interval, phase, instant, (intervalMs, phase, at) => {
        const cell = { intervalMs, phase };
        const rounds = [0, 1, 2, 3].map((n) => isWitnessRound(cell, pointAt(cell, at) + n * intervalMs));
        expect(rounds.filter(Boolean)).toHaveLength(1);
      }),
    );
    const phases = [0, 0.25, 0.5, 0.75];
    expect(phases.filter((phase) => isWitnessRound({ intervalMs: 10_000, phase }, 40_000))).toHaveLength(1);
  });
});

describe("the schedule", () => {
  const start = 1_790_000_000_000;
  const serve = (schedule: ProbeSchedule, now: number): string[] => {
    const due = schedule.due(now);
    for (const { entry, point } of due) entry.served = point;
    return due.map(({ entry }) => entry.target.target);
  };

  it("holds a new target due at once", () => {
    const schedule = new ProbeSchedule();
    schedule.adopt([assignedTarget("db-1", { intervalMs: 3_600_000 })]);
    expect(schedule.nextTickAt(start)).toBe(start);
    expect(serve(schedule, start)).toEqual(["db-1"]);
  });

  it("has nothing to tick for without targets", () => {
    const schedule = new ProbeSchedule();
    schedule.adopt([]);
    expect(schedule.nextTickAt(start)).toBeUndefined();
    expect(schedule.due(start)).toEqual([]);
  });

  it("after a restart waits for the next grid point of what its predecessor had served", () => {
    const schedule = new ProbeSchedule();
    const [short, long] = [assignedTarget("short"), assignedTarget("long", { intervalMs: 60_000 })];
    const ticked = pointAt(long, start) + 3;
    schedule.adopt([short, long], ticked);
    expect(serve(schedule, ticked + 1)).toEqual([]);
    expect(schedule.nextTickAt(ticked + 1)).toBe(dueAfter(short, ticked));
    expect(serve(schedule, ticked + 10_000)).toEqual(["short"]);
    expect(serve(schedule, ticked + 60_000)).toEqual(["short", "long"]);
  });

  it("keeps what it knows of a target whose settings change, and forgets it with a new URL", () => {
    const schedule = new ProbeSchedule();
    schedule.adopt([assignedTarget("db-1")]);
    serve(schedule, start);
    schedule.adopt([assignedTarget("db-1", { timeoutMs: 1_000 })]);
    expect(serve(schedule, start)).toEqual([]);
    schedule.adopt([assignedTarget("db-1", { url: "tcp://other.example:5432" })]);
    expect(serve(schedule, start)).toEqual(["db-1"]);
  });

  it("puts first what had no turn the last time", () => {
    const schedule = new ProbeSchedule();
    schedule.adopt([assignedTarget("a"), assignedTarget("b"), assignedTarget("c")]);
    serve(schedule, start);
    const [, second] = schedule.due(start + 10_000);
    for (const { entry, point } of schedule.due(start + 10_000))
      if (entry !== second?.entry) entry.served = point;
    expect(schedule.nextTickAt(start + 10_500)).toBe(start + 10_500);
    expect(serve(schedule, start + 20_000)).toEqual(["b", "a", "c"]);
  });

  it("never lets a tick after any pause look twice at a target, nor the next one catch up", () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(interval, phase), { minLength: 1, maxLength: 8 }),
        pauses,
        (cells, all) => {
          const schedule = new ProbeSchedule();
          schedule.adopt(
            cells.map(([intervalMs, phase], i) => assignedTarget(`t-${i}`, { intervalMs, phase })),
          );
          let now = start;
          for (const pause of all) {
            now += pause;
            const served = serve(schedule, now);
            expect(new Set(served).size).toBe(served.length);
            expect(serve(schedule, now)).toEqual([]);
          }
        },
      ),
    );
  });

  it("starves no target: looks are at most one interval and the tick's lateness apart, whatever phases change", () => {
    const lateness = fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 20, maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(interval, phase), { minLength: 1, maxLength: 6 }),
        phase,
        lateness,
        (cells, shift, lates) => {
          const schedule = new ProbeSchedule();
          const targets = cells.map(([intervalMs, phase], i) =>
            assignedTarget(`t-${i}`, { intervalMs, phase }),
          );
          const shifted = targets.map((target) => ({ ...target, phase: (target.phase + shift) % 1 }));
          schedule.adopt(targets);
          const looked = new Map(targets.map((target) => [target.target, start]));
          let now = start;
          for (const [index, late] of lates.entries()) {
            schedule.adopt(index % 3 === 0 ? shifted : targets);
            now = (schedule.nextTickAt(now) ?? now) + late;
            const served = serve(schedule, now);
            expect(served.length).toBeGreaterThan(0);
            for (const name of served) looked.set(name, now);
            for (const { target, intervalMs } of targets)
              expect(now - (looked.get(target) ?? 0)).toBeLessThanOrEqual(
                intervalMs + slackMs(intervalMs) + 2_000,
              );
          }
        },
      ),
    );
  });
});

describe("new connections", () => {
  const fleet = fc.integer({ min: 1, max: 16 });

  it("are made to a target from somewhere in every second interval at the least, by any number of vantages", () => {
    fc.assert(
      fc.property(interval, fleet, instant, (intervalMs, vantages, from) => {
        const freshLooks = Array.from({ length: vantages }, (_, rank) => {
          const cell = { intervalMs, phase: rank / vantages };
          const first = pointAt(cell, from) + intervalMs;
          return [first, first + intervalMs].filter(
            (point) => point <= from + 2 * intervalMs && isFreshRound(cell, point),
          );
        }).flat();
        expect(freshLooks.length).toBeGreaterThanOrEqual(vantages);
        // With two or more vantages, the next new connection is never more than an interval and a half away.
        if (vantages > 1) expect(Math.min(...freshLooks) - from).toBeLessThanOrEqual(1.5 * intervalMs + 1);
      }),
    );
  });

  it("are made by each vantage in every second of its rounds", () => {
    fc.assert(
      fc.property(interval, phase, instant, (intervalMs, phase, at) => {
        const cell = { intervalMs, phase };
        const point = pointAt(cell, at);
        expect(isFreshRound(cell, point)).not.toBe(isFreshRound(cell, point + intervalMs));
      }),
    );
  });
});
