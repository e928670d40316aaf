/**
 * Fall fast, recover slowly. A conclusion against a target holds at once. `alive` comes back only after a dwell without evidence against
 * the target, longer the more often it fell lately. The first `ok` still ends a verdict of death or crash at once: a node that answers is
 * not dead, and until it has settled it is gray.
 */
import type { Verdict } from "../../domain/verdict.ts";
import { VERDICTS } from "../../domain/plain/verdict-table.ts";
import { recovering } from "../naming/because.ts";
import type { Conclusion, Decision } from "../naming/case.ts";
import { drillOf } from "../naming/rules.ts";
import type { Tuning } from "../tuning.ts";
import type { Standing, TargetState } from "../memory/judge-state.ts";
import type { Facts, Seen } from "../facts/facts.ts";
import type { Belief } from "../belief/beliefs.ts";
import { agreementOf, isServedToNobody, isSilentWithSite } from "../facts/quorum.ts";
import { isSaidGone } from "../memory/node.ts";
import { grownDwellMs, steadied } from "./publishing.ts";
import { freshnessMs } from "../facts/votes.ts";

/** The rule's name while answers are back and have yet to last. It is not a row of the table, which asks what is true now. */
const RECOVERING = "recovering";

/** How long no evidence may be against the target before it is `alive` again, in milliseconds. */
export const dwellMs = (state: TargetState, now: number, tuning: Tuning): number => {
  const falls = state.falls.filter((at) => at > now - tuning.flapMemoryMs).length;
  return grownDwellMs(state, falls - 1, tuning);
};

/** Takes what the votes show by themselves into the state, before anything is concluded from it. */
export const noted = (seen: Seen, before: TargetState, belief: Belief, tuning: Tuning): TargetState => {
  const state = withEpisode(seen, withContradiction(seen, before));
  return withSilence(seen, { ...state, asOf: newestCounted(seen, before) }, belief, tuning);
};

/** Notes that a sound vantage outside, or one inside, was served after the notice that the process is gone. */
const withContradiction = ({ counted, inside, now }: Seen, state: TargetState): TargetState => {
  const { notice } = state;
  if (notice === null || !isSaidGone(state)) return state;
  const isServed = [...counted, ...inside].some(
    ({ kind, observation }) => kind === "ok" && observation.begin > notice.heardAt,
  );
  return isServed ? { ...state, notice: { ...notice, contradictedAt: now } } : state;
};

/** Marks the begin and end of an anomaly, and the first `ok` after a fall. */
const withEpisode = ({ counted, onset }: Seen, state: TargetState): TargetState => {
  const failing = counted.filter((vote) => vote.kind !== "ok").map((vote) => vote.observation.begin);
  const { verdict, confirmed, routing } = state.standing;
  const settled = verdict === "alive" || verdict === "unknown";
  const episodeAt =
    failing.length > 0 ? (state.episodeAt ?? Math.min(...failing)) : settled ? null : state.episodeAt;
  const isOut = VERDICTS[verdict].isDown || (verdict !== "alive" && (confirmed || routing === "avoid"));
  const wasDown = isOut || state.silentAt !== null;
  const recovers = wasDown && state.downSince !== null && onset > state.downSince;
  return {
    ...state,
    episodeAt,
    downSince: wasDown ? (state.downSince ?? onset) : null,
    recoveredAt: recovers ? onset : state.recoveredAt,
  };
};

/** Begin of the newest observation that counts or ever counted. */
const newestCounted = ({ counted, inside, insiders }: Seen, { asOf }: TargetState): number | null => {
  const working = inside.filter(({ record }) => insiders.includes(record));
  const begins = [...counted, ...working].map((vote) => vote.observation.begin);
  return begins.length === 0 ? asOf : Math.max(asOf ?? 0, ...begins);
};

