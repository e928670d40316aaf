/** Takes events into the state, before anything is concluded, and notes our own absence before them. */
import type { EvidenceEvent, Heartbeat, JudgedTarget, Notice } from "../../domain/evidence.ts";
import { keysOf, sitesOf } from "../../domain/evidence.ts";
import { keyOf } from "../../domain/name.ts";
import type { Vantage } from "../../domain/vantage.ts";
import { beaten, booted, hasEnded, isOver } from "../memory/node.ts";
import type { Tuning } from "../tuning.ts";
import { UNPROVEN } from "../memory/sighting.ts";
import { takeReport } from "./observations.ts";
import { type ShardState, type TargetState, type VantageRecord, NEVER } from "../memory/state.ts";
import { newTarget, withoutLeavers, withoutUnused, withSiteList } from "../memory/target.ts";

/** The state after one event at `now`. Observations of unknown targets or older assignments change nothing. */
export const takeIn = (state: ShardState, event: EvidenceEvent, now: number, tuning: Tuning): ShardState => {
  switch (event.kind) {
    case "roster":
      return takeRoster(state, event.vantages);
    case "target":
      return putTarget(state, event, now);
    case "removed":
      return removeTarget(state, keyOf(event.site, event.target));
    case "report":
      return takeReport(state, event.report, now, tuning);
    case "override":
      return change(state, event, (target) => ({ ...target, override: event.override }));
    case "heartbeat":
      return change(state, event.heartbeat, (target) => takeHeartbeat(target, event.heartbeat, tuning));
    case "notice":
      return change(state, event.notice, (target) => takeNotice(target, event.notice, now, tuning));
  }
};

const takeHeartbeat = (
  target: TargetState,
  { bootId, everyMs, at }: Heartbeat,
  tuning: Tuning,
): TargetState => {
  if (isOver(target, bootId)) return target;
  const arrival = { at, everyMs: everyMs ?? null, isFirst: target.bootId !== bootId };
  return { ...booted(target, bootId, tuning), heartbeat: beaten(target.heartbeat, arrival, tuning) };
};

const takeNotice = (target: TargetState, notice: Notice, now: number, tuning: Tuning): TargetState => {
  const isLate =
    isOver(target, notice.bootId) || (notice.kind === "start" && hasEnded(target, notice.bootId));
  if (isLate) return target;
  return {
    ...booted(target, notice.bootId, tuning),
    notice: { ...notice, heardAt: now, contradictedAt: null },
  };
};

const change = (
  state: ShardState,
  of: { site: string; target: string },
  with_: (target: TargetState) => TargetState,
): ShardState => {
  const key = keyOf(of.site, of.target);
  const target = state.targets.get(key);
  return target === undefined ? state : { ...state, targets: new Map(state.targets).set(key, with_(target)) };
};

/** Who is gone leaves nothing behind: neither what it saw nor the paths by which it looked. */
const takeRoster = (state: ShardState, roster: Vantage[]): ShardState => {
  const known = state.vantages;
  const vantages = new Map(
    roster.map((vantage) => [vantage.id, { ...(known.get(vantage.id) ?? newRecord(vantage)), vantage }]),
  );
  const targets = new Map([...state.targets].map(([key, target]) => [key, withoutLeavers(target, vantages)]));
  return withoutUnused({ ...state, vantages, targets });
};

const newRecord = (vantage: Vantage): VantageRecord => ({
  vantage,
  state: "silent",
  reason: "silent: has not reported yet",
  lastReportAt: null,
  lastSequence: 0,
  madeAt: 0,
  colo: null,
  controls: new Map(),
  reports: 0,
  observations: 0,
  dropped: 0,
  turns: null,
  proof: UNPROVEN,
  trustedSince: 0,
});

const putTarget = (
  state: ShardState,
  event: { target: JudgedTarget; url: string; version: number },
  now: number,
): ShardState => {
  const key = keyOf(event.target.site, event.target.target);
  const old = state.targets.get(key);
  const { target, url, version } = event;
  const kept: TargetState =
    old === undefined
      ? newTarget(target, url, version, state.retiredSequence, now)
      : old.url === url
        ? withoutLeavers(reconfigured(old, target), state.vantages)
        : readdressed(old, newTarget(target, url, version, old.published.sequence, now));
  return withoutUnused({
    ...state,
    targets: new Map(state.targets).set(key, kept),
    sites: old === undefined ? withSiteList(state, target.site, (keys) => [...keys, key]) : state.sites,
  });
};

/** A witness that is gone, or is another, showed nothing of the one there is. Where an address is not told, it is taken for the same. */
const reconfigured = (old: TargetState, target: JudgedTarget): TargetState => {
  const before = old.target.witness;
  const isMoved = before !== undefined && target.witness !== undefined && before.url !== target.witness.url;
  if (!target.hasWitness || isMoved) return { ...old, target, witness: new Map() };
  return { ...old, target: { ...target, ...(before === undefined ? {} : { witness: before }) } };
};

/** Another address is another node: nothing seen of the old one speaks of it, and what was said of it stands until this one is judged. */
const readdressed = (old: TargetState, fresh: TargetState): TargetState => ({
  ...fresh,
  createdAt: old.createdAt,
  announced: old.announced,
  override: old.override,
  settledRouting: old.settledRouting,
  standing: old.standing,
  published: old.published,
});

