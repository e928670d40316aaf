/**
 * One observation as the judge remembers it: its place on its edge, from one vantage to one target, and what it proves.
 *
 * A path, a site, a vantage or a target was certainly good at the moment when an answer last came by it. Everything after that moment is
 * silence, so the likeliest begin of a fault is just after it. Rejected: windows and candidate onsets, which take a second fault in one
 * episode for the first.
 *
 * When an answer comes after all, the silences before it are either lost packets or a fault that has ended meanwhile. How much the cause
 * had been suspected decides between the two. Silences that a fault explained must not be blamed on another cause, or every site that comes
 * back would leave dead nodes.
 */
import type { Observation } from "../../domain/observation.ts";
import { CONTROLS_MAX } from "../../domain/capacity.ts";
import type { Report } from "../../domain/report.ts";
import type { Vantage } from "../../domain/vantage.ts";
import { LEAST_CHANCE, RECOVERY_PER_MS } from "../likelihood.ts";
import type { Tuning } from "../tuning.ts";
import type { ControlRecord, Edge, Proof, ObservationRecord, VantageRecord } from "./judge-state.ts";

export const EMPTY_EDGE: Edge = { recent: [], lastOk: null, connectMs: null, connects: 0 };

/** Silent after the connection opened: in any case, the answer may still come. */
const isAwaited = ({ outcome, stage }: Pick<Observation, "outcome" | "stage">): boolean =>
  outcome === "response_timeout" || (outcome === "pending" && stage !== "connect" && stage !== "unknown");

/**
 * The observation as it is kept. A clock that runs ahead cannot put evidence into the future. A prober that stopped waiting for an answer
 * before `timeoutMs`, or still waits, has not shown yet that there is none.
 */
export const toRecord = (
  { site: _site, target: _target, subject: _subject, ...seen }: Observation,
  now: number,
  timeoutMs: number,
  tuning: Tuning,
): ObservationRecord => {
  const begin = Math.min(seen.begin, now);
  const openUntil = begin + timeoutMs + tuning.inFlightMs;
  return { ...seen, begin, ...(isAwaited(seen) && seen.totalMs < timeoutMs ? { openUntil } : {}) };
};

/** A certificate is longer than the rest of an observation, and only the newest is shown. */
const uncertified = (observation: ObservationRecord): ObservationRecord => {
  if (observation.certificate === undefined) return observation;
  const { certificate: _, ...rest } = observation;
  return rest;
};

/** The list with the observation where its begin puts it; unchanged where its final outcome is known. */
const placed = (recent: ObservationRecord[], observation: ObservationRecord): ObservationRecord[] => {
  let at = recent.length;
  while (at > 0 && (recent[at - 1] as ObservationRecord).begin >= observation.begin) at -= 1;
  const same = recent[at];
  if (at === recent.length) {
    const last = recent.at(-1);
    return last === undefined ? [observation] : [...recent.slice(0, -1), uncertified(last), observation];
  }
  if (same?.begin !== observation.begin) return recent.toSpliced(at, 0, uncertified(observation));
  return same.outcome === "pending" ? recent.toSpliced(at, 1, observation) : recent;
};

/** How many observations a trouble keeps whatever comes after: the last of the good time before it, and its own first. */
const LANDMARKS = 2;

/**
 * Which observation to forget where there are too many: the oldest, except those two landmarks. Otherwise a trouble that lasts would seem
 * to have begun only lately, and what had worked before it would be unknown.
 */
const forgotten = (recent: readonly ObservationRecord[], okAt: number): number =>
  (recent[1] as ObservationRecord).begin <= okAt ? 0 : LANDMARKS;

/**
 * The edge with one more observation in its place; a final outcome replaces its own `pending`. `okAt`: when the
 * good time of the target ended, begin of its newest `ok`.
 */
export const extended = (edge: Edge, observation: ObservationRecord, okAt: number, tuning: Tuning): Edge => {
  const kept = placed(edge.recent, observation);
  if (kept === edge.recent) return edge;
  if (kept.length > tuning.observationsKept) kept.splice(forgotten(kept, okAt), 1);
  const ok = observation.outcome === "ok";
  const connectMs = ok && observation.drill === undefined ? observation.connectMs : undefined;
  return {
    recent: kept,
    lastOk: ok ? Math.max(edge.lastOk ?? 0, observation.begin) : edge.lastOk,
    connectMs: connectMs === undefined ? edge.connectMs : shortest(edge.connectMs, connectMs, tuning),
    connects: edge.connects + (connectMs === undefined ? 0 : 1),
  };
};

const shortest = (known: number | null, connectMs: number, tuning: Tuning): number =>
  known === null || connectMs < known ? connectMs : known + tuning.connectRise * (connectMs - known);

/** The edge with the silences begun within a gap weighed down by `factor`, since a fault explains part of them. */
export const explained = (edge: Edge, from: number, to: number, factor: number): Edge => {
  const isIn = ({ begin, outcome }: ObservationRecord): boolean =>
    begin > from && begin <= to && outcome !== "ok";
  if (!edge.recent.some(isIn)) return edge;
  const recent = edge.recent.map((one) => (isIn(one) ? { ...one, weight: (one.weight ?? 1) * factor } : one));
  return { ...edge, recent };
};

