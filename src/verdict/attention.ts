/**
 * Once something looks wrong the judge does not wait for the next tick: it asks all sound vantages for the suspect, its witness and one
 * sibling now, and again at growing gaps until it can tell. A token bucket bounds what a shard may ask for. Rejected: asking all vantages
 * at every silence. A lost packet would cost twice as many probes as there are vantages, and the bucket would be empty when a target dies.
 */
import type { Belief } from "./belief/beliefs.ts";
import { keyOf } from "../domain/plain/names.ts";
import type { ProbeRequest } from "../domain/report.ts";
import type { Conclusion } from "./naming/case.ts";
import type { Tuning } from "./tuning.ts";
import { isOpenNotice, lateAt } from "./memory/node.ts";
import { dwellMs } from "./standing/settling.ts";
import { NEVER, type ShardState, type TargetState } from "./memory/judge-state.ts";
import type { Facts } from "./facts/facts.ts";
import { longFrom } from "./facts/quorum.ts";
import { freshnessMs } from "./facts/votes.ts";
import { failoverAt } from "./standing/advice.ts";
import { siblingsOf } from "./memory/target-state.ts";

/** Probes one vantage is asked for, now. */
export interface Wanted {
  vantage: string;
  requests: ProbeRequest[];
}

/** One target, once its word has been published. */
interface Considered {
  facts: Facts;
  state: TargetState;
  conclusion: Conclusion | null;
  belief: Belief;
  tuning: Tuning;
}

/** A target to be probed now, and the vantages that shall probe it. */
export interface Ask {
  state: TargetState;
  vantages: string[];
  dueAt: number;
  /** That it does not serve. */
  pDown: number;
  /** That its whole site is cut: then each of its targets has to be probed, and preferably at once. */
  siteCut: number;
}

/**
 * The request for the target that is due now, or null; and the state with its bursts counted and the instant at which to judge it again.
 * While we suspect ourselves we ask no vantage: nearly every target would be a suspect. Ticks go on.
 */
export const attend = (
  one: Considered,
  isFrozen: boolean,
): { state: TargetState; ask: Omit<Ask, "state"> | null } => {
  const { belief, facts, state, tuning } = one;
  const bursts = burstsIn(state, belief, tuning);
  const counted = { ...one, state: { ...state, bursts } };
  const burstAt = isFrozen ? null : burstDueAt(counted);
  const isSoon = burstAt !== null && burstAt <= facts.now + tuning.burstRideMs;
  const { pDown, siteCut } = belief;
  return {
    ask: isSoon ? { vantages: burstVantages(counted), dueAt: burstAt, pDown, siteCut } : null,
    state: {
      ...state,
      bursts: burstAt === null && state.edges.size > 0 ? { ...bursts, count: 0 } : bursts,
      nextAt: nextAt(one, burstAt),
    },
  };
};

/** When the target's next burst is due, or null where none is wanted; epoch milliseconds. */
const burstDueAt = (one: Considered): number | null => {
  const { belief, conclusion, facts, state, tuning } = one;
  const { now } = facts;
  const { count, lastAt } = state.bursts;
  const gap = belief.pDown > tuning.urgentBelief ? tuning.urgentGapMs : tuning.burstGapMs;
  const next = count === 0 ? lastAt + gap / 2 : lastAt + gapMs(count, gap, tuning);
  if (state.target.paused) return null;
  if (neverSeen(state) && count === 0) return now;
  if (isOpenNotice(state, now, tuning)) return noticedDueAt(state, now, tuning);
  if (isUndecided(one)) return next;
  if (isToBeRenewed(state, now))
    return Math.max(lastAt + tuning.urgentGapMs, state.standing.quorumUntil - tuning.renewalMs - facts.lagMs);
  // A wrong answer is no lost packet: whether it stands alone is soon known.
  if (conclusion !== null && now - conclusion.amissAt < tuning.amissMs) return lastAt + tuning.urgentGapMs;
  if (state.goodSince === null || state.standing.verdict === "alive") return null;
  // Recovering: look again when the dwell is over, however long the interval is.
  return Math.max(next, state.goodSince + dwellMs(state, now, tuning));
};

/** The node's own notice says what happened: look now, and soon again if that did not settle it. */
const noticedDueAt = ({ bursts, notice }: TargetState, now: number, tuning: Tuning): number =>
  bursts.lastAt < (notice?.heardAt ?? 0) ? now : bursts.lastAt + tuning.urgentGapMs / 2;

