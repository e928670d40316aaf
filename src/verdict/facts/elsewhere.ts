/**
 * What else has answered since a target began to fail: before the target is blamed, the way to it must be cleared.
 *
 * Rejected: a refusing middlebox and our own provider's fault as causes in the inference. Both show in what everything else does at the
 * same moment, and one look at it is more certain than a prior.
 */
import { siblingsOf, targetsOf } from "../memory/target-state.ts";
import type { Contradiction } from "../memory/observation-record.ts";
import type { Tuning } from "../tuning.ts";
import {
  type Edge,
  NEVER,
  type ShardState,
  type ObservationRecord,
  type TargetState,
  type VantageRecord,
} from "../memory/judge-state.ts";
import { speaksInside } from "./channels.ts";
import type { Facts } from "./facts.ts";
import { isQuorumAmong, longFrom } from "./quorum.ts";
import { hasOpened, voteLifeMs, voteOf } from "./votes.ts";

/**
 * Whether the target's own host refuses, and not something in front of the whole site. True: its witness answers, or a sibling answered
 * between two refusals of the target. False: its siblings began to refuse with it, or refuse and have not answered for too long to wait on.
 * Null: not known yet. A sibling's answer after the target's newest refusal says nothing, for the whole site may just have come back.
 * Rejected: to read each sibling's newest look. If the sibling is looked at more often than the target, that look is mostly younger than
 * the target's last refusal.
 */
export const refusedAlone = (
  shard: ShardState,
  facts: Facts,
  state: TargetState,
  tuning: Tuning,
): boolean | null => {
  const siblings = siblingsOf(shard, state);
  if (siblings.length === 0 || facts.witnessAnswered) return true;
  // A target that was refused together with its siblings until now needs more than an answer that came at about the same time.
  const slackMs = state.standing.verdict === "unreachable" ? 0 : tuning.sameTickMs;
  const refusedAt = slackMs + Math.max(...facts.failing.map(({ observation }) => observation.begin));
  let [answered, unseen, refused, together] = [false, false, false, false];
  for (const sibling of siblings) {
    if (hasAnswered(sibling, facts, refusedAt)) return true;
    const newest = newestOf(sibling, facts);
    if (newest === null) unseen = true;
    else if (newest.outcome === "ok") answered = true;
    else if (!hadCrashed(sibling, facts, tuning)) {
      refused = true;
      together ||= Math.abs(lastOkOf(sibling) - facts.onset) <= tuning.togetherMs;
    }
  }
  const isYoung = facts.now - facts.failingSince < tuning.unheardMs;
  if (answered || (isYoung && (unseen || !together))) return null;
  return !together && !refused;
};

/** How many siblings have refused in their newest look since the target began to refuse. */
export const refusedSiblings = (shard: ShardState, facts: Facts, state: TargetState): number =>
  siblingsOf(shard, state).filter((sibling) => newestOf(sibling, facts)?.outcome === "refused").length;

/** The sibling answered a vantage that the target refuses, after the target began to refuse and before `until`. */
const hasAnswered = ({ edges }: TargetState, { failing, failingSince }: Facts, until: number): boolean =>
  failing.some(({ record }) =>
    edges
      .get(record.vantage.id)
      ?.recent.some(({ outcome, begin }) => outcome === "ok" && begin >= failingSince && begin < until),
  );

/** The sibling had crashed, or refused two vantages, before this target failed: its refusals say nothing about a shared middlebox. */
const hadCrashed = (sibling: TargetState, { onset }: Facts, tuning: Tuning): boolean => {
  if (sibling.standing.verdict === "process_crashed" && sibling.standing.since < onset) return true;
  const okAt = lastOkOf(sibling);
  const refusing = [...sibling.edges.values()].filter(({ recent }) =>
    recent.some(({ outcome, begin }) => outcome === "refused" && begin > okAt && begin < onset),
  );
  return refusing.length >= tuning.hearing;
};

/** The newest answer or refusal of a sibling since the target began to fail, or null. */
const newestOf = ({ edges }: TargetState, { failing, failingSince }: Facts): ObservationRecord | null => {
  let newest: ObservationRecord | null = null;
  for (const { record } of failing) {
    const observation = edges
      .get(record.vantage.id)
      ?.recent.findLast(({ outcome }) => outcome === "ok" || outcome === "refused");
    if (observation !== undefined && observation.begin >= Math.max(failingSince, newest?.begin ?? 0))
      newest = observation;
  }
  return newest;
};