/** Since when all vantages find it silent, or all of its site is. Every rule of silence needs it: it counts the share of silent targets. */
const withSilence = (seen: Seen, state: TargetState, belief: Belief, tuning: Tuning): TargetState => {
  if (seen.counted.length === 0) return state;
  const { kind, unanimous } = agreementOf(seen, (same) => same, tuning);
  // A vantage that has come into doubt since then adds nothing, and takes nothing back either.
  const isStill = state.silentAt !== null && seen.onset <= (state.downSince ?? 0);
  const isByAll = (unanimous && !seen.lastReacherOwes) || isServedToNobody(seen, tuning);
  const isSilent = kind === "silent" && (isStill || isByAll || isSilentWithSite(seen, belief, tuning));
  const silentAt = isSilent ? (state.silentAt ?? seen.now) : null;
  return { ...state, silentAt, downSince: isSilent ? (state.downSince ?? seen.onset) : state.downSince };
};

/** The state with the decision taken into its standing. While the judge waits, the standing stays. */
export const settle = (
  facts: Facts,
  before: TargetState,
  { conclusion, waiting }: Decision,
  tuning: Tuning,
): TargetState => {
  const state = { ...before, waiting };
  if (conclusion === null) return state;
  const after =
    conclusion.verdict === "good"
      ? recover(facts, state, conclusion, tuning)
      : fall(facts, state, conclusion, conclusion.verdict, tuning);
  return steadied(before, after, facts.now, tuning);
};

const recover = (facts: Facts, state: TargetState, conclusion: Conclusion, tuning: Tuning): TargetState => {
  const { dissent, now } = facts;
  const was = state.standing.verdict;
  const good = { ...conclusion, quorum: { ...conclusion.quorum, until: 0 } };
  const alive = { verdict: "alive", confirmed: true, routing: "serve" } as const;
  if (was === "alive") return stand(state, now, good, alive, tuning);
  const goodSince = state.goodSince ?? now;
  const until = goodSince + dwellMs(state, now, tuning);
  const waiting = { rule: RECOVERING, what: "it has to go on answering for a while", until };
  const settling = { ...state, goodSince, waiting };
  const newest = Math.max(0, ...dissent.map((vote) => vote.observation.begin));
  const before = was === "unknown" ? state.published.lastVerdict : was;
  const neverFell = before === null || before === "alive";
  const heard = dissent.filter((vote) => neverFell || vote.observation.begin >= (state.recoveredAt ?? 0));
  const isEnough = heard.length >= Math.min(2, state.target.vantages.length);
  if (isEnough && (neverFell || newest >= until)) {
    const risen = { ...state, onceAlive: true, goodSince: null, episodeAt: null };
    return stand(risen, now, good, alive, tuning);
  }
  if (neverFell) return settling;
  const verdict = was === "partitioned" ? was : "gray";
  const again = { ...good, rule: RECOVERING, because: recovering(facts), cut: [] };
  return stand(settling, now, again, { verdict, confirmed: false, routing: "serve" }, tuning);
};

const fall = (
  facts: Facts,
  state: TargetState,
  conclusion: Conclusion,
  verdict: Verdict,
  tuning: Tuning,
): TargetState => {
  const { now, onset } = facts;
  const was = state.standing.verdict;
  const unknown = { verdict, confirmed: false, routing: state.settledRouting };
  if (verdict === "unknown") return stand(state, now, conclusion, unknown, tuning);
  const isFall = was === "alive" || (state.goodSince !== null && was !== "unknown");
  const falls = isFall ? [...state.falls.filter((at) => at > now - tuning.flapMemoryMs), now] : state.falls;
  const isProven = isConfirmed(facts, state, conclusion, verdict, tuning);
  const confirmed = isProven || staysConfirmed(state, conclusion, verdict);
  const routing = routingOf(facts, state, conclusion, verdict, tuning);
  const isOut = VERDICTS[verdict].isDown || conclusion.quorum.met || routing === "avoid";
  const fallen = { ...state, goodSince: null, falls: falls.slice(-tuning.fallsKept) };
  const scope =
    verdict === "unreachable" && isStillSite(facts, state) ? state.standing.scope : conclusion.scope;
  const after = stand(fallen, now, { ...conclusion, scope }, { verdict, confirmed, routing }, tuning);
  return isOut ? { ...after, downSince: onset } : after;
};