/** Advice to fail over needs fresh probes: it must not come and go with the schedule. */
const isToBeRenewed = ({ published, standing }: TargetState, now: number): boolean =>
  published.advice.failover && standing.quorumUntil > now;

/** Grave suspicion starts a count of its own: gaps that have grown long over a cut path must not make a death wait. */
const burstsIn = ({ bursts }: TargetState, { pDown }: Belief, tuning: Tuning): TargetState["bursts"] => {
  const isGrave = pDown >= tuning.suspectBelief;
  return isGrave === bursts.isGrave ? bursts : { ...bursts, isGrave, count: isGrave ? 0 : bursts.count };
};

const neverSeen = (state: TargetState): boolean => state.edges.size === 0;

/**
 * The vantages to ask: all of them if none has had an answer since the failure began, otherwise only those that miss the target. One lost
 * probe among good ones is no reason to look from everywhere.
 */
const burstVantages = (one: Considered): string[] => {
  const { belief, facts, state, tuning } = one;
  if (!isUndecided(one) && isToBeRenewed(state, facts.now)) return staleVoters(facts, tuning);
  const missing = facts.counted.filter((vote) => vote.kind !== "ok");
  const isSilence = missing.length > 0 && missing.every(({ kind }) => kind === "silent");
  const isGrave = belief.pDown >= tuning.suspectBelief || isOpenNotice(state, facts.now, tuning);
  if (isGrave || !isSilence || state.goodSince !== null) return state.target.vantages;
  const asked = missing.map((vote) => vote.record.vantage.id);
  return facts.lastReacher === null ? asked : [...asked, facts.lastReacher];
};

/** The vantages whose newest look will soon be too old for failover. */
const staleVoters = ({ failing, lagMs, now, target }: Facts, tuning: Tuning): string[] => {
  const dueMs = target.intervalMs + target.timeoutMs - tuning.renewalMs - lagMs;
  return failing.flatMap(({ record, observation }) =>
    observation.begin <= now - dueMs ? [record.vantage.id] : [],
  );
};

/** Something fails, and what it means is not settled by a quorum or by a verdict that needs none. */
const isUndecided = ({ belief, conclusion, facts, state, tuning }: Considered): boolean => {
  const recovered = state.recoveredAt ?? 0;
  const failing = facts.counted.filter((vote) => vote.kind !== "ok" && vote.observation.begin > recovered);
  // A probe whose answer may still come names no cause, and is reason enough to look again.
  const isWaitedFor = facts.openUntil < NEVER && belief.pDown >= tuning.suspectBelief;
  if (failing.length === 0) return isWaitedFor;
  if (belief.pDown >= tuning.suspectBelief && conclusion?.quorum.met !== true) return true;
  if (conclusion === null || conclusion.verdict === "good") return true;
  if (conclusion.verdict === "unknown") return false;
  if (conclusion.witnessAwaited && !state.standing.confirmed) return true;
  if (conclusion.verdict === "partitioned")
    return failing.some((vote) => !conclusion.cut.includes(vote.record.vantage.id));
  return facts.dissent.length === 0 && !conclusion.quorum.met;
};

/** The earliest instant after now at which the target must be judged again; NEVER for none. */
const nextAt = ({ conclusion, facts, state, tuning }: Considered, burstAt: number | null): number => {
  const { failing, now } = facts;
  const { asOf, heartbeat, override, published, standing } = state;
  const candidates: (number | null)[] = [
    asOf === null ? null : asOf + freshnessMs(state, tuning) + 1,
    burstAt === null ? null : burstAt > now ? burstAt : now + tuning.urgentGapMs,
    override === null ? null : override.until,
    published.advice.failover ? standing.quorumUntil + 1 : failoverAt(state, tuning),
    heartbeat !== null && failing.length > 0 ? lateAt(heartbeat, tuning) + 1 : null,
    facts.openUntil,
    failing.length > 0 ? longFrom(facts) : null,
    state.waiting === null ? null : state.waiting.until,
    conclusion === null && burstAt !== null && failing.length > 0 ? now + tuning.undecidedMs : null,
  ];
  return Math.min(...candidates.filter((at) => at !== null && at > now).map(Number), NEVER);
};

const gapMs = (count: number, gap: number, tuning: Tuning): number =>
  Math.min(gap * 2 ** Math.max(0, count - 2), tuning.burstGapMaxMs);

