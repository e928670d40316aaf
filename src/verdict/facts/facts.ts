/**
 * What can be observed of one target at one moment: the votes that count, the vantages yet to report, and the target's surroundings. An
 * `ok` from before the trouble is no contradiction, but the vantage that had it should have looked again.
 */
import type { JudgedTarget } from "../../domain/evidence.ts";
import {
  type Edge,
  NEVER,
  type ShardState,
  type TargetState,
  type VantageRecord,
} from "../memory/judge-state.ts";
import type { Tuning } from "../tuning.ts";
import { speaksInside } from "./channels.ts";
import { listensStill, voteLifeMs, voteOf, type Vote } from "./votes.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";

/** The votes on one target at one moment. */
export interface Seen {
  key: string;
  target: JudgedTarget;
  now: number;
  /** Fresh votes of sound vantages outside the target's site, one for each known colo. */
  counted: Vote[];
  /** Fresh votes of sound vantages inside the site. */
  inside: Vote[];
  /** Sound vantages inside the site that reached it before the trouble, or do since. */
  insiders: readonly VantageRecord[];
  /** How many of these insiders have not looked since the target was first missed. */
  insideUnheard: number;
  /** Begin of the newest `ok`: a fault can only have begun after it. 0 before the first. */
  onset: number;
  /** Counted votes that are not `ok` and began after the onset. */
  failing: Vote[];
  /** Counted `ok`s since it last fell that are too recent to have been repeated. */
  dissent: Vote[];
  /** Begin of the first look since the onset that failed; now where none has. */
  failingSince: number;
  /** A vantage was let in after another had been refused: the process listens. */
  listens: boolean;
  /** The longest time that a report of the failing vantages was on its way; milliseconds. */
  lagMs: number;
  /** When the first of the waits that are still open ends; NEVER if none is. Their outcome is known only then. */
  openUntil: number;
  /** Vantages that have not looked since the onset, and do not always report late: what they would see is not known. */
  unheard: number;
  /** The vantage that reached it last has looked since, or for some time has been the only one that has not. */
  lastReacherHeard: boolean;
  /** The vantage that reached it last has not looked since: it may still reach the target, so nothing is confirmed. */
  lastReacherOwes: boolean;
  /** The vantage that reached the target last; null before the first. */
  lastReacher: string | null;
  /** Sound vantages outside the site, whether they voted or not; those known to share a colo are one. */
  soundCount: number;
  /** The providers of these vantages. */
  providers: ReadonlySet<string>;
  /** Ids of vantages that alone claim to be let in, against all others, and do not count because of it. */
  overruled: readonly string[];
}

/** All that is observed of one target: the same for what is believed of it and for the rules that name it. */
export interface Facts extends Seen, Surroundings {}

/** Two vantages known to stand in one colo see through the same window: the newer vote stands for both. */
const onePerColo = (votes: Vote[]): Vote[] => {
  const byColo = new Map<string, Vote>();
  const kept: Vote[] = [];
  for (const vote of votes) {
    const colo = vote.record.colo;
    if (colo === null) kept.push(vote);
    else if ((byColo.get(colo)?.observation.begin ?? -1) < vote.observation.begin) byColo.set(colo, vote);
  }
  return [...kept, ...byColo.values()];
};

/** Vantages known to share a colo look through one window. */
const windowOf = (record: VantageRecord): string => record.colo ?? record.vantage.id;

/** How long its newest report was on its way, by two clocks; milliseconds. */
const lagOf = ({ lastReportAt, madeAt }: VantageRecord): number =>
  lastReportAt === null || madeAt === 0 ? 0 : Math.max(0, lastReportAt - madeAt);