const lastOkOf = ({ edges }: TargetState): number => {
  let okAt = 0;
  for (const { lastOk } of edges.values()) okAt = Math.max(okAt, lastOk ?? 0);
  return okAt;
};

/**
 * Whether a sibling went on answering the vantages that miss the target: two answers an interval apart, and hardly a silence between them.
 * One answer shows only that the way was open at that moment. A site may be cut, or come back, host by host, and the sibling may be next.
 * It is also enough if the death had stood for an interval before the sibling fell silent.
 */
export const haveSiblingsGoneOn = (
  shard: ShardState,
  { failing, failingSince, target }: Facts,
  state: TargetState,
  tuning: Tuning,
): boolean => {
  const { standing } = state;
  const stoodFrom = standing.verdict === "node_dead" ? standing.since + target.intervalMs : NEVER;
  return siblingsOf(shard, state).some(({ edges, silentAt }) => {
    if ((silentAt ?? 0) > stoodFrom) return true;
    const seen = failing.flatMap(({ record }) => edges.get(record.vantage.id)?.recent ?? []);
    const answers = seen.flatMap(({ begin, outcome }) =>
      outcome === "ok" && begin >= failingSince ? [begin] : [],
    );
    const last = Math.max(0, ...answers);
    const first = Math.max(0, ...answers.filter((begin) => begin <= last - target.intervalMs));
    if (first === 0) return false;
    const between = seen.filter(({ begin }) => begin >= first && begin <= last);
    const answered = between.filter(({ outcome }) => outcome === "ok").length;
    return answered >= (1 - tuning.lossyShare) * between.length;
  });
};

/**
 * True if the vantages that time out on this target have reached anything else since. Two such vantages are enough: one that lost
 * all connectivity would have reached nothing. If none has, and much that answered until then has stopped, the fault is more
 * likely on our side.
 */
export const isHeardElsewhere = (shard: ShardState, facts: Facts, tuning: Tuning): boolean => {
  const { failing, failingSince, onset } = facts;
  const hearing = failing.filter(({ edge, record }) => {
    const missedAt = edge.recent.find(({ begin }) => begin > onset)?.begin ?? facts.now;
    return record.proof.at >= missedAt + tuning.inFlightMs;
  });
  if (hearing.length >= Math.min(tuning.hearing, failing.length)) return true;
  const since = failingSince + tuning.inFlightMs;
  let fellSilent = 0;
  const hasFallenSilent = (answeredAt: number): boolean =>
    answeredAt < since && answeredAt >= since - tuning.latelyMs;
  for (const [site, { proof }] of shard.sites)
    if (site !== facts.target.site && hasFallenSilent(proof.at)) fellSilent += targetsOf(shard, site).length;
  for (const { controls } of shard.vantages.values())
    for (const { answeredAt } of controls.values()) if (hasFallenSilent(answeredAt)) fellSilent += 1;
  return fellSilent < tuning.failOpenTargets;
};

/** Its silence is evidence: it was alive once, and is probed. */
const isKnown = ({ onceAlive, target }: TargetState): boolean => onceAlive && !target.paused;

/** It is silent, advised against, or believed not to serve: a belief comes before the other two. */
const isDown = ({ beliefs: { up, gray }, silentAt, standing }: TargetState, tuning: Tuning): boolean =>
  silentAt !== null || standing.routing === "avoid" || 1 - up - gray >= tuning.downBelief;

/**
 * Whether this trouble may yet prove to be our own: more than half of all targets, in several sites, have answered nothing since shortly
 * after this one began to fail, and another of those sites is down as well. Healthy targets answer soon, and by the time every vantage has
 * had its turn the others are silent; until then two sites down look like all of them down. Rejected: asking only for the standing verdict
 * of the other site. One judgement may reach the same verdict on both at once.
 */
export const mayBeOurs = (shard: ShardState, facts: Facts, tuning: Tuning): boolean => {
  const { failingSince, now, target } = facts;
  if (now >= longFrom(facts) + target.intervalMs) return false;
  const known = [...shard.targets.values()].filter(isKnown);
  const unanswered = known.filter(({ proof }) => proof.at < failingSince + tuning.togetherMs);
  const isSecond = unanswered.some((other) => other.target.site !== target.site && isDown(other, tuning));
  return isSecond && known.length >= tuning.failOpenTargets && unanswered.length * 2 > known.length;
};

