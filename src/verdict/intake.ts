/**
 * Takes events into the state, before anything is concluded. Order of arrival must not matter for
 * observations: they are placed by when they began.
 */
import type { EvidenceEvent, JudgedTarget } from "../domain/evidence.ts";
import { keyOf } from "../domain/name.ts";
import type { Observation } from "../domain/observation.ts";
import type { Report } from "../domain/report.ts";
import type { Vantage } from "../domain/vantage.ts";
import type { JudgePolicy } from "./policy.ts";
import type { ControlRecord, Edge, ShardState, Sighting, TargetState, VantageRecord } from "./state.ts";
import { newTarget } from "./target-state.ts";

const EMPTY_EDGE: Edge = { recent: [], lastOk: null, connectMs: null, connects: 0 };
/**
 * How fast the shortest healthy connect time gives way to longer ones, per measurement. An average
 * lost: one connect that was slow for our own reasons made every honest refusal look too fast.
 */
const CONNECT_RISE = 0.01;

/** The state after one event at `now`. Observations of unknown targets or older assignments change nothing. */
export const takeIn = (
  state: ShardState,
  event: EvidenceEvent,
  now: number,
  policy: JudgePolicy,
): ShardState => {
  switch (event.kind) {
    case "roster":
      return { ...state, vantages: enrolled(state.vantages, event.vantages) };
    case "target":
      return putTarget(state, event, now);
    case "removed":
      return removeTarget(state, keyOf(event.site, event.target));
    case "report":
      return takeReport(state, event.report, now, policy);
    case "override":
      return change(state, keyOf(event.site, event.target), (target) => ({
        ...target,
        override: event.override,
      }));
    case "heartbeat": {
      const { site, target, bootId, everyMs } = event.heartbeat;
      return change(state, keyOf(site, target), (old) => ({
        ...old,
        heartbeat: { at: now, bootId, everyMs: everyMs ?? null },
      }));
    }
    case "notice":
      return change(state, keyOf(event.notice.site, event.notice.target), (target) => ({
        ...target,
        notice: { ...event.notice, at: now },
      }));
  }
};

const change = (state: ShardState, key: string, with_: (target: TargetState) => TargetState): ShardState => {
  const target = state.targets.get(key);
  return target === undefined ? state : { ...state, targets: new Map(state.targets).set(key, with_(target)) };
};

const enrolled = (
  known: ReadonlyMap<string, VantageRecord>,
  roster: Vantage[],
): ReadonlyMap<string, VantageRecord> =>
  new Map(
    roster.map((vantage) => [vantage.id, { ...(known.get(vantage.id) ?? newRecord(vantage)), vantage }]),
  );

const newRecord = (vantage: Vantage): VantageRecord => ({
  vantage,
  state: "silent",
  reason: "silent: has not reported yet",
  lastReportAt: null,
  lastSequence: 0,
  colo: null,
  controls: new Map(),
  reports: 0,
  observations: 0,
  dropped: 0,
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
        ? { ...old, target, version: old.version }
        : // Another address is another node: nothing seen of the old one speaks of it.
          {
            ...old,
            target,
            url,
            version,
            edges: new Map(),
            witness: new Map(),
            episodeAt: null,
            goodSince: null,
            recoveredAt: null,
            onceAlive: false,
          };
  return { ...state, targets: new Map(state.targets).set(key, kept) };
};

const removeTarget = (state: ShardState, key: string): ShardState => {
  const removed = state.targets.get(key);
  if (removed === undefined) return state;
  const targets = new Map(state.targets);
  targets.delete(key);
  return {
    ...state,
    targets,
    retiredSequence: Math.max(state.retiredSequence, removed.published.sequence),
  };
};

const takeReport = (state: ShardState, report: Report, now: number, policy: JudgePolicy): ShardState => {
  const record = state.vantages.get(report.vantage);
  if (record === undefined || report.sequence <= record.lastSequence) return state;
  const targets = new Map(state.targets);
  for (const observation of report.observations) {
    const key = keyOf(observation.site, observation.target);
    const target = targets.get(key);
    if (target !== undefined && report.version >= target.version)
      targets.set(key, sighted(target, report.vantage, observation, now, policy));
  }
  const taken: VantageRecord = {
    ...record,
    lastReportAt: now,
    lastSequence: report.sequence,
    colo: report.colo ?? record.colo,
    controls: report.controls.reduce(
      (known, control) => new Map(known).set(control.url, controlled(known.get(control.url), control, now)),
      record.controls,
    ),
    reports: record.reports + 1,
    observations: record.observations + report.observations.length,
    dropped: report.dropped,
  };
  return { ...state, targets, vantages: new Map(state.vantages).set(report.vantage, taken) };
};

/** Any answer at all, even a wrong one, proves the vantage's own network. */
const controlled = (
  known: ControlRecord | undefined,
  control: Report["controls"][number],
  now: number,
): ControlRecord => {
  const begin = Math.min(control.begin, now);
  if (known !== undefined && known.begin > begin) return known;
  const answered = control.outcome === "ok" || control.outcome === "app_error";
  // A pending control and its final outcome are one and the same probe.
  const repeated =
    known?.begin === begin ? known.failures - (known.answered ? 0 : 1) : (known?.failures ?? 0);
  return { begin, answered, failures: answered ? 0 : repeated + 1 };
};

const sighted = (
  state: TargetState,
  vantage: string,
  observation: Observation,
  now: number,
  policy: JudgePolicy,
): TargetState => {
  const which = observation.subject === "witness" ? "witness" : "edges";
  const edge = extended(state[which].get(vantage) ?? EMPTY_EDGE, toSighting(observation, now), policy);
  return { ...state, [which]: new Map(state[which]).set(vantage, edge) };
};

/** A clock that runs ahead cannot put evidence into the future. */
const toSighting = (observation: Observation, now: number): Sighting => ({
  begin: Math.min(observation.begin, now),
  outcome: observation.outcome,
  stage: observation.stage,
  totalMs: observation.totalMs,
  ...(observation.connectMs === undefined ? {} : { connectMs: observation.connectMs }),
  ...(observation.detail === undefined ? {} : { detail: observation.detail }),
  ...(observation.proxied === undefined ? {} : { proxied: observation.proxied }),
  ...(observation.drill === undefined ? {} : { drill: observation.drill }),
});

/** The edge with one more sighting in its place; a final outcome replaces its own `pending`. */
const extended = (edge: Edge, sighting: Sighting, policy: JudgePolicy): Edge => {
  const earlier = edge.recent.filter((known) => known.begin < sighting.begin);
  const same = edge.recent.find((known) => known.begin === sighting.begin);
  if (same !== undefined && same.outcome !== "pending") return edge;
  const later = edge.recent.filter((known) => known.begin > sighting.begin);
  const ok = sighting.outcome === "ok";
  const connectMs = ok && sighting.drill === undefined ? sighting.connectMs : undefined;
  return {
    recent: [...earlier, sighting, ...later].slice(-policy.sightingsKept),
    lastOk: ok ? Math.max(edge.lastOk ?? 0, sighting.begin) : edge.lastOk,
    connectMs: connectMs === undefined ? edge.connectMs : shortest(edge.connectMs, connectMs),
    connects: edge.connects + (connectMs === undefined ? 0 : 1),
  };
};

const shortest = (known: number | null, connectMs: number): number =>
  known === null || connectMs < known ? connectMs : known + CONNECT_RISE * (connectMs - known);
