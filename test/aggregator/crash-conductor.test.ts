import { reset } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, inject, test, vi } from "vitest";
import { groupCourse, GroupCourse } from "./group-course.ts";
import { forget } from "./scene.ts";
import "../provided.ts";
import { fallAfter, type Kind, type Place, useShards } from "./worker.ts";

// A conductor, or a shard that it asks, ends at any of its steps. No epoch has two holders, and nothing acknowledged is lost or done twice.

/** Rows that the conductor writes and alarms that it sets, counted on through the writes that follow. */
const POINTS = Array.from({ length: 12 }, (_, point) => point + 1);
const calls = (names: string[]): Place[] =>
  names.flatMap((name): Place[] => [`before ${name}`, `after ${name}`]);
const PLACES: [Kind, Place][] = [
  ...calls(["memberViews", "noteGroup", "takeFromGroup"]).map((place): [Kind, Place] => ["conductor", place]),
  ["conductor", "reply"],
  ...calls(["views"]).map((place): [Kind, Place] => ["aggregator", place]),
  ["aggregator", "reply"],
  ["aggregator", "row"],
];
const NTH_MAX = 4;
/** Each course has many calls, two shards and a conductor, so there are fewer of them than of the aggregator's own courses. */
const RUNS = Math.ceil(inject("crashSeeds") / 5);

beforeEach(() => useShards(2));
afterEach(() => {
  useShards(1);
  vi.restoreAllMocks();
});

const play = (nth: fc.Arbitrary<number>, place: Place, kind: Kind): Promise<void> =>
  fc.assert(
    fc.asyncProperty(groupCourse, nth, async ([steps, index], nthStep) => {
      vi.restoreAllMocks();
      fallAfter(Infinity);
      await reset();
      forget();
      const course = new GroupCourse();
      await course.setOut();
      await course.play(steps, index, nthStep, place, kind);
    }),
    { numRuns: RUNS },
  );

test.each(POINTS)("falls at step %i of a write", (point) => play(fc.constant(point), "row", "conductor"));

test.each(PLACES)("one falls, %s, at: %s", (kind, place) =>
  play(fc.integer({ min: 1, max: NTH_MAX }), place, kind),
);
