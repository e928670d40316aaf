import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AssignedTarget } from "../../src/domain/report.ts";
import { runs } from "../runs.ts";
import { assignedTarget, assignmentOf } from "./assigned.ts";
import { openScene, START } from "./rounds-scene.ts";
import { DEAD, FROZEN, HEALTHY } from "./scripted-network.ts";

const INTERVAL_MS = 10_000;
/** How late, beyond its interval, the next look at an answering target may be while another whole site is silent, … */
const LATE_MAX_MS = 3_000;
/** … and while its own siblings are silent, each for no longer than the prober waits for it. */
const LATE_BESIDE_MS = LATE_MAX_MS + 4_000;

/** The prober waits in full for each silent target four times at most, 5 s each, and for four targets at once. */
const FOUND_OUT_MS = 5_000;

const targetsOf = (site: string, count: number): AssignedTarget[] =>
  Array.from({ length: count }, (_, n) =>
    assignedTarget(`${site}-${n}`, { site, url: `tcp://${site}-${n}.example:5432`, intervalMs: INTERVAL_MS }),
  );

/** Plays rounds for `ms` as the owner of a prober does: the next tick comes when it is due and the last tick has reported. */
const playFor = async (scene: ReturnType<typeof openScene>, ms: number): Promise<void> => {
  const until = scene.clock.now() + ms;
  while (scene.clock.now() < until) await scene.nextTick();
};

/** The longest time between two instants in which no look at this target began. */
const longestGap = (starts: number[], from: number, to: number): number => {
  const within = [from, ...starts.filter((at) => from <= at && at < to), to];
  return Math.max(...within.slice(1).map((at, n) => at - (within[n] ?? 0)));
};

describe("whatever falls silent, and however", () => {
  const world = fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
    silent: fc.double({ min: 0, max: 0.3, noNaN: true }),
    wholeSite: fc.boolean(),
    behaviour: fc.constantFrom(DEAD, FROZEN),
    seed: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 120, maxLength: 120 }),
  });

  it("what answers is looked at in every interval", async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ sizes, silent, wholeSite, behaviour, seed }) => {
        const targets = sizes.flatMap((size, index) => targetsOf(`s${index}`, size));
        const scene = openScene(assignmentOf(targets));
        await playFor(scene, 6 * INTERVAL_MS);
        const isSilent = targets.map(({ site }, index) =>
          wholeSite ? site === "s0" : (seed[index] ?? 1) < silent,
        );
        for (const [index, { url }] of targets.entries())
          scene.network.set(url, isSilent[index] ? behaviour : HEALTHY);
        // The prober first has to learn which targets of a site are silent, each by a few whole waits.
        const found = isSilent.filter(Boolean).length * FOUND_OUT_MS;
        if (!wholeSite) await playFor(scene, 6 * INTERVAL_MS + found);
        const from = scene.clock.now();
        await playFor(scene, 6 * INTERVAL_MS);
        for (const [index, { url }] of targets.entries())
          if (!isSilent[index])
            expect(longestGap(scene.network.startsOf(url), from, scene.clock.now())).toBeLessThanOrEqual(
              INTERVAL_MS + (wholeSite ? LATE_MAX_MS : LATE_BESIDE_MS),
            );
      }),
      { numRuns: runs(15) },
    );
  });
});

describe("a site of which nothing answers", () => {
  const dead = targetsOf("dead", 120);
  const living = targetsOf("living", 40);

  it("leaves the living their slots, is looked at in turn, and is seen to come back", async () => {
    const scene = openScene(assignmentOf([...dead, ...living]));
    const { clock, network } = scene;
    await playFor(scene, 6 * INTERVAL_MS);
    for (const { url } of dead) network.set(url, DEAD);
    const from = clock.now();
    await playFor(scene, 12 * INTERVAL_MS);
    for (const { url } of living)
      expect(longestGap(network.startsOf(url), from, clock.now())).toBeLessThanOrEqual(
        INTERVAL_MS + LATE_MAX_MS,
      );
    const looks = dead.map(({ url }) => network.startsOf(url).filter((at) => at >= from).length);
    // The looks go round in turn: no target gets many more than another.
    expect(Math.min(...looks)).toBeGreaterThan(0);
    expect(Math.max(...looks) - Math.min(...looks)).toBeLessThanOrEqual(2);
    for (const { url } of dead) network.set(url, HEALTHY);
    const back = clock.now();
    await playFor(scene, 2 * INTERVAL_MS);
    for (const { url } of dead) expect(network.startsOf(url).some((at) => at >= back)).toBe(true);
  });

  it("does not hold the report up: it leaves about two seconds after the tick began", async () => {
    const scene = openScene(assignmentOf([...dead, ...living]));
    await playFor(scene, 6 * INTERVAL_MS);
    for (const { url } of dead) scene.network.set(url, DEAD);
    for (let round = 0; round < 4; round++) {
      const { readyAfterMs, seen } = await scene.nextTick();
      expect(readyAfterMs).toBeLessThanOrEqual(LATE_MAX_MS);
      expect(seen.filter((each) => each === "living-0 target ok")).toHaveLength(1);
    }
  });

  it("is all looked at at once when everything is new, and nothing is looked at twice", async () => {
    const { network, nextTick } = openScene(assignmentOf(living));
    await nextTick();
    expect(network.started.map(({ url }) => url)).toEqual(living.map(({ url }) => url));
    expect(network.started.every(({ at }) => at - START < LATE_MAX_MS)).toBe(true);
  });
});