/** The claim of one vantage that it alone is let in, and what contradicts it; begins of looks, epoch milliseconds. */
export interface Contradiction {
  by: string;
  /** When this vantage was last let in, and when any other was; 0 for never. */
  inAt: number;
  othersInAt: number;
  /** When all vantages that have to be refused had been, and since when each has been again; NEVER and 0 where not all were. */
  refusedFrom: number;
  refusedAt: number;
}

type Claim = ReturnType<VantageRecord["alone"]["get"]>;

/**
 * The claim as of `now`; undefined for none. It ends when any other vantage is let in, or when it has not been repeated for as long as a
 * vote counts and all others are still refused. It is overruled once it has lasted two intervals, and was repeated in the second of them,
 * in which all refused vantages have looked again.
 */
export const claimOf = (
  known: Claim,
  { inAt, othersInAt, refusedFrom, refusedAt }: Contradiction,
  now: number,
  { intervalMs, voteLifeMs }: { intervalMs: number; voteLifeMs: number },
): Claim => {
  const isMade = inAt >= now - voteLifeMs;
  if (known === undefined)
    return isMade && inAt > refusedFrom ? { since: now, isOverruled: false } : undefined;
  if (othersInAt >= known.since || (!isMade && refusedAt > inAt)) return undefined;
  const isOver = Math.min(inAt, refusedAt, now - intervalMs) >= known.since + intervalMs;
  return isOver ? { ...known, isOverruled: true } : known;
};

export const UNPROVEN: Proof = { at: 0, badness: 0, gap: null };

const SILENT: ReadonlySet<ObservationRecord["outcome"]> = new Set([
  "connect_timeout",
  "blocked",
  "dns_failure",
]);

/**
 * When this observation proves path and target good: when its last leg was sent, plus a guard, but not later than it arrived. Null where
 * nothing answered. The time of arrival itself would let a packet that was in flight when a link was cut prove the link afterwards.
 */
export const provenAt = (
  observation: ObservationRecord,
  arrivedAt: number,
  tuning: Tuning,
): number | null => {
  const { outcome, stage, proxied, begin, connectMs } = observation;
  if (SILENT.has(outcome) || proxied === true) return null;
  if (outcome === "pending" && stage !== "response" && stage !== "tls" && stage !== "body") return null;
  const lastLegMs = outcome === "refused" || outcome === "pending" ? 0 : (connectMs ?? 0);
  return Math.max(begin, Math.min(begin + lastLegMs + tuning.proofGuardMs, arrivedAt));
};

/** The cause proven good at `at`; the same proof where an answer of that time or later has proven it already. */
export const proven = (proof: Proof, at: number, tuning: Tuning): Proof => {
  if (at <= proof.at) return proof;
  const suspicion = proof.badness / Math.max(LEAST_CHANCE, 1 - proof.badness);
  const gapMs = Math.min(tuning.gapMaxMs, at - proof.at);
  const left = 1 / (1 + suspicion * RECOVERY_PER_MS * gapMs);
  const factor = left < tuning.explainedShare ? 0 : left;
  // An empty gap must not overwrite a gap that explains silences: late silences of that gap may still arrive.
  const gap = factor < tuning.unexplainedShare ? { from: proof.at, to: at, factor } : proof.gap;
  return { at, badness: 0, gap };
};

/** How much of a silence begun at `begin` this cause leaves for other causes to explain, 0 to 1. */
export const leftOf = ({ gap }: Proof, begin: number): number =>
  gap !== null && begin > gap.from && begin <= gap.to ? gap.factor : 1;

/**
 * A control that has not been looked at for twice as long as its result counts is no longer in the configuration; otherwise it would never
 * go. By the vantage's own clock, since a report that waited for long describes controls as they were then.
 */
export const withControls = (
  before: VantageRecord["controls"],
  { controls, madeAt }: Report,
  now: number,
  tuning: Tuning,
): VantageRecord["controls"] => {
  if (before.size === 0 && controls.length === 0) return before;
  const known = new Map(before);
  for (const control of controls) known.set(control.url, controlled(known.get(control.url), control, now));
  const oldest = Math.min(madeAt, now) - 2 * tuning.controlLifeMs;
  const kept = [...known].filter(([, { begin }]) => begin >= oldest);
  // A vantage may name other controls each time, so only the newest are kept, as many as one report may name.
  const surplus = kept.length - CONTROLS_MAX;
  if (surplus <= 0) return new Map(kept);
  const stale = new Set(kept.toSorted(([, a], [, b]) => a.begin - b.begin).slice(0, surplus));
  return new Map(kept.filter((one) => !stale.has(one)));
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
  const answeredAt = answered ? begin : (known?.answeredAt ?? 0);
  return { begin, answered, answeredAt, failures: answered ? 0 : repeated + 1 };
};

export const NO_CLAIMS: VantageRecord["alone"] = new Map();

/** What is known of a vantage before its first report. */
export const newRecord = (vantage: Vantage): VantageRecord => ({
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
  refused: 0,
  refusedAt: [],
  alone: NO_CLAIMS,
  turns: null,
  proof: UNPROVEN,
  trustedSince: 0,
});

/** With another token the vantage numbers its reports anew, and is not blamed for what was sent with the old token. */
export const enrolled = (known: VantageRecord | undefined, vantage: Vantage): VantageRecord => {
  const record = known ?? newRecord(vantage);
  const isRotated = record.vantage.rotations !== vantage.rotations;
  return { ...record, vantage, ...(isRotated ? { lastSequence: 0, refusedAt: [] } : {}) };
};
