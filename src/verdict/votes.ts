/**
 * One vantage, one vote: its newest sighting of a target, for as long as that is fresh. A vote
 * expires, or a region that fell silent while saying "up" would say so for ever. Counting every
 * sighting lost: a fast vantage would outvote the slow ones.
 */
import type { JudgePolicy } from "./policy.ts";
import type { Edge, ShardState, Sighting, TargetState, VantageRecord } from "./state.ts";

/** How a sighting speaks of the target. */
export type Kind = "ok" | "refused" | "silent" | "hung" | "wrong" | "rejected";

export interface Vote {
  record: VantageRecord;
  kind: Kind;
  sighting: Sighting;
  edge: Edge;
}

/** One target, as the counted evidence shows it at one moment. */
export interface View {
  key: string;
  state: TargetState;
  now: number;
  /** Fresh votes of sound vantages outside the target's site, one for each known colo. */
  counted: Vote[];
  /** Fresh votes of sound vantages inside the site. */
  inside: Vote[];
  /** Begin of the newest `ok`: a fault can only have begun after it. 0 before the first. */
  onset: number;
  /** Counted votes that are not `ok` and began after the onset. */
  failing: Vote[];
  /** Counted `ok`s since it last fell that are too recent to have been repeated. */
  dissent: Vote[];
  /** Begin of the first look since the onset that failed; now where none has. */
  failingSince: number;
  /** Vantages that have not looked since the onset: what they would see is open. */
  unheard: number;
  /** Whoever reached it last has looked since, or is the only one who has not for long. */
  lastReacherHeard: boolean;
  /** Who that was; null before the first. */
  lastReacher: string | null;
  /** Sound vantages outside the site, whether they voted or not; those known to share a colo are one. */
  soundCount: number;
}

/** How long a verdict on this target holds without new evidence, in milliseconds. */
export const freshnessMs = (state: TargetState, policy: JudgePolicy): number =>
  Math.max(2 * state.target.intervalMs, policy.freshnessMs);

/** How long one vantage's vote counts, in milliseconds. */
export const voteLifeMs = (state: TargetState, policy: JudgePolicy): number =>
  Math.max(4 * state.target.intervalMs, policy.voteLifeMs);

/** A connection that opened this shortly before the prober gave up has not been waited on. */
const HANG_MIN_MS = 500;

/** Silence on the wire, at whatever stage; null where it opened too late to tell a hang. */
const kindOfSilence = ({ outcome, stage, totalMs, connectMs }: Sighting): Kind | null => {
  if (stage === "body") return "wrong";
  if (outcome === "pending" && stage !== "response" && stage !== "tls") return "silent";
  return connectMs !== undefined && totalMs - connectMs < HANG_MIN_MS ? null : "hung";
};

/**
 * Whether a refusal can have come from the node itself: it must have travelled about as far as a
 * healthy connection does. Where healthy connects are very fast, or hardly known, the rule says nothing.
 */
const provesHost = (sighting: Sighting, edge: Edge, policy: JudgePolicy): boolean => {
  if (sighting.proxied === true) return false;
  if (edge.connectMs === null || edge.connects < policy.refusalConnects) return true;
  if (edge.connectMs < policy.refusalFloorMs) return true;
  return (sighting.connectMs ?? sighting.totalMs) >= policy.refusalShare * edge.connectMs;
};

/** What a sighting says; null where it is no evidence. */
export const kindOf = (sighting: Sighting, edge: Edge, policy: JudgePolicy): Kind | null => {
  switch (sighting.outcome) {
    case "ok":
      return "ok";
    case "refused":
      return provesHost(sighting, edge, policy) ? "refused" : "rejected";
    case "connect_timeout":
      return "silent";
    case "response_timeout":
    case "pending":
      return kindOfSilence(sighting);
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
  policy: JudgePolicy,
): Vote | null => {
  for (let index = (edge?.recent.length ?? 0) - 1; index >= 0; index--) {
    const sighting = edge?.recent[index];
    if (edge === undefined || sighting === undefined || sighting.begin < since) return null;
    const kind = kindOf(sighting, edge, policy);
    if (kind !== null) return { record, kind, sighting, edge };
  }
  return null;
};

/** Two vantages known to stand in one colo see through the same window: the newer vote stands for both. */
const onePerColo = (votes: Vote[]): Vote[] => {
  const byColo = new Map<string, Vote>();
  const kept: Vote[] = [];
  for (const vote of votes) {
    const colo = vote.record.colo;
    if (colo === null) kept.push(vote);
    else if ((byColo.get(colo)?.sighting.begin ?? -1) < vote.sighting.begin) byColo.set(colo, vote);
  }
  return [...kept, ...byColo.values()];
};

/** Vantages known to share a colo look through one window. */
const windowOf = (record: VantageRecord | undefined): string | undefined =>
  record?.colo ?? record?.vantage.id;

/** Gathers the counted evidence of one target. */
export const viewOf = (
  shard: ShardState,
  key: string,
  state: TargetState,
  now: number,
  policy: JudgePolicy,
): View => {
  const { target } = state;
  const since = now - voteLifeMs(state, policy);
  const votes: Vote[] = [];
  const inside: Vote[] = [];
  let onset = 0;
  let lastReacher: string | null = null;
  const windows = new Set<string>();
  for (const id of target.vantages) {
    const record = shard.vantages.get(id);
    if (record === undefined || record.state !== "sound") continue;
    const edge = state.edges.get(id);
    const stands = record.vantage.site === target.site;
    if (!stands) {
      windows.add(windowOf(record) ?? id);
      if ((edge?.lastOk ?? 0) > onset) [onset, lastReacher] = [edge?.lastOk ?? 0, id];
    }
    const vote = voteOf(record, edge, since, policy);
    if (vote !== null) (stands ? inside : votes).push(vote);
  }
  const counted = onePerColo(votes);
  // What answered before it fell says nothing against its fall.
  const current = Math.max(now - target.intervalMs - policy.okGraceMs, (state.downSince ?? -1) + 1);
  const failing = counted.filter((vote) => vote.kind !== "ok" && vote.sighting.begin > onset);
  const unheard = windows.size - failing.length;
  const failingSince = failing.reduce((first, { edge }) => {
    const since = edge.recent.find(({ begin }) => begin > onset);
    return Math.min(first, since?.begin ?? now);
  }, now);
  return {
    key,
    state,
    now,
    counted,
    inside,
    onset,
    failing,
    dissent: counted.filter((vote) => vote.kind === "ok" && vote.sighting.begin >= current),
    failingSince,
    unheard,
    lastReacher,
    lastReacherHeard:
      (unheard <= 1 && now - failingSince >= policy.unheardMs) ||
      onset < now - target.intervalMs - policy.okGraceMs ||
      failing.some(({ record }) => windowOf(record) === windowOf(shard.vantages.get(lastReacher ?? ""))),
    soundCount: windows.size,
  };
};

/** The silences at the end of an edge's sightings, oldest first; later than `since`. */
export const silentRun = (edge: Edge, since: number, policy: JudgePolicy): Sighting[] => {
  const run: Sighting[] = [];
  for (let index = edge.recent.length - 1; index >= 0; index--) {
    const sighting = edge.recent[index];
    if (sighting === undefined || sighting.begin < since) break;
    const kind = kindOf(sighting, edge, policy);
    if (kind === null) continue;
    if (kind !== "silent") break;
    run.unshift(sighting);
  }
  return run;
};