/** A fault found in the whole site is one of the whole site until one of the other targets is served again. */
const isStillSite = ({ siblingOkAt }: Facts, { standing }: TargetState): boolean =>
  standing.verdict === "unreachable" && standing.scope === "site" && siblingOkAt <= standing.since;

const isConfirmed = (
  facts: Facts,
  { standing }: TargetState,
  conclusion: Conclusion,
  verdict: Verdict,
  tuning: Tuning,
): boolean => {
  // The vantage that was served last may be served again. Until it has looked, nothing is confirmed.
  if (!conclusion.quorum.met || verdict === "partitioned" || facts.lastReacherOwes) return false;
  if (verdict !== "process_crashed" && verdict !== "node_dead") return true;
  // One kind of evidence alone may be made by something on the way to a node that lives. What another kind has shown since the last `ok`
  // stays shown, since a witness is looked at in one round of four.
  if (standing.verdict === verdict && standing.confirmed && facts.onset <= standing.heldSince) return true;
  return isSeenOtherwise(facts, conclusion, verdict, tuning);
};

const isSeenOtherwise = (
  facts: Facts,
  { proof, witnessAwaited }: Conclusion,
  verdict: Verdict,
  tuning: Tuning,
): boolean => {
  const isRisked = proof === "outside" && facts.target.policy.outsideProof === true;
  if (proof !== "second" && !isRisked) return false;
  const isAllHeard =
    verdict === "process_crashed"
      ? facts.insideUnheard === 0 && !witnessAwaited
      : proof === "second" || facts.insiders.length === 0;
  return isAllHeard || isLate(facts, tuning);
};

/** A verdict that a quorum confirmed stays confirmed while no vantage is served, however looks fail, except where failover rests on it. */
const staysConfirmed = ({ standing }: TargetState, { unserved }: Conclusion, verdict: Verdict): boolean =>
  unserved && standing.verdict === verdict && standing.confirmed && !VERDICTS[verdict].failsOver;

/** True once inside vantages and the witness have had one interval to answer: either may show that the host is fine. */
const isLate = ({ failingSince, now, target }: Facts, tuning: Tuning): boolean =>
  now - failingSince >= target.intervalMs + tuning.okGraceMs;

/** No `avoid` without a quorum, except where no vantage is served. Earlier advice stays while the same verdict holds. */
const routingOf = (
  facts: Facts,
  state: TargetState,
  conclusion: Conclusion,
  verdict: Verdict,
  tuning: Tuning,
): Standing["routing"] => {
  if (verdict === "partitioned") return "serve";
  if (conclusion.unserved) return "avoid";
  if (verdict === "gray" && hasOkInEpisode(facts, state, tuning)) return "serve";
  if (conclusion.quorum.met) return "avoid";
  return state.standing.verdict === verdict
    ? state.standing.routing
    : settledRouting(state, facts.now, tuning);
};

/** Whether a sound vantage has lately had an `ok` since this trouble began. */
const hasOkInEpisode = ({ now, onset }: Facts, state: TargetState, tuning: Tuning): boolean =>
  onset >= Math.max(state.episodeAt ?? 0, now - freshnessMs(state, tuning));

const settledRouting = (state: TargetState, now: number, tuning: Tuning): Standing["routing"] => {
  const { verdict, since, routing, drill } = state.standing;
  const isRehearsal = drill !== null && !drill.live;
  // Advice of a rehearsal must not stay once nothing is known any more.
  const held =
    verdict === "alive" || (verdict !== "unknown" && !isRehearsal && now - since >= tuning.settledMs);
  return held ? routing : state.settledRouting;
};

const stand = (
  state: TargetState,
  now: number,
  conclusion: Conclusion,
  { verdict, confirmed, routing }: Pick<Standing, "verdict" | "confirmed" | "routing">,
  tuning: Tuning,
): TargetState => {
  const old = state.standing;
  const isSame = old.verdict === verdict && old.confirmed === confirmed;
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
      heldSince: isSame ? old.heldSince : now,
      quorumUntil: conclusion.quorum.met ? conclusion.quorum.until : 0,
      because: conclusion.because,
      routing: verdict === "unknown" ? settled : routing,
      cut: conclusion.cut,
      drill: drillOf(conclusion.votes),
    },
  };
};
