/**
 * Takes events into the state, before anything is concluded. Order of arrival must not matter for
 * observations: they are placed by when they began.
 */
import type { EvidenceEvent, Heartbeat, JudgedTarget, Notice } from "../../domain/evidence.ts";
import { keyOf } from "../../domain/name.ts";
import type { Report } from "../../domain/report.ts";
import type { Vantage } from "../../domain/vantage.ts";
import { beaten, booted, hasEnded, isOver } from "../memory/node.ts";
import type { Tuning } from "../tuning.ts";
import { UNPROVEN, withControls } from "../memory/sighting.ts";
import { takeObservations } from "./observations.ts";
import type { ShardState, TargetState, VantageRecord } from "../memory/state.ts";
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
      return change(state, keyOf(event.site, event.target), (target) => ({
        ...target,
        override: event.override,
      }));
    case "heartbeat":
      return change(state, keyOf(event.heartbeat.site, event.heartbeat.target), (target) =>
        takeHeartbeat(target, event.heartbeat, tuning),
      );
    case "notice":
      return change(state, keyOf(event.notice.site, event.notice.target), (target) =>
        takeNotice(target, event.notice, now, tuning),
      );
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

const change = (state: ShardState, key: string, with_: (target: TargetState) => TargetState): ShardState => {
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

const takeReport = (state: ShardState, report: Report, now: number, tuning: Tuning): ShardState => {
  const record = state.vantages.get(report.vantage);
  if (record === undefined || report.sequence <= record.lastSequence) return state;
  const seen = takeObservations(state, record, report, now, tuning);
  const taken: VantageRecord = {
    ...record,
    lastReportAt: now,
    lastSequence: report.sequence,
    madeAt: Math.max(record.madeAt, Math.min(report.madeAt, now)),
    colo: report.colo ?? record.colo,
    controls: withControls(record.controls, report, now, tuning),
    reports: record.reports + 1,
    observations: record.observations + report.observations.length,
    dropped: report.dropped,
    turns: withTurns(record.turns, report.turns),
    proof: seen.vantage,
  };
  return {
    ...state,
    targets: seen.targets,
    sites: seen.sites,
    vantages: new Map(state.vantages).set(report.vantage, taken),
  };
};

const withTurns = (known: VantageRecord["turns"], told: Report["turns"]): VantageRecord["turns"] =>
  told === undefined
    ? known
    : {
        due: (known?.due ?? 0) + told.due,
        missed: (known?.missed ?? 0) + told.missed,
        slots: told.slots,
        heldMs: told.heldMs ?? known?.heldMs ?? null,
      };

/** The sites of these targets, by their keys. */
export const sitesOf = (keys: Iterable<string>): Set<string> =>
  new Set([...keys].map((key) => key.slice(0, key.indexOf("/"))));

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

export const keysOf = (event: EvidenceEvent): string[] => {
  switch (event.kind) {
    case "roster":
      return [];
    case "target":
      return [keyOf(event.target.site, event.target.target)];
    case "removed":
    case "override":
      return [keyOf(event.site, event.target)];
    case "report":
      return event.report.observations.map(({ site, target }) => keyOf(site, target));
    case "heartbeat":
      return [keyOf(event.heartbeat.site, event.heartbeat.target)];
    case "notice":
      return [keyOf(event.notice.site, event.notice.target)];
  }
};
