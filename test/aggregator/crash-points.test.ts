import { reset } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, inject, test, vi } from "vitest";
import { course, play, reporting, setOut } from "./course.ts";
import { forget } from "./scene.ts";
import "../provided.ts";
import { fallAfter, type Place } from "./worker.ts";

// An object that ends at any of its steps has done everything that it acknowledged, and has left nothing half done.

/** Rows written and alarms set, counted from the beginning of a write and on through the writes that follow. */
const POINTS = Array.from({ length: 12 }, (_, point) => point + 1);

/** The calls, messages and answers at which the aggregator may fall. */
const PLACES: Place[] = [
  "before configure",
  "after configure",
  "before probeNow",
  "after probeNow",
  "before send",
  "after send",
  "noted",
  "reply",
];
/** The aggregator sends a changed target to seven vantages. */
const NTH_MAX = 7;

beforeEach(async () => {
  fallAfter(Infinity);
  await reset();
  forget();
  await setOut();
});
afterEach(() => vi.restoreAllMocks());

test.each(POINTS)("falls at step %i of a write", async (point) => {
  await fc.assert(
    fc.asyncProperty(course, ([steps, at]) => play(steps, at, () => fallAfter(point), reporting)),
    { numRuns: inject("crashSeeds") },
  );
});

test.each(PLACES)("falls at: %s", async (place) => {
  await fc.assert(
    fc.asyncProperty(course, fc.integer({ min: 1, max: NTH_MAX }), ([steps, at], nth) =>
      play(steps, at, () => fallAfter(nth, place)),
    ),
    { numRuns: inject("crashSeeds") },
  );
});
