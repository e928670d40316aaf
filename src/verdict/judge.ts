/**
 * The judge: events in, verdicts out. Pure: no clock, no chance, no I/O, and the state handed in is never changed, so the
 * stored evidence replays to the same history. One judgement, from top to bottom: take the events in; whose word counts; what is
 * seen of every target that may have changed; what is believed of the sites in trouble; whether to suspect ourselves; and then for
 * each target the first rule that holds, what stands, what is published, and whom to ask now.
 */
import { type EvidenceEvent, sitesOf } from "../domain/evidence.ts";
import { type Ask, attend, requestBursts, type Wanted } from "./attention.ts";
import { type Belief, CALM_BELIEF, inferSites } from "./belief/beliefs.ts";
import { withFailOpen } from "./facts/elsewhere.ts";
import { caughtUp, sorted } from "./facts/living.ts";
import { type Facts, gathering } from "./facts/facts.ts";
import { pathLossOf } from "./facts/loss.ts";
import { withSoundness } from "./facts/soundness.ts";
import { takeIn, touched, withAbsence } from "./intake/intake.ts";
import { type Change, NEVER, type ShardState, type TargetState } from "./memory/judge-state.ts";
import { isTroubled, withTargets } from "./memory/target-state.ts";
import { caseOf, type JudgementRound, type Rule } from "./naming/case.ts";
import { conclude, RULES } from "./naming/rules.ts";
import { publish } from "./standing/publishing.ts";
import { noted, settle } from "./standing/settling.ts";
import type { Tuning } from "./tuning.ts";

export interface Judgement {
  state: ShardState;
  /** Transitions, in the order they were decided. */
  changes: Change[];
  /** Probes asked for now, by vantage. */
  wanted: Wanted[];
  /** When to judge again even if nothing arrives; NEVER for none. */
  nextAt: number;
}

/** Judges a shard after `events` at `now` (epoch milliseconds) by these numbers and rules. Same arguments, same judgement. */
export const judge = (
  before: ShardState,
  events: readonly EvidenceEvent[],
  now: number,
  tuning: Tuning,
  rules: readonly Rule[] = RULES,
): Judgement => {
  const told = events.reduce((state, event) => takeIn(state, event, now, tuning), before);
  const taken = withAbsence(before, told, events, now, tuning);
  const trusted = withSoundness(taken, now, tuning);
  const keys = touched(before, trusted, events, now);
  const factsOn = gathering(trusted, now, tuning);
  const current = caughtUp(trusted, keys, now, tuning);
  const { shard: weighed, known } = inferSites(trusted, sitesOf(current), factsOn, now, tuning);
  const { calm, open } = sorted(weighed, keys, events, now, tuning);
  const seen = open.map(([key, state]): [string, TargetState] => [
    key,
    current.has(key) ? noted(factsOn(key, state), state, known.get(key) ?? CALM_BELIEF, tuning) : state,
  ]);
  const { shard, share } = withFailOpen(withTargets(weighed, [...calm, ...seen]), now, tuning);
  const round = { shard, share, loss: pathLossOf(shard, now, tuning), tuning };
  const decided = seen.map(([key, state]) =>
    decide(round, factsOn(key, state), state, known.get(key) ?? CALM_BELIEF, rules),
  );
  const judged = withTargets(
    shard,
    decided.map(({ key, state }) => [key, state]),
  );
  const asks = decided.flatMap(({ ask, state }) => (ask === null ? [] : [{ ...ask, state }]));
  const { shard: asked, wanted } = requestBursts(judged, asks, now, tuning);
  let nextAt = NEVER;
  for (const state of asked.targets.values()) nextAt = Math.min(nextAt, state.nextAt);
  return {
    state: { ...asked, wakeAt: asked.judgedAt === 0 ? 0 : nextAt },
    changes: decided.flatMap(({ change }) => change ?? []),
    wanted,
    nextAt,
  };
};

interface Decided {
  key: string;
  state: TargetState;
  change: Change | null;
  ask: Omit<Ask, "state"> | null;
}

/** One target: the first rule that holds, what stands, what is published, and whom to ask. */
const decide = (
  round: JudgementRound,
  facts: Facts,
  before: TargetState,
  belief: Belief,
  rules: readonly Rule[],
): Decided => {
  const { shard, tuning } = round;
  const { conclusion, waiting } = conclude(caseOf(round, facts, before, belief), rules);
  const settled = settle(facts, before, { conclusion, waiting }, tuning);
  const { state, change } = publish(shard, facts, settled, tuning);
  const isFrozen = shard.frozenSince !== null;
  const told = { ...state, troubled: isTroubled(state.edges, shard.vantages, facts.target.site) };
  return { key: facts.key, change, ...attend({ facts, state: told, conclusion, belief, tuning }, isFrozen) };
};
