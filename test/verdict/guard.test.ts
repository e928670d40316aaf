/**
 * The judge as it was before it was put on one page, beside the judge as it is: the same events bring the same
 * transitions, the same probes asked for and the same next instant. For the life of that change.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge } from "../../src/verdict/judge.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { emptyState, type Change } from "../../src/verdict/memory/state.ts";
import { runs } from "../runs.ts";
import { judge as judgeBefore } from "./before/judge.ts";
import { DEFAULT_POLICY as POLICY_BEFORE } from "./before/policy.ts";
import { emptyState as emptyBefore } from "./before/state.ts";
import { play, worlds } from "./happenings.ts";

/** A transition without what it did not have before; its confidence is compared apart, as it is rounded now. */
const asBefore = ({ transition, ...change }: Change): unknown => ({
  ...change,
  transition: { ...transition, rule: null, confidence: null },
});

describe("the judge before and after", () => {
  it("come to the same, whatever happens", () => {
    fc.assert(
      fc.property(worlds, (script) => {
        const { journal } = play(script);
        let [state, before] = [emptyState(), emptyBefore()];
        for (const { at, events } of journal) {
          const now = judge(state, events, at, TUNING);
          const then = judgeBefore(before, events, at, POLICY_BEFORE);
          expect(now.changes.map(asBefore)).toEqual(then.changes.map(asBefore));
          now.changes.forEach(({ transition: { confidence } }, index) =>
            expect(confidence).toBeCloseTo(then.changes[index]?.transition.confidence ?? -1, 5),
          );
          expect(now.wanted).toEqual(then.wanted);
          expect(now.nextAt).toBe(then.nextAt);
          [state, before] = [now.state, then.state];
        }
      }),
      { numRuns: runs(15) },
    );
  });
});