const removeTarget = (state: ShardState, key: string): ShardState => {
  const removed = state.targets.get(key);
  if (removed === undefined) return state;
  const targets = new Map(state.targets);
  targets.delete(key);
  return withoutUnused({
    ...state,
    targets,
    sites: withSiteList(state, removed.target.site, (keys) => keys.filter((other) => other !== key)),
    retiredSequence: Math.max(state.retiredSequence, removed.published.sequence),
  });
};

/** Targets an event speaks of, with their siblings; all when a vantage's soundness changed; those whose time has come. */
export const touched = (
  before: ShardState,
  state: ShardState,
  events: readonly EvidenceEvent[],
  now: number,
): Set<string> => {
  const isRoster = events.some(({ kind }) => kind === "roster");
  // What was held back until they had caught up is said now.
  const hasCaughtUp =
    before.returned !== null &&
    (state.returned === null || before.returned.awaited.length !== state.returned.awaited.length);
  if (isRoster || hasCaughtUp || soundnessChanged(before, state) || state.frozenSince !== null)
    return new Set(state.targets.keys());
  const named = new Set(events.flatMap(keysOf));
  const sites = sitesOf(named);
  for (const [key, target] of state.targets) {
    const sibling = sites.has(target.target.site) && target.episodeAt !== null;
    if (sibling || target.nextAt <= now) named.add(key);
  }
  return named;
};

const soundnessChanged = (before: ShardState, after: ShardState): boolean =>
  before.vantages.size !== after.vantages.size ||
  [...after.vantages].some(([id, record]) => {
    const old = before.vantages.get(id);
    return old?.state !== record.state || old.colo !== record.colo;
  });

// The detector's own absence: its object was moved, updated or starved, and reports waited. They arrive afterwards one vantage at a
// time, and tell of the past. Nothing is published until every vantage that had reported has caught up, or an interval has passed.
// Rejected: to hold back every late report. A slow reporter is late every time, and nobody waits for it.

/** The state after these events, with our own absence before them noted, and who has caught up since. */
export const withAbsence = (
  before: ShardState,
  taken: ShardState,
  events: readonly EvidenceEvent[],
  now: number,
  tuning: Tuning,
): ShardState => {
  // Nothing is left to be away from.
  if (taken.targets.size === 0) return { ...taken, judgedAt: 0, wakeAt: 0, quiet: null, returned: null };
  const quiet = quietBefore(before, now, tuning);
  const isAway = quiet !== null && wasAway(before, quiet, events, now, tuning);
  const returned = isAway ? { since: quiet.to, awaited: quiet.sound } : before.returned;
  const noted = { ...taken, judgedAt: now, quiet: isAway ? null : quiet };
  if (returned === null) return noted;
  const awaited = returned.awaited.filter((id) => {
    const record = taken.vantages.get(id);
    return record !== undefined && record.madeAt < returned.since - tuning.caughtUpMs;
  });
  const isOver = awaited.length === 0 && now >= returned.since + tuning.returnMs;
  return { ...noted, returned: isOver ? null : { ...returned, awaited } };
};

type Quiet = NonNullable<ShardState["quiet"]>;

/** The last long time without a judgement; it may end now. It is kept, since reports that waited arrive in any order. */
const quietBefore = (before: ShardState, now: number, { awayMs }: Tuning): Quiet | null => {
  const { judgedAt, vantages } = before;
  if (judgedAt === 0 || now - judgedAt <= awayMs) return before.quiet;
  const sound = [...vantages].flatMap(([id, { state }]) => (state === "sound" ? [id] : []));
  return { from: judgedAt, to: now, sound };
};

/** Whether we were away in that time: we woke too late, every vantage owes a report, or a report has waited for us. */
const wasAway = (
  before: ShardState,
  quiet: Quiet,
  events: readonly EvidenceEvent[],
  now: number,
  { awayMs }: Tuning,
): boolean => {
  const isNew = quiet.to === now;
  if (isNew && events.length === 0 && now > before.wakeAt + awayMs) return true;
  if (isNew && isOwedByAll(before, now, awayMs)) return true;
  return events.some((event) => hasWaited(before, quiet, event, awayMs));
};

/** A report of that time has waited. Slow vantages do not count: their reports are always late. */
const hasWaited = (
  { vantages }: ShardState,
  { from, to }: Quiet,
  event: EvidenceEvent,
  awayMs: number,
): boolean => {
  if (event.kind !== "report") return false;
  const { madeAt, vantage } = event.report;
  const known = vantages.get(vantage);
  const wasPrompt = known !== undefined && (known.lastReportAt ?? 0) - known.madeAt < awayMs;
  return wasPrompt && madeAt > from && madeAt < to - awayMs;
};

/** Every sound vantage, of two at least, has missed its turn by the shortest interval of all targets. */
const isOwedByAll = ({ targets, vantages }: ShardState, now: number, awayMs: number): boolean => {
  const sound = [...vantages.values()].filter(({ state }) => state === "sound");
  let intervalMs = NEVER;
  for (const { target } of targets.values())
    if (!target.paused) intervalMs = Math.min(intervalMs, target.intervalMs);
  return (
    sound.length > 1 && sound.every(({ lastReportAt }) => (lastReportAt ?? 0) < now - intervalMs - awayMs)
  );
};
