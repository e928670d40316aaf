/**
 * What can be observed of one target at one moment: the votes that count, who has yet to be heard, and what surrounds it. An
 * `ok` from before the trouble is no contradiction, but the vantage that had it should have looked again.
 */
import type { EvidenceEvent, JudgedTarget } from "../../domain/evidence.ts";
import { keysOf } from "../intake/intake.ts";
import { isSaidGone } from "../memory/node.ts";
import type { ShardState, TargetState, VantageRecord } from "../memory/state.ts";
import type { Tuning } from "../tuning.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";
import { freshnessMs, voteLifeMs, voteOf, type Vote } from "./votes.ts";

/** The votes on one target at one moment. */
export interface Seen {
  key: string;
  target: JudgedTarget;
  now: number;
  /** Fresh votes of sound vantages outside the target's site, one for each known colo. */
  counted: Vote[];
  /** Fresh votes of sound vantages inside the site. */
  inside: Vote[];
  /** Sound vantages inside the site, and those of them that have not looked since it was first missed. */
  insiders: number;
  insideUnheard: number;
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
  /** The vantage that reached it last has looked since, or for some time has been the only one that has not. */
  lastReacherHeard: boolean;
  /** The vantage that reached it last has not looked since: it may still reach the target, so nothing is confirmed. */
  lastReacherOwes: boolean;
  /** Who that was; null before the first. */
  lastReacher: string | null;
  /** Sound vantages outside the site, whether they voted or not; those known to share a colo are one. */
  soundCount: number;
  /** Whose networks they stand in. */
  providers: ReadonlySet<string>;
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
    else if ((byColo.get(colo)?.sighting.begin ?? -1) < vote.sighting.begin) byColo.set(colo, vote);
  }
  return [...kept, ...byColo.values()];
};

/** Vantages known to share a colo look through one window. */
const windowOf = (record: VantageRecord): string => record.colo ?? record.vantage.id;

/** The votes on the target of this key, of which `state` is remembered. */
export const seenOf = (
  shard: ShardState,
  key: string,
  state: TargetState,
  now: number,
  tuning: Tuning,
): Seen => {
  const { target } = state;
  const gathered = gather(shard, state, now, tuning);
  const { votes, inside, insiders, windows, providers, onset, lastReacher } = gathered;
  const counted = onePerColo(votes);
  const currentFrom = now - target.intervalMs - tuning.okGraceMs;
  // What answered before it fell says nothing against its fall.
  const dissentFrom = Math.max(currentFrom, (state.downSince ?? -1) + 1);
  const failing = counted.filter((vote) => vote.kind !== "ok" && vote.sighting.begin > onset);
  const unheard = windows.size - failing.length;
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
    insideUnheard: insiders - inside.filter(({ sighting }) => sighting.begin > failingSince).length,
    onset,
    failing,
    dissent: counted.filter((vote) => vote.kind === "ok" && vote.sighting.begin >= dissentFrom),
    failingSince,
    unheard,
    lastReacher: lastReacher?.vantage.id ?? null,
    lastReacherHeard: (unheard <= 1 && now - failingSince >= tuning.unheardMs) || !lastReacherOwes,
    lastReacherOwes,
    soundCount: windows.size,
    providers,
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
  /** Of sound vantages outside and inside the site. */
  votes: Vote[];
  inside: Vote[];
  insiders: number;
  windows: Set<string>;
  providers: Set<string>;
  onset: number;
  lastReacher: VantageRecord | null;
}

const gather = (shard: ShardState, state: TargetState, now: number, tuning: Tuning): Gathered => {
  const { target } = state;
  const since = now - voteLifeMs(state, tuning);
  const gathered: Gathered = {
    votes: [],
    inside: [],
    insiders: 0,
    windows: new Set(),
    providers: new Set(),
    onset: 0,
    lastReacher: null,
  };
  for (const id of target.vantages) {
    const record = shard.vantages.get(id);
    if (record === undefined || record.state !== "sound") continue;
    const edge = state.edges.get(id);
    const seen = voteOf(record, edge, since, tuning);
    const isTrusted = seen?.kind === "ok" || (seen?.sighting.begin ?? 0) >= record.trustedSince;
    const vote = isTrusted ? seen : null;
    if (record.vantage.site === target.site) {
      gathered.insiders += 1;
      if (vote !== null) gathered.inside.push(vote);
      continue;
    }
    gathered.windows.add(windowOf(record));
    gathered.providers.add(record.vantage.provider);
    if (vote !== null) gathered.votes.push(vote);
    const okAt = edge?.lastOk ?? 0;
    if (okAt <= gathered.onset) continue;
    gathered.onset = okAt;
    gathered.lastReacher = record;
  }
  return gathered;
};

/**
 * The usual case, at a fraction of the cost: everybody's newest look at a target was an `ok` and nothing is open. Its verdict
 * stands, and only how long it may be believed moves on; null where it must be judged in full. Rejected: leaving such targets
 * out altogether. Their verdicts would go stale under everybody's eyes.
 */
const calmed = (
  { frozenSince, vantages }: ShardState,
  state: TargetState,
  now: number,
  tuning: Tuning,
): TargetState | null => {
  if (frozenSince !== null || !isCalm(state)) return null;
  let looked = 0;
  for (const id of state.target.vantages)
    if (isOutside(vantages.get(id), state.target.site))
      looked = Math.max(looked, state.edges.get(id)?.recent.at(-1)?.begin ?? 0);
  const newest = Math.max(looked, state.asOf ?? 0);
  const until = newest + freshnessMs(state, tuning);
  if (looked === 0 || until < now) return null;
  // What was waited for has come, or it would not be calm.
  const told = state.waiting === null ? state : { ...state, waiting: null };
  return newest === state.asOf ? told : { ...told, asOf: newest, nextAt: until + 1 };
};

/** Whose looks a verdict rests on: what is served inside of its site alone may be out of everybody else's reach. */
const isOutside = (record: VantageRecord | undefined, site: string): boolean =>
  record?.state === "sound" && record.vantage.site !== site;

const isCalm = (state: TargetState): boolean => {
  const { announced, episodeAt, goodSince, override, silentAt, standing, target, troubled } = state;
  const isOpen = troubled || target.paused || override !== null || !announced;
  const isHealing =
    isSaidGone(state) ||
    episodeAt !== null ||
    goodSince !== null ||
    silentAt !== null ||
    state.bursts.count > 0;
  return !isOpen && !isHealing && standing.verdict === "alive" && state.published.verdict === "alive";
};

/** Of the targets that may have changed: those that are calm, with their freshness moved on, and those to be judged in full. */
export const sorted = (
  shard: ShardState,
  keys: Iterable<string>,
  events: readonly EvidenceEvent[],
  now: number,
  tuning: Tuning,
): Record<"calm" | "open", [string, TargetState][]> => {
  // What an operator or a node has said is looked at in full, however calm it looks.
  const told = new Set(events.flatMap((event) => (event.kind === "report" ? [] : keysOf(event))));
  const calm: [string, TargetState][] = [];
  const open: [string, TargetState][] = [];
  for (const key of keys) {
    const state = shard.targets.get(key);
    if (state === undefined) continue;
    const moved = told.has(key) ? null : calmed(shard, state, now, tuning);
    if (moved === null) open.push([key, state]);
    else if (moved !== state) calm.push([key, moved]);
  }
  return { calm, open };
};
