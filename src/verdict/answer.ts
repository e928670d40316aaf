/** The answer of `GET …/verdict`, from what was published and the evidence as it stands. */
import { toInstant } from "../domain/instant.ts";
import type { Override } from "../domain/override.ts";
import { type Advice, confidenceIn, type Verdict, type VerdictAnswer } from "../domain/verdict.ts";
import * as because from "./naming/sentences.ts";
import type { Tuning } from "./tuning.ts";
import { shownEvidence } from "./standing/publishing.ts";
import type { ShardState, TargetState, Wait } from "./memory/state.ts";
import { type Seen, seenOf } from "./facts/facts.ts";
import { freshnessMs } from "./facts/votes.ts";

export interface Answered {
  answer: VerdictAnswer;
  /** Until when the answer holds if nothing arrives; epoch milliseconds. */
  holdsUntil: number;
  /** It rests on a drill that is not live: nobody may act on it. */
  rehearsal: boolean;
}

/** The answer about one target at `now`, or null where there is no such target. */
export const answerOf = (shard: ShardState, key: string, now: number, tuning: Tuning): Answered | null => {
  const state = shard.targets.get(key);
  if (state === undefined) return null;
  const seen = seenOf(shard, key, state, now, tuning);
  const { spoken, validUntil, stale } = freshnessOf(state, now, tuning);
  const { published } = state;
  const word = stale ? expired(seen, state) : published;
  const { beliefs } = state;
  const advice = stillAdvised(state, word.advice, spoken, now);
  const confidence = confidenceIn(word.verdict, beliefs);
  // An operator's word waits for nothing, and what has run out for nothing but new looks.
  const waiting = stale || spoken !== null ? null : waitIn(seen, state, word.verdict, tuning);
  // In calm the published sentence is not written anew.
  const sentence = word.verdict === "alive" && spoken === null ? because.good(seen) : word.because;
  const answer: VerdictAnswer = {
    site: state.target.site,
    target: state.target.target,
    verdict: word.verdict,
    rule: word.rule,
    waitingFor: waiting === null ? null : { what: waiting.what, until: toInstant(waiting.until) },
    scope: published.scope,
    confirmed: word.confirmed,
    confidence,
    beliefs,
    sequence: published.sequence,
    since: toInstant(published.since),
    asOf: instant(state.asOf),
    validUntil: instant(validUntil),
    stale,
    lastVerdict: stale && published.verdict !== "unknown" ? published.verdict : published.lastVerdict,
    because: waiting === null ? sentence : because.awaiting(seen, waiting.what),
    reachableFrom: named(seen, true),
    unreachableFrom: named(seen, false),
    notCounted: notCounted(shard, state),
    evidence: shownEvidence(seen),
    advice,
    drill: published.drill?.id ?? null,
    override: shownOverride(spoken),
    paused: state.target.paused,
  };
  return {
    answer,
    holdsUntil: firstAfter(now, [validUntil, advice.failover ? state.standing.quorumUntil : null]),
    rehearsal: published.drill !== null && !published.drill.live,
  };
};

/** Until when what is published may be believed: an operator's word until it runs out, evidence while fresh. */
const freshnessOf = (
  state: TargetState,
  now: number,
  tuning: Tuning,
): { spoken: Override | null; validUntil: number | null; stale: boolean } => {
  const { override, asOf } = state;
  if (override !== null && override.until > now)
    return { spoken: override, validUntil: override.until, stale: false };
  const validUntil = asOf === null ? null : asOf + freshnessMs(state, tuning);
  return { spoken: null, validUntil, stale: validUntil !== null && now > validUntil };
};

const firstAfter = (now: number, ends: (number | null)[]): number =>
  Math.min(...ends.map((end) => (end !== null && end >= now ? end : Infinity)));

const instant = (epochMs: number | null): string | null => (epochMs === null ? null : toInstant(epochMs));

/** What is waited for, by a rule or by what stands. */
const waitIn = (
  seen: Seen,
  { beliefs, waiting }: TargetState,
  verdict: Verdict,
  tuning: Tuning,
): Pick<Wait, "what" | "until"> | null =>
  waiting ?? doubtOf(seen, verdict, confidenceIn(verdict, beliefs), tuning);

/**
 * What would settle whether it still serves, where it stands as `alive` and that is hardly believed any more: after one
 * wrong answer, say, or where all of its site is suspected for what befell others of it. Null where there is no such doubt.
 */
const doubtOf = (
  { counted, now, target }: Seen,
  verdict: Verdict,
  confidence: number,
  tuning: Tuning,
): Pick<Wait, "what" | "until"> | null => {
  if (verdict !== "alive" || confidence >= tuning.doubtedBelief) return null;
  const newest = Math.max(0, ...counted.map(({ sighting }) => sighting.begin));
  const until = Math.max(now, newest + target.intervalMs + target.timeoutMs);
  return { what: "what was seen does not tell yet whether it still serves", until };
};

interface Word {
  verdict: Verdict;
  rule: string;
  confirmed: boolean;
  because: string;
  advice: Advice;
}

/** What holds once the evidence has run out and the alarm has not yet said so. */
const expired = (seen: Seen, { settledRouting, standing, published }: TargetState): Word => {
  const routing = standing.verdict === "unknown" ? settledRouting : standing.routing;
  const reason = because.nothingFresh(seen);
  const regions = Object.fromEntries(
    Object.keys(published.advice.regions).map((region) => [region, routing]),
  );
  return {
    verdict: "unknown",
    rule: "nothing-fresh",
    confirmed: false,
    because: reason,
    advice: { routing, regions, failover: false, reason },
  };
};

/** Failover is withdrawn the moment the quorum's probes are too old, before any alarm says so. */
const stillAdvised = (state: TargetState, advice: Advice, spoken: Override | null, now: number): Advice =>
  advice.failover && spoken === null && now > state.standing.quorumUntil
    ? { ...advice, failover: false, reason: "the quorum's probes are too old for failover" }
    : advice;

const named = (seen: Seen, reached: boolean): string[] =>
  [...seen.counted, ...seen.inside]
    .filter((vote) => (vote.kind === "ok" || vote.kind === "wrong") === reached)
    .map((vote) => vote.record.vantage.id)
    .toSorted();

const notCounted = (shard: ShardState, state: TargetState): VerdictAnswer["notCounted"] =>
  state.target.vantages.flatMap((id) => {
    const record = shard.vantages.get(id);
    return record === undefined || record.state === "sound" ? [] : [{ vantage: id, reason: record.reason }];
  });

const shownOverride = (override: Override | null): VerdictAnswer["override"] =>
  override === null
    ? null
    : {
        ...(override.verdict === undefined ? {} : { verdict: override.verdict }),
        ...(override.advice === undefined ? {} : { advice: override.advice }),
        reason: override.reason,
        until: toInstant(override.until),
      };
