import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Observation } from "../../src/domain/observation.ts";
import { runs } from "../runs.ts";
import { assignedTarget, assignmentOf } from "./assigned.ts";
import { names, openScene } from "./rounds-scene.ts";
import { type Behaviour, HEALTHY } from "./scripted-network.ts";

const TIMEOUT_MS = 4_000;

/** How a target behaves over the rounds: it may open late or never, answer late or never. */
const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.constant(HEALTHY),
  fc.constantFrom<Behaviour>({ silentAt: "connect" }, { silentAt: "response" }),
  fc
    .tuple(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 5_000 }))
    .map(([connectMs, answerMs]) => ({ connectMs, answersAfterMs: connectMs + answerMs })),
);

/** Plays rounds in which each of three targets has a behaviour. Returns the observations of all reports, in their order. */
const play = async (rounds: Behaviour[][]): Promise<Observation[]> => {
  const targets = names(3).map((name) => assignedTarget(name, { timeoutMs: TIMEOUT_MS }));
  const { clock, network, prober, tick, nextTick } = openScene(assignmentOf(targets));
  const told: Observation[] = [];
  for (const [round, behaviours] of rounds.entries()) {
    for (const [index, { url }] of targets.entries()) network.set(url, behaviours[index] ?? HEALTHY);
    told.push(...(await (round === 0 ? tick() : nextTick())).observations);
  }
  await clock.finish(prober.landed());
  return [...told, ...prober.harvest().observations];
};

describe("however targets behave from round to round", () => {
  const rounds = fc.array(fc.array(behaviour, { minLength: 3, maxLength: 3 }), { maxLength: 12 });
  const check = (law: (told: Observation[], rounds: Behaviour[][]) => void): Promise<void> =>
    fc.assert(
      fc.asyncProperty(rounds, async (played) => {
        // The prober first learns how long good paths take, and shortens later waits by that.
        const all = [...Array.from({ length: 5 }, () => [HEALTHY, HEALTHY, HEALTHY]), ...played];
        law(await play(all), all);
      }),
      { numRuns: runs(60) },
    );

  it("no hang is told before the target's own timeout", () =>
    check((told) => {
      for (const { outcome, totalMs } of told)
        if (outcome === "response_timeout") expect(totalMs).toBeGreaterThanOrEqual(TIMEOUT_MS);
    }));

  it("what answers within its timeout, once it has let us in, is told as an answer", () =>
    check((told) => {
      for (const { outcome, stage, connectMs, totalMs } of told) {
        if (outcome === "connect_timeout") expect([stage, connectMs]).toEqual(["connect", undefined]);
        if (outcome === "ok") expect(totalMs).toBeLessThanOrEqual(TIMEOUT_MS);
      }
    }));

  it("every pending is followed by its end, and nothing has two ends", () =>
    check((told, { length }) => {
      const byLook = Map.groupBy(told, ({ target, begin }) => `${target} ${begin}`);
      expect(byLook.size).toBe(3 * length);
      for (const outcomes of [...byLook.values()].map((all) => all.map(({ outcome }) => outcome))) {
        expect(outcomes.at(-1)).not.toBe("pending");
        expect(outcomes.slice(0, -1)).toEqual(outcomes.length > 1 ? ["pending"] : []);
      }
    }));
});
