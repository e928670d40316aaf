/**
 * Checkers that take turns: place i of V looks i/V of an interval after the first, as Parallax's own vantages do. For
 * the rules that come without a schedule of their own, so that only the rule differs.
 */
import type { Reality } from "../reality.ts";
import { intervalFor, type Budget } from "./budget.ts";
import { atRate, outsiders, plainLooker, type Checker } from "./checker.ts";
import { phaseMs } from "./stream.ts";

/** All outside places, evenly staggered, at the interval that spends the budget, with the world's own timeout. */
export const staggered = (reality: Reality, fromMs: number, budget: Budget): Checker[] => {
  const places = outsiders(reality);
  const intervalMs = intervalFor(budget, places.length);
  const base = fromMs + phaseMs(reality.seed, "staggered", intervalMs);
  return places.map(({ id }, index) => ({
    place: id,
    firstAt: base + Math.round((index * intervalMs) / places.length),
    look: plainLooker(reality, reality.timeoutMs),
    pace: atRate(intervalMs),
  }));
};
