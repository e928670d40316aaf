/**
 * One vantage, one vote: its newest observation of a target, for as long as that is fresh. A vote must expire, or a region that fell silent
 * after saying "up" would say so for ever. Rejected: counting every observation. A fast vantage would outvote the slow ones.
 */
import type { Contradiction } from "../memory/observation-record.ts";
import type { Tuning } from "../tuning.ts";
import {
  type Edge,
  NEVER,
  type ObservationRecord,
  type TargetState,
  type VantageRecord,
} from "../memory/judge-state.ts";

/** What an observation says about the target. */
export type VoteKind = "ok" | "refused" | "silent" | "hung" | "wrong" | "rejected";

export interface Vote {
  record: VantageRecord;
  kind: VoteKind;
  observation: ObservationRecord;
  edge: Edge;
}

/** How long a verdict on this target holds without new evidence, in milliseconds. */
export const freshnessMs = ({ target }: Pick<TargetState, "target">, tuning: Tuning): number =>
  Math.max(2 * target.intervalMs, tuning.freshnessMs);

/** How long one vantage's vote counts, in milliseconds. */
export const voteLifeMs = ({ target }: Pick<TargetState, "target">, tuning: Tuning): number =>
  Math.max(tuning.voteLifeIntervals * target.intervalMs, tuning.voteLifeMs);

/** Whether an answer may still come. Slow is not hung: before the target's own timeout ends, the look shows nothing. */
export const isOpen = ({ openUntil }: ObservationRecord, now: number): boolean =>
  openUntil !== undefined && now < openUntil;

/** Whether the connection opened too late for an answer. That shows no hang, however long the prober had waited before. */
export const hasOpenedLate = ({ connectMs, totalMs }: ObservationRecord, tuning: Tuning): boolean =>
  connectMs !== undefined && totalMs - connectMs < tuning.hangMinMs;

/** Silence on the wire, at whatever stage; null if it opened late and the prober did not wait for all of the timeout. */
const kindOfSilence = (observation: ObservationRecord, now: number, tuning: Tuning): VoteKind | null => {
  const { outcome, stage, openUntil } = observation;
  if (isOpen(observation, now)) return null;
  if (stage === "body") return "wrong";
  if (outcome === "pending" && stage !== "response" && stage !== "tls") return "silent";
  return openUntil !== undefined && hasOpenedLate(observation, tuning) ? null : "hung";
};

/**
 * Whether a refusal can have come from the node itself: it must have travelled about as far as a
 * healthy connection does. Where healthy connects are very fast, or hardly known, the rule says nothing.
 */
const provesHost = (observation: ObservationRecord, edge: Edge, tuning: Tuning): boolean => {
  if (observation.proxied === true) return false;
  if (edge.connectMs === null || edge.connects < tuning.refusalConnects) return true;
  if (edge.connectMs < tuning.refusalFloorMs) return true;
  return (observation.connectMs ?? observation.totalMs) >= tuning.refusalShare * edge.connectMs;
};

/** What an observation says at `now`; null if it is no evidence. */
export const voteKindOf = (
  observation: ObservationRecord,
  edge: Edge,
  now: number,
  tuning: Tuning,
): VoteKind | null => {
  switch (observation.outcome) {
    case "ok":
      return "ok";
    case "refused":
      return provesHost(observation, edge, tuning) ? "refused" : "rejected";
    case "connect_timeout":
      return "silent";
    case "response_timeout":
    case "pending":
      return kindOfSilence(observation, now, tuning);
    case "app_error":
    case "reset":
    case "tls_failure":
    case "dns_failure":
      return "wrong";
    case "blocked":
      return null;
  }
};

/** The newest vote of one edge within its freshness, or null. */
export const voteOf = (
  record: VantageRecord,
  edge: Edge | undefined,
  since: number,
  now: number,
  tuning: Tuning,
): Vote | null => {
  for (let index = (edge?.recent.length ?? 0) - 1; index >= 0; index--) {
    const observation = edge?.recent[index];
    if (edge === undefined || observation === undefined || observation.begin < since) return null;
    const kind = voteKindOf(observation, edge, now, tuning);
    if (kind !== null) return { record, kind, observation, edge };
  }
  return null;
};

// The run of silences before a connection opened. A connection that opened ends the run, whether its answer may still come or not.

/** The silences at the end of an edge's observations. */
export interface SilentRun {
  /** Begin of the oldest and of the newest; 0 without one. */
  first: number;
  last: number;
  /** How many are settled. */
  settled: number;
  /** The prober waited for all of the timeout in one of these; the others may come from a path that has become slow. */
  isWhole: boolean;
}

/**
 * The silences at the end of an edge's observations, later than `since`. A look that began less than `timeoutMs` ago may still be answered,
 * when its lost packet is sent again, and the report takes its time: it is not settled before its outcome is final.
 */
export const silentRun = (
  edge: Edge,
  since: number,
  { now, timeoutMs }: { now: number; timeoutMs: number },
  tuning: Tuning,
): SilentRun => {
  const run: SilentRun = { first: 0, last: 0, settled: 0, isWhole: false };
  for (let index = edge.recent.length - 1; index >= 0; index--) {
    const observation = edge.recent[index];
    if (observation === undefined || observation.begin < since) break;
    const kind = voteKindOf(observation, edge, NEVER, tuning);
    if (kind === null) continue;
    if (kind !== "silent") break;
    run.first = observation.begin;
    if (run.last === 0) run.last = observation.begin;
    const isPending = observation.outcome === "pending";
    if (isPending && observation.begin > now - timeoutMs - tuning.inFlightMs) continue;
    run.settled += 1;
    run.isWhole ||= isPending || observation.totalMs >= tuning.wholeWait * timeoutMs;
  }
  return run;
};

