/** What is said to the world: a change of verdict, confirmation or advice takes the next sequence. */
import { fromInstant, toInstant } from "../../domain/instant.ts";
import { confidenceIn, type Transition, type Verdict } from "../../domain/verdict.ts";
import { wordOf, type Word } from "./advice.ts";
import * as because from "../naming/sentences.ts";
import { shownEvidence } from "./shown.ts";
import type { Change, Published, ShardState, TargetState } from "../memory/state.ts";
import type { View } from "../facts/view.ts";

/** The state with its word published, and the transition if there was one. */
export const publish = (shard: ShardState, view: View): { state: TargetState; change: Change | null } => {
  const { state, now } = view;
  const word = wordOf(shard, state, now);
  const { published, standing } = state;
  const quiet = {
    ...published,
    rule: word.rule,
    because: word.because,
    advice: word.advice,
    drill: standing.drill,
  };
  const contradicted = state.notice?.contradictedAt === now;
  if (state.announced && !contradicted && !isChange(published, word, standing.scope))
    return { state: { ...state, published: quiet }, change: null };
  const moved = published.verdict !== word.verdict;
  const { beliefs } = state;
  const next: Published = {
    ...quiet,
    sequence: published.sequence + 1,
    verdict: word.verdict,
    scope: standing.scope,
    confirmed: word.confirmed,
    confidence: confidenceIn(word.verdict, beliefs),
    beliefs,
    since: moved ? now : published.since,
    lastVerdict: moved && published.verdict !== "unknown" ? published.verdict : published.lastVerdict,
  };
  return {
    state: { ...state, announced: true, published: next },
    change: changeOf(
      view,
      published.verdict,
      contradicted ? { ...next, because: because.contradicted(view) } : next,
    ),
  };
};

const isChange = (published: Published, word: Word, scope: Published["scope"]): boolean =>
  published.verdict !== word.verdict ||
  published.confirmed !== word.confirmed ||
  published.scope !== scope ||
  published.advice.routing !== word.advice.routing ||
  published.advice.failover !== word.advice.failover ||
  JSON.stringify(published.advice.regions) !== JSON.stringify(word.advice.regions);

const changeOf = (view: View, from: Verdict, next: Published): Change => ({
  site: view.state.target.site,
  target: view.state.target.target,
  transition: {
    sequence: next.sequence,
    at: toInstant(view.now),
    from,
    to: next.verdict,
    rule: next.rule,
    confirmed: next.confirmed,
    confidence: next.confidence,
    because: next.because,
    advice: next.advice,
    evidence: shownEvidence(view),
  },
});

/**
 * What a kept transition says was published, over what a replay made of it. Equal unless another
 * version of the judge decided then; then what was said stands, and the next judgement may differ.
 */
export const republished = (replayed: Published, said: Transition): Published =>
  replayed.sequence === said.sequence && replayed.verdict === said.to
    ? replayed
    : {
        ...replayed,
        sequence: said.sequence,
        verdict: said.to,
        rule: said.rule ?? replayed.rule,
        confirmed: said.confirmed,
        confidence: said.confidence,
        because: said.because,
        advice: said.advice,
        since: said.from === said.to ? replayed.since : fromInstant(said.at),
      };