/**
 * The state frozen or thawed, and what share of the targets fell silent, in words. If most of the world falls silent at once, over several
 * sites, the likelier cause is on our side: better to say nothing than to advise a massacre. Rejected: a share of vantages instead of
 * targets. All vantages see the same when our side fails.
 */
export const withFailOpen = (
  shard: ShardState,
  now: number,
  tuning: Tuning,
): { shard: ShardState; share: string } => {
  const known: TargetState[] = [];
  let newest = 0;
  for (const state of shard.targets.values()) {
    if (!isKnown(state)) continue;
    known.push(state);
    newest = Math.max(newest, state.silentAt ?? 0);
  }
  if (newest === 0 && shard.frozenSince === null) return { shard, share: "" };
  const fell = known.filter(
    ({ silentAt }) => silentAt !== null && silentAt >= newest - tuning.failOpenWindowMs,
  );
  const frozen =
    known.length >= tuning.failOpenTargets &&
    sitesOf(known) > 1 &&
    sitesOf(fell) > 1 &&
    fell.length * 2 > known.length;
  const share = `${fell.length} of ${known.length} targets in ${sitesOf(fell)} sites`;
  if (frozen === (shard.frozenSince !== null)) return { shard, share };
  return { shard: { ...shard, frozenSince: frozen ? now : null }, share };
};

const sitesOf = (states: TargetState[]): number => new Set(states.map((state) => state.target.site)).size;

/**
 * A remote vantage outside that is the only one let in, while a quorum of the others and all inside vantages are refused. A path of its own
 * explains why others are turned away on theirs, but not why the node refuses its own neighbours: without inside vantages there is no
 * contradiction. Rejected: silence as a refusal. A node may have lost only the link to its neighbours.
 */
export const contradictionOf = (
  { vantages }: ShardState,
  state: TargetState,
  now: number,
  tuning: Tuning,
): Contradiction | null => {
  const { edges, target, troubled } = state;
  if (!troubled || target.paused) return null;
  const records = target.vantages.flatMap((id) => vantages.get(id) ?? []);
  const isInside = ({ vantage }: VantageRecord): boolean => vantage.site === target.site;
  if (!records.some(isInside)) return null;
  const inAt = new Map(records.map((record) => [record, lastInOf(edges.get(record.vantage.id))]));
  const [lone, next, ...rest] = records.toSorted((a, b) => (inAt.get(b) ?? 0) - (inAt.get(a) ?? 0));
  if (lone?.vantage.kind !== "remote" || isInside(lone) || next === undefined) return null;
  const at = { by: lone.vantage.id, inAt: inAt.get(lone) ?? 0, othersInAt: inAt.get(next) ?? 0 };
  const others = [next, ...rest].map((record) => {
    const edge = edges.get(record.vantage.id);
    const since = (edge?.recent ?? []).filter(({ begin }) => begin > at.othersInAt);
    const refusedFrom = since.find(({ outcome }) => outcome === "refused")?.begin ?? NEVER;
    const vote = voteOf(record, edge, now - voteLifeMs(state, tuning), now, tuning);
    return { record, edge, since, refusedFrom, vote };
  });
  const sound = others.filter(({ record }) => record.state === "sound");
  const refused = sound.filter(({ vote }) => vote?.kind === "refused");
  const outsideOf = (some: typeof sound): VantageRecord[] =>
    some.flatMap(({ record }) => (isInside(record) ? [] : [record]));
  const inside = sound.filter(
    (one) => isInside(one.record) && speaksInside(one.edge, state, at.othersInAt, tuning),
  );
  const areInside = inside.length > 0 && inside.every((one) => refused.includes(one));
  if (!areInside || !isQuorumAmong(outsideOf(refused), outsideOf(sound), target, tuning))
    return { ...at, refusedFrom: NEVER, refusedAt: 0 };
  const refusedAt = Math.min(...refused.map(({ vote }) => vote?.observation.begin ?? 0));
  return { ...at, refusedFrom: Math.max(...refused.map((one) => one.refusedFrom)), refusedAt };
};

/** Begin of the newest look that was let in; 0 for none. */
const lastInOf = (edge: Edge | undefined): number =>
  Math.max(edge?.lastOk ?? 0, edge?.recent.findLast(hasOpened)?.begin ?? 0);
