/** The order of the scenarios: side by side where they do not disturb each other, and by chance under `--full`. */
import { Draw, nameOf } from "../sim/draw.ts";
import type { Choice, Scenario } from "./scenario.ts";

/** One round of `--full`: everything in it follows from its seed. */
export interface Round {
  seed: number;
  scenario: Scenario;
  choice: Choice;
  /** How long the round waits before the fault, so that the fault falls on any moment of the vantages' rounds. */
  leadMs: number;
}

const MOST_LEAD_MS = 7_500;

/** The rounds that follow from a seed. Round n is the same however many rounds there are. */
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

/** The scenarios that may run side by side, by lane, then those that must run alone, each in order. */
export const lanesOf = (scenarios: readonly Scenario[]): { beside: Scenario[][]; alone: Scenario[] } => ({
  beside: (["fra", "ams"] as const).map((site) => scenarios.filter(({ lane }) => lane === site)),
  alone: scenarios.filter(({ lane }) => lane === "alone"),
});