/**
 * The targets due, as requests to vantages, within what the token bucket allows; targets due soon go along. Mild suspects leave a reserve
 * to grave ones. A first look at a new target costs nothing: operators, not faults, decide how many there are.
 */
export const requestBursts = (
  shard: ShardState,
  due: Ask[],
  now: number,
  tuning: Tuning,
): { shard: ShardState; wanted: Wanted[] } => {
  const isDue = ({ dueAt }: Ask): boolean => dueAt <= now;
  const fresh = due.filter((one) => neverSeen(one.state) && isDue(one));
  const suspects = due
    .filter(({ state }) => !neverSeen(state))
    .toSorted((a, b) => Number(isDue(b)) - Number(isDue(a)) || a.state.bursts.lastAt - b.state.bursts.lastAt);
  // A notice alone, which anybody with the target's token may send, leaves the reserve as well.
  const isGrave = ({ pDown, state }: Ask): boolean => pDown >= tuning.suspectBelief && state.troubled;
  const { level: saved, at } = shard.tokens;
  let level = Math.min(tuning.burstTokens, saved + (now - at) / tuning.burstTokenMs);
  const paid: Ask[] = [];
  for (const [asking, kept] of [
    [suspects.filter(isGrave), 0],
    [suspects.filter((one) => !isGrave(one)), tuning.burstReserve],
  ] as const) {
    const affordable = (asks: Ask[]): boolean => asks.some(isDue) && level >= priceOf(shard, asks) + kept;
    const bought = [asking, asking.filter(isDue)].find(affordable) ?? [];
    level -= priceOf(shard, bought);
    paid.push(...bought);
  }
  const served = [...fresh, ...withSites(shard, paid, now, tuning)].slice(0, tuning.burstTargets);
  if (served.length === 0) return { shard, wanted: [] };
  const targets = new Map(shard.targets);
  for (const { state } of served)
    targets.set(keyOf(state.target.site, state.target.target), {
      ...state,
      bursts: { ...state.bursts, count: state.bursts.count + 1, lastAt: now },
    });
  const tokens = paid.length > 0 ? { level, at: now } : shard.tokens;
  return { shard: { ...shard, targets, tokens }, wanted: byVantage(shard, served) };
};

/** A burst from all vantages costs a token; one from some vantages costs their share, however many targets it covers. */
const priceOf = ({ vantages }: ShardState, asks: Ask[]): number =>
  new Set(asks.flatMap((one) => one.vantages)).size / Math.max(1, vantages.size);

/** Adds the siblings of targets whose site is suspect, except those that were asked for just now. */
const withSites = (shard: ShardState, paid: Ask[], now: number, tuning: Tuning): Ask[] => {
  const all = new Map(paid.map((one) => [one.state, one]));
  for (const one of paid) {
    if (one.siteCut < tuning.urgentBelief) continue;
    for (const state of siblingsOf(shard, one.state))
      if (!all.has(state) && now - state.bursts.lastAt >= tuning.urgentGapMs)
        all.set(state, { ...one, state });
  }
  return [...all.values()];
};

const byVantage = (shard: ShardState, served: Ask[]): Wanted[] => {
  const wanted = new Map<string, Map<string, ProbeRequest>>();
  for (const { state, vantages } of served)
    for (const vantage of vantages) {
      const asked = wanted.get(vantage) ?? new Map<string, ProbeRequest>();
      wanted.set(vantage, asked);
      for (const request of requestsFor(shard, state, vantage))
        asked.set(`${request.site}/${request.target}/${request.subject}`, request);
    }
  return [...wanted].map(([vantage, asked]) => ({ vantage, requests: [...asked.values()] }));
};

const requestsFor = (shard: ShardState, state: TargetState, vantage: string): ProbeRequest[] => {
  const { site, target, hasWitness } = state.target;
  const requests: ProbeRequest[] = [{ site, target, subject: "target" }];
  if (hasWitness) requests.push({ site, target, subject: "witness" });
  const sibling = leastSuspect(shard, state, vantage);
  if (sibling !== null) requests.push({ site, target: sibling, subject: "target" });
  return requests;
};

/** The sibling that was answered last: asking a suspect one would say nothing. */
const leastSuspect = (shard: ShardState, state: TargetState, vantage: string): string | null => {
  let best: TargetState | null = null;
  for (const other of siblingsOf(shard, state))
    if (other.target.vantages.includes(vantage) && other.proof.at > (best?.proof.at ?? -1)) best = other;
  return best?.target.target ?? null;
};
