/** Takes events into the state, before anything is concluded, and notes the detector's own absence before them. */
import type { EvidenceEvent, JudgedTarget } from "../../domain/evidence.ts";
import { keysOf, sitesOf } from "../../domain/evidence.ts";
import { keyOf } from "../../domain/plain/names.ts";
import type { Vantage } from "../../domain/vantage.ts";
import { takeHeartbeat, takeNotice } from "../memory/node.ts";
import type { Tuning } from "../tuning.ts";
import { enrolled } from "../memory/observation-record.ts";
import { takeReport } from "./observations.ts";
import { type ShardState, type TargetState, type VantageRecord, NEVER } from "../memory/judge-state.ts";
import { newTarget, withoutLeavers, withoutUnused, withSiteList } from "../memory/target-state.ts";

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

const change = (
  state: ShardState,
  of: { site: string; target: string },
  with_: (target: TargetState) => TargetState,
): ShardState => {
  const key = keyOf(of.site, of.target);
  const target = state.targets.get(key);
  return target === undefined ? state : { ...state, targets: new Map(state.targets).set(key, with_(target)) };
};

/** A vantage that is removed leaves nothing behind: neither its observations nor the paths by which it looked. */
const takeRoster = (state: ShardState, roster: Vantage[]): ShardState => {
  const known = state.vantages;
  const vantages = new Map(roster.map((vantage) => [vantage.id, enrolled(known.get(vantage.id), vantage)]));
  const targets = new Map([...state.targets].map(([key, target]) => [key, withoutLeavers(target, vantages)]));
  return withoutUnused({ ...state, vantages, targets });
};

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

/** A witness that was removed or replaced showed nothing about the present one. Without an address it is taken for the same. */
const reconfigured = (old: TargetState, target: JudgedTarget): TargetState => {
  const before = old.target.witness;
  const isMoved = before !== undefined && target.witness !== undefined && before.url !== target.witness.url;
  if (!target.hasWitness || isMoved) return { ...old, target, witness: new Map() };
  return { ...old, target: { ...target, ...(before === undefined ? {} : { witness: before }) } };
};

/** Another address is another node: no observation of the old node applies to it. What was published stays until the new node is judged. */
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

