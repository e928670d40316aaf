/** What is played in which order: side by side where that is clean, and by chance under `--full`. */
import { Draw, nameOf } from "../sim/draw.ts";
import type { Choice, Scenario } from "./scenario.ts";

/** One round of `--full`: everything in it follows from its seed. */
export interface Round {
  seed: number;
  scenario: Scenario;
  choice: Choice;
  /** How long all is left in peace before: so that the fault falls on any moment of the vantages' rounds. */
  leadMs: number;
}

const MOST_LEAD_MS = 7_500;

/** The rounds that follow from a seed. Round n is the same however many there are. */
export const drawRounds = (scenarios: readonly Scenario[], seed: number, count: number): Round[] =>
  Array.from({ length: count }, (_, index) => {
    const own = seed + index;
    const draw = new Draw(nameOf(own));
    return {
      seed: own,
      scenario: draw.pick(scenarios),
      leadMs: Math.round(draw.between(0, MOST_LEAD_MS)),
      choice: { pick: (things) => draw.pick(things), sample: (things, some) => draw.sample(things, some) },
    };
  });

/** The lanes that may run side by side, then those that may not, each in its order. */
export const lanesOf = (scenarios: readonly Scenario[]): { beside: Scenario[][]; alone: Scenario[] } => ({
  beside: (["fra", "ams"] as const).map((site) => scenarios.filter(({ lane }) => lane === site)),
  alone: scenarios.filter(({ lane }) => lane === "alone"),
});
