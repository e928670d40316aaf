/** What is said to the world: a change of verdict, confirmation or advice takes the next sequence. */
import { toInstant } from "../../../src/domain/instant.ts";
import type { Beliefs, Verdict } from "../../../src/domain/verdict.ts";
import { wordOf, type Word } from "./advice.ts";
import * as because from "./because.ts";
import { shownEvidence } from "./shown.ts";
import type { Change, Published, ShardState, TargetState } from "./state.ts";
import type { View } from "./view.ts";

/** The state with its word published, and the transition if there was one. */
export const publish = (shard: ShardState, view: View): { state: TargetState; change: Change | null } => {
  const { state, now } = view;
  const word = wordOf(shard, state, now);
  const { published, standing } = state;
  const quiet = { ...published, because: word.because, advice: word.advice, drill: standing.drill };
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
    rule: null,
    confirmed: next.confirmed,
    confidence: next.confidence,
    because: next.because,
    advice: next.advice,
    evidence: shownEvidence(view),
  },
});

/** The belief in the causes under which the verdict is right. */
export const confidenceIn = (verdict: Verdict, beliefs: Beliefs): number => {
  switch (verdict) {
    case "alive":
    case "partitioned":
      return beliefs.up;
    case "gray":
      return beliefs.gray + beliefs.up;
    case "process_crashed":
      return beliefs.crashed;
    case "process_hung":
      return beliefs.hung;
    case "node_dead":
      return beliefs.dead;
    case "isolated":
      return beliefs.cut;
    case "unreachable":
      // It names no cause: right whenever the target does not serve.
      return Math.max(0, Math.round((1 - beliefs.up - beliefs.gray) * 1e6) / 1e6);
    case "unknown":
      return 0;
  }
};
