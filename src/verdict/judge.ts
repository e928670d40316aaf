/**
 * The judge: events in, verdicts out. Pure: no clock, no chance, no I/O, and the state handed in is never changed, so the
 * stored evidence replays to the same history.
 *
 * In one pass: take the events in, judge whose word counts, weigh the sites in trouble, gather what is seen of every target that
 * may have changed, decide whether to suspect ourselves; then for each target the facts, the first rule that holds, what stands,
 * what is published, and whom to ask now.
 */
import type { EvidenceEvent } from "../domain/evidence.ts";
import { type Ask, attend, requestBursts, type Wanted } from "./attention.ts";
import { type Belief, CALM_BELIEF, inferSites } from "./belief/beliefs.ts";
import { withFailOpen } from "./facts/elsewhere.ts";
import { calmed, factsOf, type Seen, seenOf } from "./facts/facts.ts";
import { pathLossOf } from "./facts/loss.ts";
import { withSoundness } from "./facts/soundness.ts";
import { keysOf, sitesOf, takeIn, touched } from "./intake/intake.ts";
import { type Change, NEVER, type ShardState, type TargetState } from "./memory/state.ts";
import { withTargets } from "./memory/target.ts";
import { caseOf, type Round } from "./naming/case.ts";
import { conclude, type Rule } from "./naming/conclusion.ts";
import { RULES } from "./naming/rules.ts";
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
  const taken = events.reduce((state, event) => takeIn(state, event, now, tuning), before);
  const sounded = withSoundness(taken, now, tuning);
  const keys = touched(before, sounded, events, now);
  const { shard: weighed, known } = inferSites(sounded, sitesOf(keys), now, tuning);
  // What an operator or a node has said is looked at in full, however calm it looks.
  const told = new Set(events.flatMap((event) => (event.kind === "report" ? [] : keysOf(event))));
  const states: [string, TargetState][] = [];
  const seen: Seen[] = [];
  for (const key of keys) {
    const state = weighed.targets.get(key);
    if (state === undefined) continue;
    const calm = told.has(key) ? null : calmed(weighed, state, now, tuning);
    if (calm === null) seen.push(seenOf(weighed, key, state, now, tuning));
    else if (calm !== state) states.push([key, calm]);
  }
  for (const one of seen)
    states.push([one.key, noted(one, weighed.targets.get(one.key) as TargetState, tuning)]);
  const { shard, share } = withFailOpen(withTargets(weighed, states), now, tuning);
  const round = { shard, share, loss: pathLossOf(shard, now, tuning), tuning };
  const decided = seen.map((one) => decide(round, one, known.get(one.key) ?? CALM_BELIEF, rules));
  const judged = withTargets(
    shard,
    decided.map(({ key, state }) => [key, state]),
  );
  const asks = decided.flatMap(({ ask, key }) =>
    ask === null ? [] : [{ ...ask, state: judged.targets.get(key) as TargetState }],
  );
  const { shard: asked, wanted } = requestBursts(judged, asks, now, tuning);
  let nextAt = NEVER;
  for (const state of asked.targets.values()) nextAt = Math.min(nextAt, state.nextAt);
  return { state: asked, changes: decided.flatMap(({ change }) => change ?? []), wanted, nextAt };
};

interface Decided {
  key: string;
  state: TargetState;
  change: Change | null;
  ask: Omit<Ask, "state"> | null;
}

/** One target: its facts, the first rule that holds, what stands, what is published, and whom to ask. */
const decide = (round: Round, seen: Seen, belief: Belief, rules: readonly Rule[]): Decided => {
  const { shard, tuning } = round;
  const { key } = seen;
  const facts = factsOf(shard, seen, shard.targets.get(key) as TargetState, tuning);
  const decision = conclude(caseOf(round, facts, belief), rules);
  const { state, change } = publish(shard, facts, settle(facts, decision, tuning), tuning);
  const { conclusion } = decision;
  return { key, change, ...attend({ facts, state, conclusion, belief, tuning }, shard.frozenSince !== null) };
};