/** The votes on the target of this key, whose memory is `state`. `openAt`: the instant at which waits are checked for being open. */
export const seenOf = (
  shard: ShardState,
  key: string,
  state: TargetState,
  now: number,
  tuning: Tuning,
  openAt = now,
): Seen => {
  const { target } = state;
  const gathered = gather(shard, state, { since: now - voteLifeMs(state, tuning), openAt }, tuning);
  const { votes, inside, openUntil, windows, providers, lastReacher } = gathered;
  // The vantage that saw it recover may be in doubt by now; the target has recovered all the same.
  const onset = Math.max(gathered.onset, state.recoveredAt ?? 0);
  const insiders = gathered.insiders.filter(({ vantage }) =>
    speaksInside(state.edges.get(vantage.id), state, onset, tuning),
  );
  const counted = onePerColo(votes);
  const currentFrom = now - target.intervalMs - tuning.okGraceMs;
  // Answers from before it fell do not contradict its fall.
  const dissentFrom = Math.max(currentFrom, (state.downSince ?? -1) + 1);
  const failing = counted.filter((vote) => vote.kind !== "ok" && vote.observation.begin > onset);
  const heard = new Set(failing.map(({ record }) => windowOf(record)));
  // A vantage that always reports late is not waited for: a quorum of the others is enough, and its vote counts when it comes.
  const unheard = [...windows].filter(
    ([window, lagMs]) => lagMs <= tuning.slowReportMs && !heard.has(window),
  ).length;
  const failingSince = failing.reduce((first, { edge }) => {
    const since = edge.recent.find(({ begin }) => begin > onset);
    return Math.min(first, since?.begin ?? now);
  }, now);
  const lastReacherOwes =
    onset >= currentFrom &&
    !failing.some(({ record }) => lastReacher !== null && windowOf(record) === windowOf(lastReacher));
  return {
    key,
    target,
    now,
    counted,
    inside,
    insiders,
    insideUnheard: insiders.filter(
      ({ vantage }) =>
        !inside.some(
          ({ record, observation }) => record.vantage.id === vantage.id && observation.begin > failingSince,
        ),
    ).length,
    lagMs: failing.reduce((most, { record }) => Math.max(most, lagOf(record)), 0),
    openUntil,
    listens: failing.length > 0 && listensStill(state, [...gathered.outside, ...insiders], onset, tuning),
    onset,
    failing,
    dissent: counted.filter((vote) => vote.kind === "ok" && vote.observation.begin >= dissentFrom),
    failingSince,
    unheard,
    lastReacher: lastReacher?.vantage.id ?? null,
    lastReacherHeard: (unheard <= 1 && now - failingSince >= tuning.unheardMs) || !lastReacherOwes,
    lastReacherOwes,
    soundCount: windows.size,
    providers,
    overruled: target.vantages.filter((id) => shard.vantages.get(id)?.alone.get(key)?.isOverruled === true),
  };
};

/** The facts of each target, gathered when they are asked for and only once. */
export type FactsOn = (key: string, state: TargetState) => Facts;

export const gathering = (shard: ShardState, now: number, tuning: Tuning): FactsOn => {
  const gathered = new Map<string, Facts>();
  return (key, state) => {
    const known = gathered.get(key);
    if (known !== undefined) return known;
    const seen = seenOf(shard, key, state, now, tuning);
    const facts = { ...seen, ...surroundingsOf(shard, seen, state, tuning) };
    gathered.set(key, facts);
    return facts;
  };
};

interface Gathered {
  /** The votes of sound vantages: outside the site, and inside it. */
  votes: Vote[];
  inside: Vote[];
  insiders: VantageRecord[];
  outside: VantageRecord[];
  openUntil: number;
  /** How long the newest report from each window was on its way, by its promptest vantage; milliseconds. */
  windows: Map<string, number>;
  providers: Set<string>;
  onset: number;
  lastReacher: VantageRecord | null;
}

const gather = (
  shard: ShardState,
  state: TargetState,
  { since, openAt }: { since: number; openAt: number },
  tuning: Tuning,
): Gathered => {
  const gathered: Gathered = {
    votes: [],
    inside: [],
    insiders: [],
    outside: [],
    openUntil: NEVER,
    windows: new Map(),
    providers: new Set(),
    onset: 0,
    lastReacher: null,
  };
  for (const id of state.target.vantages) {
    const record = shard.vantages.get(id);
    const edge = state.edges.get(id);
    if (record === undefined) continue;
    if (record.state !== "sound") {
      if (isServedInside(record, state)) gathered.insiders.push(record);
      continue;
    }
    gathered.openUntil = Math.min(gathered.openUntil, openUntilOf(edge, openAt));
    const seen = voteOf(record, edge, since, openAt, tuning);
    const isTrusted = seen?.kind === "ok" || (seen?.observation.begin ?? 0) >= record.trustedSince;
    add(gathered, state, record, isTrusted ? seen : null);
  }
  return gathered;
};

/** Whether the target answers a vantage inside: that counts, whatever else the vantage misses. */
const isServedInside = ({ state, vantage }: VantageRecord, { edges, target }: TargetState): boolean =>
  state !== "silent" &&
  vantage.site === target.site &&
  edges.get(vantage.id)?.recent.at(-1)?.outcome === "ok";

/** When the first of the edge's open waits ends; NEVER if none is open. */
const openUntilOf = (edge: Edge | undefined, now: number): number => {
  let first = NEVER;
  for (const { openUntil = 0 } of edge?.recent ?? [])
    if (openUntil > now && openUntil < first) first = openUntil;
  return first;
};

const add = (
  gathered: Gathered,
  { edges, target }: TargetState,
  record: VantageRecord,
  vote: Vote | null,
): void => {
  const { id, provider, site } = record.vantage;
  const isInside = site === target.site;
  if (vote !== null) (isInside ? gathered.inside : gathered.votes).push(vote);
  if (isInside) {
    gathered.insiders.push(record);
    return;
  }
  gathered.outside.push(record);
  const window = windowOf(record);
  gathered.windows.set(window, Math.min(gathered.windows.get(window) ?? Infinity, lagOf(record)));
  gathered.providers.add(provider);
  const okAt = edges.get(id)?.lastOk ?? 0;
  if (okAt <= gathered.onset) return;
  gathered.onset = okAt;
  gathered.lastReacher = record;
};
