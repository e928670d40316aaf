/**
 * Which vantages count. A vantage whose controls are silent, or that is the only one to fail at targets which others reach, in more than
 * one site at once, is itself the anomaly: one broken observer explains what would otherwise take several unrelated cuts. If its controls
 * answer, it sees cuts.
 *
 * Rejected: the inferred chance that it is broken. It moves with every packet, but the set of vantages that count must not.
 */
import type { VantageState } from "../../domain/vantage.ts";
import type { Tuning } from "../tuning.ts";
import {
  type ControlRecord,
  NEVER,
  type ShardState,
  type TargetState,
  type VantageRecord,
} from "../memory/judge-state.ts";
import { claimOf, NO_CLAIMS } from "../memory/observation-record.ts";
import { workingControls } from "./channels.ts";
import { contradictionOf } from "./elsewhere.ts";
import { heldUntil } from "./living.ts";
import { freshnessMs, unclaimed, voteLifeMs, voteOf } from "./votes.ts";

interface Finding {
  state: VantageState;
  reason: string;
}

const SOUND: Finding = { state: "sound", reason: "" };

/** The state with every vantage's soundness judged anew. */
export const withSoundness = (before: ShardState, now: number, tuning: Tuning): ShardState => {
  const shard = withClaims(before, now, tuning);
  const ignored = silentControls(shard, now, tuning);
  const isChecked = (record: VantageRecord): boolean => liveControls(record, ignored, now, tuning).length > 0;
  const reach = reachOf(shard, isChecked, now, tuning);
  let vantages: Map<string, VantageRecord> | undefined;
  for (const [id, record] of shard.vantages) {
    const reached = reach.get(id) ?? NO_REACH;
    // A part of a backlog does not show what all vantages saw: judged by it, a vantage that has become sound again would seem to have been
    // in doubt until now.
    if (heldUntil(shard, { ...reached, vantages: [id] }, now, tuning) !== null) continue;
    const { state, reason } = soundnessOf(record, reached, ignored, now, tuning);
    if (state === record.state && reason === record.reason) continue;
    vantages ??= new Map(shard.vantages);
    vantages.set(id, { ...record, state, reason, trustedSince: trustedSince(record, state, now) });
  }
  return vantages === undefined ? shard : { ...shard, vantages };
};

/** A vantage in doubt is not believed, however long it stays silent, until it is sound again. */
const trustedSince = (record: VantageRecord, state: VantageState, now: number): number => {
  if (isDoubted(state)) return NEVER;
  const isBack = isDoubted(record.state) || record.trustedSince === NEVER;
  return state === "sound" && isBack ? now : record.trustedSince;
};

const isDoubted = (state: VantageState): boolean => state === "faulty" || state === "suspect";

/** What all vantages together have recently heard of one control. */
interface Heard {
  answers: number;
  askers: number;
  /** Begin of the earliest of their newest looks. */
  since: number;
}

/**
 * Controls that no vantage reaches, though something else has answered since the first of them missed
 * it, are at fault themselves and say nothing. Where nothing else answers either, the fault is ours.
 */
const silentControls = (shard: ShardState, now: number, tuning: Tuning): Set<string> => {
  const controls = new Map<string, Heard>();
  let provenAt = 0;
  for (const record of shard.vantages.values()) {
    provenAt = Math.max(provenAt, record.proof.at);
    for (const [url, { answered, begin }] of record.controls) {
      if (begin < now - tuning.controlLifeMs) continue;
      const { answers, askers, since } = controls.get(url) ?? { answers: 0, askers: 0, since: begin };
      controls.set(url, {
        answers: answers + (answered ? 1 : 0),
        askers: askers + 1,
        since: Math.min(since, begin),
      });
    }
  }
  const isAtFault = ({ answers, askers, since }: Heard): boolean =>
    answers === 0 && askers > 1 && provenAt > since + tuning.inFlightMs;
  return new Set([...controls].filter(([, heard]) => isAtFault(heard)).map(([url]) => url));
};

/** How a vantage fares at targets that have recently given some vantage an `ok`. */
interface Reach {
  agreed: number;
  /** Targets at which it fails while others have an `ok`, … */
  alone: number;
  /** … and those of them at which it has failed at least twice in a row. */
  aloneTwice: number;
  sitesAlone: Set<string>;
  /** Its shortest interval. */
  intervalMs: number;
}
const NO_REACH: Reach = { agreed: 0, alone: 0, aloneTwice: 0, sitesAlone: new Set(), intervalMs: 0 };

/** Votes are counted only if something depends on them: a vantage without controls, and a target that some vantage misses. */
const reachOf = (
  shard: ShardState,
  isChecked: (record: VantageRecord) => boolean,
  now: number,
  tuning: Tuning,
): Map<string, Reach> => {
  const reach = new Map<string, Reach>();
  let isTroubled = false;
  for (const { target, troubled } of shard.targets.values()) {
    if (target.paused) continue;
    isTroubled ||= troubled;
    for (const id of target.vantages) {
      const sum = reach.get(id);
      if (sum === undefined)
        reach.set(id, { ...NO_REACH, sitesAlone: new Set(), intervalMs: target.intervalMs });
      else if (target.intervalMs < sum.intervalMs) sum.intervalMs = target.intervalMs;
    }
  }
  if (!isTroubled || [...shard.vantages.values()].every(isChecked)) return reach;
  for (const state of shard.targets.values())
    if (!state.target.paused) countReach(reach, shard, state, now, tuning);
  return reach;
};