export interface Silence {
  begin: number;
  /** How much of it is left to explain, 0 to 1. */
  weight: number;
  /** The share lost at its site when it was taken in; 0 where nothing was amiss. */
  lost: number;
  /** Follows another silence of the same edge closely: it may be the same burst of loss. */
  isRepeat: boolean;
}

const NONE: readonly Silence[] = [];

/** Whether an observation says nothing about its target: it is neither an answer nor a silence. */
const tellsNothing = (kind: VoteKind | null, { outcome }: ObservationRecord): boolean =>
  kind === null || kind === "rejected" || outcome === "dns_failure";

/** The place of the oldest observation since an edge's last answer that was begun at `since` or later. */
const trailFrom = (edge: Edge, since: number, tuning: Tuning): number => {
  const { recent } = edge;
  let from = recent.length;
  while (from > 0) {
    const observation = recent[from - 1] as ObservationRecord;
    if (observation.begin < since) break;
    const kind = voteKindOf(observation, edge, NEVER, tuning);
    if (kind !== "silent" && !tellsNothing(kind, observation)) break;
    from -= 1;
  }
  return from;
};

/**
 * The silences an edge has met since its last answer, which settles all earlier ones; oldest first, none begun before `since`. Repeats are
 * marked: the second silence on one path is mostly the same burst of loss.
 */
export const trailingSilences = (edge: Edge, since: number, tuning: Tuning): readonly Silence[] => {
  const { recent } = edge;
  if (recent.at(-1)?.outcome === "ok") return NONE;
  const silences: Silence[] = [];
  let last: Silence | null = null;
  for (let index = trailFrom(edge, since, tuning); index < recent.length; index++) {
    const observation = recent[index] as ObservationRecord;
    if (tellsNothing(voteKindOf(observation, edge, NEVER, tuning), observation)) continue;
    const { begin, weight = 1, lost = 0 } = observation;
    const isRepeat: boolean =
      last !== null && last.weight >= tuning.repeatWeight && begin - last.begin < tuning.lossBurstMs;
    last = { begin, weight, lost, isRepeat };
    silences.push(last);
  }
  return silences;
};

// Opened is not refused: a listener at its limit takes one connection and turns the next away.

const OPENED: ReadonlySet<string> = new Set(["ok", "app_error", "reset", "tls_failure", "response_timeout"]);

/** Whether the look was let in: its connection opened. */
export const hasOpened = ({ outcome, stage, proxied }: ObservationRecord): boolean =>
  proxied !== true &&
  (OPENED.has(outcome) || (outcome === "pending" && stage !== "connect" && stage !== "unknown"));

/**
 * The target without what one vantage alone claims: a lone claim does not extend the good time. No recovery rests on it once it is
 * overruled or no longer made, and one that is no longer made is forgotten.
 */
export const unclaimed = (
  state: TargetState,
  { by, othersInAt }: Contradiction,
  claim: { isOverruled: boolean } | undefined,
): TargetState => {
  const told = { ...state, okAt: Math.min(state.okAt, othersInAt) };
  if (claim?.isOverruled === false) return told;
  const recoveredAt = Math.min(state.recoveredAt ?? 0, othersInAt);
  const edge = state.edges.get(by);
  if (claim !== undefined || edge === undefined) return { ...told, recoveredAt };
  const recent = edge.recent.filter((one) => one.begin <= othersInAt || !hasOpened(one));
  const lastOk = recent.findLast(({ outcome }) => outcome === "ok")?.begin ?? null;
  return { ...told, recoveredAt, edges: new Map(state.edges).set(by, { ...edge, recent, lastOk }) };
};

/**
 * Whether these vantages show that the process listens, although most are refused. A vantage that was let in after another had been refused
 * shows it. A connection that began before the first refusal shows nothing: the crash may have broken it off. A later crash is believed
 * once more refusals have come in a row than chance explains, given the share of openings seen before.
 */
export const listensStill = (
  { edges, standing }: TargetState,
  records: readonly VantageRecord[],
  onset: number,
  tuning: Tuning,
): boolean => {
  const since = records.flatMap(({ vantage }) =>
    (edges.get(vantage.id)?.recent ?? []).filter(({ begin }) => begin > onset),
  );
  const refusals = since.filter(({ outcome }) => outcome === "refused");
  const firstRefusedAt = refusals.reduce((first, { begin }) => Math.min(first, begin), NEVER);
  // The crash was named in spite of all earlier openings.
  const from = standing.verdict === "process_crashed" ? standing.since : firstRefusedAt;
  const openings = since.filter((one) => one.begin >= Math.max(from, firstRefusedAt) && hasOpened(one));
  if (openings.length === 0) return false;
  const openedAt = Math.max(...openings.map(({ begin }) => begin));
  const refusedSince = refusals.filter(({ begin }) => begin > openedAt).length;
  // Laplace's rule of succession: as if one look of two more had opened.
  const share = (openings.length + 1) / (openings.length + refusals.length - refusedSince + 2);
  return (1 - share) ** refusedSince >= tuning.closedByChance;
};
