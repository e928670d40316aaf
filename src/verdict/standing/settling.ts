/**
 * Fall fast, recover slowly. A conclusion against a target holds at once; `alive` comes back only
 * after a dwell without anything against it, longer the more often it fell lately. The first `ok`
 * still ends a verdict of death or crash at once: what answers is not dead, and until it has
 * settled it is gray.
 */
import { VERDICTS, type Verdict } from "../../domain/verdict.ts";
import * as because from "../naming/sentences.ts";
import { type Conclusion, type Decision, drillOf } from "../naming/conclusion.ts";
import type { Tuning } from "../tuning.ts";
import type { Standing, TargetState } from "../memory/state.ts";
import type { View } from "../facts/view.ts";
import { freshnessMs } from "../facts/votes.ts";

/** Answers are back, and have to last: no row of the table, which asks what is true now. */
const RECOVERING = "recovering";

/** How long nothing may speak against the target before it is `alive` again, in milliseconds. */
export const dwellMs = (state: TargetState, now: number, tuning: Tuning): number => {
  const falls = state.falls.filter((at) => at > now - tuning.flapMemoryMs).length;
  const grown = state.target.intervalMs * tuning.dwellGrowth ** Math.max(0, falls - 1);
  return Math.min(grown, tuning.dwellMaxMs);
};

/** Marks the begin and end of an anomaly, and the first `ok` after a fall; done before concluding. */
export const noteEpisode = (view: View): TargetState => {
  const { state } = view;
  const failing = view.counted.filter((vote) => vote.kind !== "ok").map((vote) => vote.sighting.begin);
  const settled = state.standing.verdict === "alive" || state.standing.verdict === "unknown";
  const episodeAt =
    failing.length > 0 ? (state.episodeAt ?? Math.min(...failing)) : settled ? null : state.episodeAt;
  const { verdict, confirmed } = state.standing;
  const wasDown = VERDICTS[verdict].isDown || (verdict !== "alive" && confirmed) || state.silentAt !== null;
  const recovers = wasDown && state.downSince !== null && view.onset > state.downSince;
  return {
    ...state,
    episodeAt,
    downSince: wasDown ? (state.downSince ?? view.onset) : null,
    recoveredAt: recovers ? view.onset : state.recoveredAt,
  };
};

/** The state with the decision taken into what stands; where something is waited for, what stands stays. */
export const settle = (
  { state, ...seen }: View,
  { conclusion, waiting }: Decision,
  tuning: Tuning,
): TargetState => {
  const view = { ...seen, state: { ...state, waiting } };
  if (conclusion === null) return view.state;
  return conclusion.verdict === "good"
    ? recover(view, conclusion, tuning)
    : fall(view, conclusion, conclusion.verdict, tuning);
};

const recover = (view: View, conclusion: Conclusion, tuning: Tuning): TargetState => {
  const { state, now } = view;
  const was = state.standing.verdict;
  const alive = { ...conclusion, quorum: { ...conclusion.quorum, until: 0 } };
  if (was === "alive") return stand(view, "alive", true, "serve", alive, tuning);
  const goodSince = state.goodSince ?? now;
  const until = goodSince + dwellMs(state, now, tuning);
  const settling = {
    ...state,
    goodSince,
    waiting: { rule: RECOVERING, what: "it has to go on answering for a while", until },
  };
  const newest = Math.max(0, ...view.dissent.map((vote) => vote.sighting.begin));
  const before = was === "unknown" ? state.published.lastVerdict : was;
  const neverFell = before === null || before === "alive";
  const heard = view.dissent.filter(
    ({ sighting }) => neverFell || sighting.begin >= (state.recoveredAt ?? 0),
  );
  const enough = heard.length >= Math.min(2, state.target.vantages.length);
  const dwelt = neverFell || newest >= until;
  if (enough && dwelt) {
    const risen = { ...settling, waiting: state.waiting, onceAlive: true, goodSince: null, episodeAt: null };
    return stand({ ...view, state: risen }, "alive", true, "serve", alive, tuning);
  }
  if (neverFell) return settling;
  const verdict = was === "partitioned" ? was : "gray";
  const again = { ...alive, rule: RECOVERING, because: because.recovering(view), cut: [] };
  return stand({ ...view, state: settling }, verdict, false, "serve", again, tuning);
};

