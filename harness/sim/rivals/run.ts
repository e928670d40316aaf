import type { Run } from "../detector.ts";
import type { Rule } from "./rule.ts";
import { detectBy } from "./rule.ts";
import { stubReality, type Script } from "./stub-reality.ts";

/** Runs a rule over a hand-made world, from 0. */
export const runRule = async (rule: Rule, script: Script, untilMs = 600_000): Promise<Run> =>
  detectBy(rule).run(stubReality(script), 0, untilMs);

/** Seconds from the fault to the first call of "down"; infinite where there is none. */
export const delayS = (run: Run, faultAt: number): number =>
  ((run.downs[0]?.at ?? Number.POSITIVE_INFINITY) - faultAt) / 1_000;

export const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20];
