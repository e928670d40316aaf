/** Questions about a target's answers, for tables. */
import type { AnsweredTarget } from "../../../src/verdict/belief/answers.ts";
import { type Facts, gathering } from "../../../src/verdict/facts/facts.ts";
import { outsideOf } from "../../../src/verdict/facts/loss.ts";
import { CAUSES, type Cause, PRIORS } from "../../../src/verdict/likelihood.ts";
import type {
  ObservationRecord,
  TargetState,
  VantageRecord,
} from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { edge, KEY, NOW, proofAt, shardOf, observed, targetState } from "../made.ts";

export type Looks = Record<string, ObservationRecord[]>;
export const ago = (
  ms: number,
  outcome: ObservationRecord["outcome"] = "ok",
  part: Partial<ObservationRecord> = {},
): ObservationRecord => observed(NOW - ms, outcome, part);

export type Part = Partial<Omit<AnsweredTarget, "facts">> & {
  /** Changes to what is remembered of the target, and to what is observed of it. */
  of?: Partial<TargetState>;
  facts?: Partial<Facts>;
  vantages?: VantageRecord[];
};
/** The question for a target that was met with these looks; `part` gives what a row is about. */
export const asked = (looks: Looks, { of, facts, vantages, ...part }: Part = {}): AnsweredTarget => {
  const seen = new Map(Object.entries(looks).map(([id, recent]) => [id, edge(recent)]));
  const state = { ...targetState({ edges: seen, proof: proofAt(NOW) }), ...of };
  const shard = shardOf({ targets: [state], ...(vantages === undefined ? {} : { vantages }) });
  const [edges = []] = outsideOf(shard, "fra").edges;
  return {
    facts: { ...gathering(shard, NOW, TUNING)(KEY, state), ...facts },
    state,
    edges,
    tuning: TUNING,
    priors: PRIORS,
    lost: 0.016,
    ...part,
  };
};
/** The weight of one cause. */
export const of = (weights: number[], cause: Cause): number => weights[CAUSES.indexOf(cause)] ?? NaN;