const fall = (view: View, conclusion: Conclusion, verdict: Verdict, tuning: Tuning): TargetState => {
  const { state, now } = view;
  const was = state.standing.verdict;
  if (verdict === "unknown") return stand(view, verdict, false, state.settledRouting, conclusion, tuning);
  const fell = was === "alive" || (state.goodSince !== null && was !== "unknown");
  const falls = fell ? [...state.falls.filter((at) => at > now - tuning.flapMemoryMs), now] : state.falls;
  const downSince = VERDICTS[verdict].isDown || conclusion.quorum.met ? view.onset : state.downSince;
  const fallen = { ...state, goodSince: null, downSince, falls: falls.slice(-20) };
  const confirmed = isConfirmed(view, conclusion, verdict, tuning);
  const routing = routingOf(view, conclusion, verdict, tuning);
  return stand({ ...view, state: fallen }, verdict, confirmed, routing, conclusion, tuning);
};

const isConfirmed = (view: View, conclusion: Conclusion, verdict: Verdict, tuning: Tuning): boolean => {
  if (!conclusion.quorum.met || verdict === "partitioned") return false;
  if (VERDICTS[verdict].isDown && view.lastReacherOwes) return false;
  if (verdict === "process_crashed")
    return (view.insideUnheard === 0 && !conclusion.witnessAwaited) || isLate(view, tuning);
  if (verdict !== "node_dead" || conclusion.proof === "inside") return true;
  const byOutside = conclusion.proof === "outside" && view.state.target.policy.outsideProof === true;
  return byOutside && (view.insiders === 0 || isLate(view, tuning));
};

/** Whoever stands inside may be served where all outside are not, and a witness refuse as well: they have an interval to say so. */
const isLate = ({ failingSince, now, state }: View, tuning: Tuning): boolean =>
  now - failingSince >= state.target.intervalMs + tuning.okGraceMs;

/** No `avoid` without a quorum; what was advised before stays while the same verdict holds. */
const routingOf = (
  view: View,
  conclusion: Conclusion,
  verdict: Verdict,
  tuning: Tuning,
): Standing["routing"] => {
  const { state } = view;
  if (verdict === "partitioned") return "serve";
  if (verdict === "gray" && okInEpisode(view, tuning)) return "serve";
  if (conclusion.quorum.met) return "avoid";
  return state.standing.verdict === verdict
    ? state.standing.routing
    : settledRouting(state, view.now, tuning);
};

/** Whether a sound vantage has lately had an `ok` since this trouble began. */
const okInEpisode = (view: View, tuning: Tuning): boolean => {
  const since = Math.max(view.state.episodeAt ?? 0, view.now - freshnessMs(view.state, tuning));
  return view.onset >= since;
};

const settledRouting = (state: TargetState, now: number, tuning: Tuning): Standing["routing"] => {
  const { verdict, since, routing, drill } = state.standing;
  const isRehearsal = drill !== null && !drill.live;
  // What a rehearsal advised must not be gone on with once nothing is known any more.
  const held =
    verdict === "alive" || (verdict !== "unknown" && !isRehearsal && now - since >= tuning.settledMs);
  return held ? routing : state.settledRouting;
};

const stand = (
  view: View,
  verdict: Verdict,
  confirmed: boolean,
  routing: Standing["routing"],
  conclusion: Conclusion,
  tuning: Tuning,
): TargetState => {
  const { state, now } = view;
  const old = state.standing;
  const same = old.verdict === verdict && old.confirmed === confirmed;
  const settled = old.verdict === verdict ? state.settledRouting : settledRouting(state, now, tuning);
  return {
    ...state,
    settledRouting: settled,
    standing: {
      verdict,
      rule: conclusion.rule,
      scope: conclusion.scope,
      confirmed,
      since: old.verdict === verdict ? old.since : now,
      heldSince: same ? old.heldSince : now,
      quorumUntil: conclusion.quorum.met ? conclusion.quorum.until : 0,
      because: conclusion.because,
      routing: verdict === "unknown" ? settled : routing,
      cut: conclusion.cut,
      drill: drillOf(conclusion.votes),
    },
  };
};
