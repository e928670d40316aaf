/** The answer of `GET …/verdict`, from what was published and the evidence as it stands. */
import { toInstant } from "../domain/plain/rfc3339.ts";
import type { Override } from "../domain/override.ts";
import { shownOverride } from "../domain/shown-override.ts";
import type { Advice, Scope, Verdict, VerdictAnswer } from "../domain/verdict.ts";
import { confidenceIn } from "../domain/plain/verdict-table.ts";
import * as because from "./naming/because.ts";
import type { Tuning } from "./tuning.ts";
import { type Reach, reachOf, shownEvidence } from "./standing/publishing.ts";
import type { Published, ShardState, TargetState, Wait } from "./memory/judge-state.ts";
import { type Seen, seenOf } from "./facts/facts.ts";
import { blockedLooks, deadAddresses, deadChannels } from "./facts/channels.ts";
import { freshnessMs } from "./facts/votes.ts";

/** The rule that holds where the looks have run out. */
const NOTHING_FRESH = "nothing-fresh";

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
  const { spoken, validUntil, stale, seenUntil } = freshnessOf(state, now, tuning);
  const { published } = state;
  const at = shownAt(published.rule, seenUntil, now);
  // A wait that has ended since is judged at once: of the last judgement is asked which were open.
  const seen = seenOf(shard, key, state, at, tuning, Math.max(at, Math.min(now, shard.judgedAt)));
  const word = stale ? expired(seen, state) : published;
  const { beliefs } = state;
  const advice = stillAdvised(state, word.advice, spoken, now);
  const confidence = confidenceIn(word.verdict, beliefs);
  const isJudged = !stale && spoken === null;
  const waiting = isJudged
    ? (state.waiting ?? doubtOf({ ...seen, now }, word.verdict, confidence, tuning))
    : null;
  const reach = seenUntil === null ? NOBODY : reachOf(seen, state);
  const sentence = sentenceOf(word, seen, reach.not, isJudged);
  const answer: VerdictAnswer = {
    site: state.target.site,
    target: state.target.target,
    verdict: word.verdict,
    rule: word.rule,
    waitingFor: waiting === null ? null : { what: waiting.what, until: toInstant(waiting.until) },
    scope: scopeOf(word.verdict, published),
    confirmed: word.confirmed,
    confidence,
    beliefs,
    sequence: published.sequence,
    since: toInstant(published.since),
    asOf: instant(state.asOf),
    validUntil: instant(validUntil),
    stale,
    lastVerdict: lastVerdictOf(published, stale),
    because: waiting === null ? sentence : because.awaiting(seen, waiting.what),
    reachableFrom: reach.from,
    unreachableFrom: reach.not,
    notCounted: notCounted(shard, state),
    evidence: shownEvidence(seen),
    advice,
    warnings: [
      ...deadChannels(shard, state, now, tuning),
      ...deadAddresses(seen.counted, word.verdict),
      ...blockedLooks(state, now, tuning),
    ],
    drill: published.drill?.id ?? null,
    override: shownOverride(spoken, now),
    paused: state.target.paused,
    // Nothing that is judged: whoever keeps it says so in its place.
    muted: null,
    told: [],
  };
  return {
    answer,
    holdsUntil: firstAfter(now, [validUntil, advice.failover ? state.standing.quorumUntil : null]),
    rehearsal: published.drill !== null && !published.drill.live,
  };
};

const scopeOf = (verdict: Verdict, published: Published): Scope =>
  verdict === "unreachable" ? published.scope : "target";

const lastVerdictOf = (published: Published, stale: boolean): Verdict | null =>
  stale && published.verdict !== "unknown" ? published.verdict : published.lastVerdict;

interface Freshness {
  spoken: Override | null;
  validUntil: number | null;
  stale: boolean;
  /** Begin of the newest look while the looks are fresh; null before the first, and once none is. */
  seenUntil: number | null;
}

/** Until when what is published may be believed: an operator's word until it runs out, evidence while fresh. */
const freshnessOf = (state: TargetState, now: number, tuning: Tuning): Freshness => {
  const { override, asOf } = state;
  const freshUntil = asOf === null ? null : asOf + freshnessMs(state, tuning);
  const isOver = freshUntil !== null && now > freshUntil;
  const seenUntil = isOver ? null : asOf;
  if (override !== null && override.until > now)
    return { spoken: override, validUntil: override.until, stale: false, seenUntil };
  return { spoken: null, validUntil: freshUntil, stale: isOver, seenUntil };
};

/** Between two judgements looks grow too old: what the last one had before it is shown, as long as it holds. */
const shownAt = (rule: string, seenUntil: number | null, now: number): number =>
  seenUntil === null || rule === NOTHING_FRESH ? now : seenUntil;

/** What was said, with its numbers those of the evidence shown; the operator's own words as they are. */
const sentenceOf = (word: Word, seen: Seen, cut: string[], isJudged: boolean): string =>
  isJudged ? because.recounted(word, seen, cut) : word.because;

const firstAfter = (now: number, ends: (number | null)[]): number =>
  Math.min(...ends.map((end) => (end !== null && end >= now ? end : Infinity)));

const instant = (epochMs: number | null): string | null => (epochMs === null ? null : toInstant(epochMs));

/**
 * What would settle whether it still serves, where it stands as `alive` and that is hardly believed any more: after one
 * wrong answer, say, or where all of its site is suspected for what befell others of it; or where nobody outside is left
 * to say so. Null where there is no such doubt.
 */
const doubtOf = (
  { counted, now, target }: Seen,
  verdict: Verdict,
  confidence: number,
  tuning: Tuning,
): Pick<Wait, "what" | "until"> | null => {
  if (
    verdict !== "alive" ||
    (confidence >= tuning.doubtedBelief && counted.some(({ kind }) => kind === "ok"))
  )
    return null;
  const newest = Math.max(0, ...counted.map(({ observation }) => observation.begin));
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
    rule: NOTHING_FRESH,
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

/** The looks are too old to say anything of now. */
const NOBODY: Reach = { from: [], not: [] };

const notCounted = (shard: ShardState, state: TargetState): VerdictAnswer["notCounted"] =>
  state.target.vantages.flatMap((id) => {
    const record = shard.vantages.get(id);
    return record === undefined || record.state === "sound" ? [] : [{ vantage: id, reason: record.reason }];
  });
