/**
 * Once something looks wrong the judge does not wait for the next tick: it asks all sound vantages
 * for the suspect, its witness and one sibling now, and again at growing gaps until it can tell. A
 * token bucket bounds what a shard may ask for, and a vantage that is itself the anomaly asks for
 * nothing, because its votes are not counted.
 */
import { keyOf } from "../domain/name.ts";
import type { ProbeRequest } from "../domain/report.ts";
import type { Conclusion } from "./conclusion.ts";
import type { JudgePolicy } from "./policy.ts";
import { dwellMs } from "./settling.ts";
import type { ShardState, TargetState } from "./state.ts";
import type { View } from "./votes.ts";

/** Probes one vantage is asked for, now. */
export interface Wanted {
  vantage: string;
  requests: ProbeRequest[];
}

/** When the target's next burst is due, or null where none is wanted; epoch milliseconds. */
export const burstDueAt = (view: View, conclusion: Conclusion | null, policy: JudgePolicy): number | null => {
  const { state, now } = view;
  const { count, lastAt } = state.bursts;
  const next = count === 0 ? lastAt + policy.burstGapMs / 2 : lastAt + gapMs(count, policy);
  if (state.target.paused) return null;
  if (neverSeen(state) && count === 0) return now;
  if (isUndecided(view, conclusion)) return next;
  if (state.goodSince === null || state.standing.verdict === "alive") return null;
  // Recovering: look again when the dwell is over, however long the interval is.
  return Math.max(next, state.goodSince + dwellMs(state, now, policy));
};

const neverSeen = (state: TargetState): boolean => state.edges.size === 0;

/**
 * Whom to ask: everybody once nobody has had an answer since the failure began, and otherwise only
 * those who miss it, for one lost probe among good ones is no reason to look from everywhere.
 */
export const burstVantages = (view: View): string[] => {
  const { state } = view;
  const missing = view.counted.filter((vote) => vote.kind !== "ok").map((vote) => vote.record.vantage.id);
  const isLocal = view.failing.length === 0 && missing.length > 0 && state.goodSince === null;
  return isLocal ? missing : state.target.vantages;
};

/** Something fails, and what it means is not settled by a quorum or by a verdict that needs none. */
const isUndecided = (view: View, conclusion: Conclusion | null): boolean => {
  const recovered = view.state.recoveredAt ?? 0;
  const failing = view.counted.filter((vote) => vote.kind !== "ok" && vote.sighting.begin > recovered);
  if (failing.length === 0) return false;
  if (conclusion === null || conclusion.verdict === "good") return true;
  if (conclusion.verdict === "unknown") return false;
  if (conclusion.verdict === "partitioned")
    return failing.some((vote) => !conclusion.cut.includes(vote.record.vantage.id));
  return view.dissent.length === 0 && !conclusion.quorum.met;
};

const gapMs = (count: number, policy: JudgePolicy): number =>
  Math.min(policy.burstGapMs * 2 ** Math.max(0, count - 2), policy.burstGapMaxMs);

/** A target to be looked at now, and by whom. */
export interface Due {
  state: TargetState;
  vantages: string[];
}

/**
 * The targets due, as requests to vantages, within what the token bucket allows: a token buys a look
 * from everywhere, and a look from some its share. A first look at a new target costs nothing:
 * operators, not faults, decide how many of those there are.
 */
export const requestBursts = (
  shard: ShardState,
  due: Due[],
  now: number,
  policy: JudgePolicy,
): { shard: ShardState; wanted: Wanted[] } => {
  const fresh = due.filter(({ state }) => neverSeen(state));
  const suspects = due
    .filter(({ state }) => !neverSeen(state))
    .toSorted((a, b) => a.state.bursts.lastAt - b.state.bursts.lastAt);
  const asked = new Set(suspects.flatMap(({ vantages }) => vantages)).size;
  const price = asked / Math.max(1, shard.vantages.size);
  const earned = (now - shard.tokens.at) / policy.burstTokenMs;
  const level = Math.min(policy.burstTokens, shard.tokens.level + earned);
  const paid = suspects.length > 0 && level >= price;
  const served = [...fresh, ...(paid ? suspects : [])].slice(0, policy.burstTargets);
  if (served.length === 0) return { shard, wanted: [] };
  const targets = new Map(shard.targets);
  for (const { state } of served)
    targets.set(keyOf(state.target.site, state.target.target), {
      ...state,
      bursts: { count: state.bursts.count + 1, lastAt: now },
    });
  const tokens = paid ? { level: level - price, at: now } : shard.tokens;
  return { shard: { ...shard, targets, tokens }, wanted: byVantage(shard, served) };
};

const byVantage = (shard: ShardState, served: Due[]): Wanted[] => {
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

/** The sibling whose `ok` is newest: asking a suspect one would tell nothing. */
const leastSuspect = (shard: ShardState, state: TargetState, vantage: string): string | null => {
  let best: { name: string; ok: number } | null = null;
  for (const other of shard.targets.values()) {
    if (other === state || other.target.site !== state.target.site || other.target.paused) continue;
    if (other.target.target === state.target.target || !other.target.vantages.includes(vantage)) continue;
    const ok = Math.max(0, ...[...other.edges.values()].map((edge) => edge.lastOk ?? 0));
    if (best === null || ok > best.ok) best = { name: other.target.target, ok };
  }
  return best?.name ?? null;
};