const countReach = (
  reach: Map<string, Reach>,
  shard: ShardState,
  state: TargetState,
  now: number,
  tuning: Tuning,
): void => {
  const since = now - freshnessMs(state, tuning);
  const current = now - state.target.intervalMs - tuning.okGraceMs;
  const fresh = state.target.vantages
    .map((id) => shard.vantages.get(id))
    .filter((record) => record !== undefined)
    .map((record) => ({
      record,
      vote: voteOf(record, state.edges.get(record.vantage.id), since, now, tuning),
    }));
  const answered = fresh.some(({ vote }) => vote?.kind === "ok" && vote.observation.begin >= current);
  for (const { record, vote } of fresh) {
    const sum = reach.get(record.vantage.id);
    if (sum === undefined || vote === null || !answered) continue;
    if (vote.kind === "ok") sum.agreed += 1;
    else {
      sum.alone += 1;
      sum.sitesAlone.add(state.target.site);
      const previous = vote.edge.recent.at(-2);
      if (previous !== undefined && previous.outcome !== "ok") sum.aloneTwice += 1;
    }
  }
};

const soundnessOf = (
  record: VantageRecord,
  reach: Reach,
  ignored: Set<string>,
  now: number,
  tuning: Tuning,
): Finding => {
  if (record.lastReportAt === null) return { state: "silent", reason: "silent: has not reported yet" };
  if (now - record.lastReportAt > Math.max(2 * reach.intervalMs, tuning.freshnessMs))
    return { state: "silent", reason: "silent: its reports have stopped" };
  const [first, ...more] = record.refusedAt;
  if (first !== undefined && more.length + 1 >= tuning.refusalsMost && first > now - tuning.refusalMemoryMs)
    return { state: "suspect", reason: "suspect: it reports what it was not asked for" };
  const isOverruled = [...record.alone.values()].some((claim) => claim.isOverruled);
  if (isOverruled)
    return {
      state: "suspect",
      reason:
        "suspect: alone says that a target lets it in, which refuses all others, from inside its site as well",
    };
  const controls = liveControls(record, ignored, now, tuning);
  return controls.length > 0 ? byControls(controls) : byTargets(reach, tuning);
};

/** What its controls have recently shown, without those that are at fault themselves. */
const liveControls = (
  record: VantageRecord,
  ignored: Set<string>,
  now: number,
  tuning: Tuning,
): ControlRecord[] =>
  workingControls(record, tuning).flatMap(([url, control]) =>
    ignored.has(url) || control.begin < now - tuning.controlLifeMs ? [] : [control],
  );

const byControls = (controls: { answered: boolean; failures: number }[]): Finding => {
  if (controls.some((control) => control.answered)) return SOUND;
  const state = controls.every((control) => control.failures > 1) ? "faulty" : "suspect";
  return { state, reason: `${state}: ${controls.length} of ${controls.length} controls silent` };
};

const byTargets = (reach: Reach, { aloneRatio }: Tuning): Finding => {
  if (reach.sitesAlone.size < 2 || reach.alone <= aloneRatio * reach.agreed) return SOUND;
  const state = reach.aloneTwice > aloneRatio * reach.agreed && reach.aloneTwice > 1 ? "faulty" : "suspect";
  const looked = reach.alone + reach.agreed;
  return {
    state,
    reason: `${state}: alone in failing at ${reach.alone} of ${looked} targets in ${reach.sitesAlone.size} sites`,
  };
};

/**
 * Updates the claims of vantages that alone are let in. A lone claim does not extend a good time. No recovery rests on it once it is
 * overruled or was not repeated, and one that was not repeated is forgotten.
 */
const withClaims = (shard: ShardState, now: number, tuning: Tuning): ShardState => {
  const alone = new Map<string, VantageRecord["alone"]>();
  const targets = new Map<string, TargetState>();
  for (const [key, state] of shard.targets) {
    const found = contradictionOf(shard, state, now, tuning);
    if (found === null) continue;
    const { by, othersInAt } = found;
    const known = shard.vantages.get(by)?.alone.get(key);
    const times = { intervalMs: state.target.intervalMs, voteLifeMs: voteLifeMs(state, tuning) };
    const claim = claimOf(known, found, now, times);
    if (claim !== undefined) alone.set(by, new Map(alone.get(by)).set(key, claim));
    const isForgotten = claim === undefined && othersInAt < (known?.since ?? 0);
    if (claim === undefined && !isForgotten) continue;
    targets.set(key, unclaimed(state, found, claim));
  }
  const records = [...shard.vantages];
  if (targets.size === 0 && records.every(([, one]) => one.alone.size === 0)) return shard;
  const vantages = new Map(
    records.map(([id, record]) => [id, { ...record, alone: alone.get(id) ?? NO_CLAIMS }]),
  );
  return { ...shard, vantages, targets: new Map([...shard.targets, ...targets]) };
};