/** The targets that an event concerns, with their siblings; all when a vantage's soundness changed; those whose time has come. */
export const touched = (
  before: ShardState,
  state: ShardState,
  events: readonly EvidenceEvent[],
  now: number,
): Set<string> => {
  const isRoster = events.some(({ kind }) => kind === "roster");
  // What was held back until vantages had caught up is published now.
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

// The detector's own absence: its object was moved, updated or starved, and reports waited. They arrive afterwards one vantage at a time,
// and describe the past. Nothing is published until every vantage whose turn came in that time has reported it, or an interval has passed.
// Rejected: holding back every late report. A slow reporter is late every time, and no verdict waits for it. Also rejected: waiting for a
// report of every vantage. A vantage without a turn has nothing to report, and in a fleet that looks seldom that is most of them.

/** The state after these events, with our own absence before them noted, and the vantages that have caught up since. */
export const withAbsence = (
  before: ShardState,
  taken: ShardState,
  events: readonly EvidenceEvent[],
  now: number,
  tuning: Tuning,
): ShardState => {
  // Without targets there is nothing to be absent from.
  if (taken.targets.size === 0) return { ...taken, judgedAt: 0, wakeAt: 0, quiet: null, returned: null };
  const quiet = quietBefore(before, now, tuning);
  const isAway = quiet !== null && wasAway(before, taken, quiet, events, now, tuning);
  const returned = isAway
    ? { since: quiet.to, awaited: turnsIn(before, quiet, tuning.caughtUpMs, tuning) }
    : before.returned;
  const noted = { ...taken, judgedAt: now, quiet: isAway ? null : quiet };
  if (returned === null) return noted;
  const awaited = returned.awaited.filter(({ vantage, dueAt }) => owes(taken, vantage, dueAt));
  const isOver = awaited.length === 0 && now >= returned.since + tuning.returnMs;
  return { ...noted, returned: isOver ? null : { ...returned, awaited } };
};

type Quiet = NonNullable<ShardState["quiet"]>;
type Turn = NonNullable<ShardState["returned"]>["awaited"][number];

/** The last long time without a judgement, which may end now. It is kept, since reports that waited arrive in any order. */
const quietBefore = (before: ShardState, now: number, { awayMs }: Tuning): Quiet | null => {
  const { judgedAt, vantages } = before;
  if (judgedAt === 0 || now - judgedAt <= awayMs) return before.quiet;
  const sound = [...vantages].flatMap(([id, { state }]) => (state === "sound" ? [id] : []));
  return { from: judgedAt, to: now, sound };
};

/** Whether we were away in that time: we woke too late, several places owe reports of that time, or a report has waited for us. */
const wasAway = (
  before: ShardState,
  taken: ShardState,
  quiet: Quiet,
  events: readonly EvidenceEvent[],
  now: number,
  tuning: Tuning,
): boolean => {
  const { awayMs } = tuning;
  const isNew = quiet.to === now;
  if (isNew && (now > before.wakeAt + awayMs || isOwedBySeveral(before, taken, quiet, tuning))) return true;
  return events.some((event) => hasWaited(before, quiet, event, awayMs));
};

/** Whether a vantage reports promptly. Slow vantages do not count: their reports are always late. */
const isPrompt = (record: VantageRecord | undefined, awayMs: number): boolean =>
  record !== undefined && (record.lastReportAt ?? 0) - record.madeAt < awayMs;

/** Whether the event is a report of that time that has waited. */
const hasWaited = (
  { vantages }: ShardState,
  { from, to }: Quiet,
  event: EvidenceEvent,
  awayMs: number,
): boolean => {
  if (event.kind !== "report") return false;
  const { madeAt, vantage } = event.report;
  return isPrompt(vantages.get(vantage), awayMs) && madeAt > from && madeAt < to - awayMs;
};

const owes = ({ vantages }: ShardState, vantage: string, dueAt: number): boolean =>
  (vantages.get(vantage)?.madeAt ?? NEVER) < dueAt;

/** Whether vantages of two regions, where there are as many, owe a report of a turn in that time. A single one is in trouble itself. */
const isOwedBySeveral = (before: ShardState, taken: ShardState, quiet: Quiet, tuning: Tuning): boolean => {
  const { awayMs } = tuning;
  const owing = turnsIn(before, quiet, awayMs, tuning).flatMap(({ vantage, dueAt }) => {
    const record = before.vantages.get(vantage);
    return record !== undefined && isPrompt(record, awayMs) && owes(taken, vantage, dueAt) ? [record] : [];
  });
  const regionsOf = (records: Iterable<VantageRecord>): number =>
    new Set([...records].map(({ vantage }) => vantage.region)).size;
  return owing.length > 1 && regionsOf(owing) >= Math.min(2, regionsOf(before.vantages.values()));
};

/**
 * The vantages whose turns came in that time, its last `lateMs` left out, and when the last of them was due: from one look to the next of
 * the schedule is an interval at most. A vantage that was late already when that time began is in trouble itself.
 */
const turnsIn = (
  { targets, vantages }: ShardState,
  { from, to, sound }: Quiet,
  lateMs: number,
  { awayMs }: Tuning,
): Turn[] => {
  const turns = new Map<string, { dueAt: number; intervalMs: number }>();
  for (const { edges, target } of targets.values()) {
    if (target.paused) continue;
    const { intervalMs } = target;
    for (const [id, { recent }] of edges) {
      const begin = recent.at(-1)?.begin ?? NEVER;
      const known = turns.get(id) ?? { dueAt: 0, intervalMs };
      const rounds = Math.floor((to - lateMs - begin) / intervalMs);
      const isDue = rounds > 0 && begin + intervalMs + awayMs > from;
      turns.set(id, {
        dueAt: isDue ? Math.max(known.dueAt, begin + rounds * intervalMs) : known.dueAt,
        intervalMs: Math.min(known.intervalMs, intervalMs),
      });
    }
  }
  return sound.flatMap((vantage) => {
    const { dueAt = 0, intervalMs = 0 } = turns.get(vantage) ?? {};
    const heardAt = vantages.get(vantage)?.lastReportAt ?? 0;
    return dueAt > 0 && heardAt + intervalMs + awayMs > from ? [{ vantage, dueAt }] : [];
  });
};
