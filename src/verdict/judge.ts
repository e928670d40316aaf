/**
 * The one parent of this folder: events in, verdicts out. Pure: no clock, no chance, no I/O, and
 * the state handed in is never changed, so the stored evidence replays to the same history.
 *
 * In one pass: take the events in, judge the vantages, gather the votes of every target that may
 * have changed, decide whether to suspect ourselves, conclude, settle, publish, and ask for probes.
 */
import type { EvidenceEvent } from "../domain/evidence.ts";
import { keyOf } from "../domain/name.ts";
import { CALM_BELIEF, inferSites, type Belief } from "./belief/beliefs.ts";
import { burstDueAt, burstsIn, burstVantages, requestBursts, type Due, type Wanted } from "./attention.ts";
import { caseOf } from "./naming/case.ts";
import { conclude } from "./naming/conclusion.ts";
import { calmed } from "./standing/calm.ts";
import { NEVER, nextAt } from "./deadline.ts";
import { withContradiction } from "./memory/notice.ts";
import { withFailOpen } from "./facts/fail-open.ts";
import { takeIn } from "./intake/intake.ts";
import type { Tuning } from "./tuning.ts";
import { publish } from "./standing/publishing.ts";
import { neededVotes, quorumOf } from "./facts/quorum.ts";
import { noteEpisode, settle } from "./standing/settling.ts";
import { surroundingsOf } from "./facts/surroundings.ts";
import { withSoundness } from "./facts/soundness.ts";
import type { Change, ShardState, TargetState } from "./memory/state.ts";
import { viewOf, type View } from "./facts/view.ts";

export interface Judgement {
  state: ShardState;
  /** Transitions, in the order they were decided. */
  changes: Change[];
  /** Probes asked for now, by vantage. */
  wanted: Wanted[];
  /** When to judge again even if nothing arrives; NEVER for none. */
  nextAt: number;
}

/** Judges a shard after `events` at `now` (epoch milliseconds). Same arguments, same judgement. */
export const judge = (
  before: ShardState,
  events: readonly EvidenceEvent[],
  now: number,
  tuning: Tuning,
): Judgement => {
  const taken = events.reduce((state, event) => takeIn(state, event, now, tuning), before);
  const sounded = withSoundness(taken, now, tuning);
  const keys = touched(before, sounded, events, now);
  const { shard: weighed, known } = inferSites(sounded, sitesOf(keys), now, tuning);
  // What an operator or a node has said is looked at in full, however calm it looks.
  const told = new Set(events.flatMap((event) => (event.kind === "report" ? [] : keysOf(event))));
  const states: [string, TargetState][] = [];
  const views: View[] = [];
  for (const key of keys) {
    const state = weighed.targets.get(key);
    if (state === undefined) continue;
    const calm = told.has(key) ? null : calmed(weighed, state, now, tuning);
    if (calm === state) continue;
    if (calm === null) views.push(viewOf(weighed, key, state, now, tuning));
    else states.push([key, calm]);
  }
  for (const view of views) states.push([view.key, noted(view, tuning)]);
  const { shard, share } = withFailOpen(withStates(weighed, states), now, tuning);
  return decide({ shard, views, known, share, now, tuning });
};

/** The sites of these targets, by their keys. */
const sitesOf = (keys: Iterable<string>): Set<string> =>
  new Set([...keys].map((key) => key.slice(0, key.indexOf("/"))));

/** Targets an event speaks of, with their siblings; all when a vantage's soundness changed; those whose time has come. */
const touched = (
  before: ShardState,
  state: ShardState,
  events: readonly EvidenceEvent[],
  now: number,
): Set<string> => {
  const isRoster = events.some(({ kind }) => kind === "roster");
  if (isRoster || soundnessChanged(before, state) || state.frozenSince !== null)
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

const keysOf = (event: EvidenceEvent): string[] => {
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

const withStates = (shard: ShardState, states: [string, TargetState][]): ShardState => {
  if (states.length === 0) return shard;
  const targets = new Map(shard.targets);
  for (const [key, state] of states) targets.set(key, state);
  return { ...shard, targets };
};

/** What the evidence shows by itself, before anything is concluded from it. */
const noted = (view: View, tuning: Tuning): TargetState => {
  const state = { ...noteEpisode({ ...view, state: withContradiction(view) }), asOf: newestCounted(view) };
  return noteSilence(view, state, tuning);
};

/** Begin of the newest observation that counts or ever counted. */
const newestCounted = (view: View): number | null => {
  const begins = [...view.counted, ...view.inside].map((vote) => vote.sighting.begin);
  return begins.length === 0 ? view.state.asOf : Math.max(view.state.asOf ?? 0, ...begins);
};

/** Since when the whole sound world has found it silent. */
const noteSilence = (view: View, state: TargetState, tuning: Tuning): TargetState => {
  if (view.counted.length === 0) return state;
  const { kind, unanimous } = quorumOf(view, (same) => same, tuning);
  const silent =
    kind === "silent" &&
    unanimous &&
    view.failing.length >= Math.min(neededVotes(view, tuning), view.soundCount);
  return {
    ...state,
    silentAt: silent ? (state.silentAt ?? view.now) : null,
    downSince: silent ? (state.downSince ?? view.onset) : state.downSince,
  };
};

interface Deciding {
  shard: ShardState;
  views: View[];
  known: ReadonlyMap<string, Belief>;
  share: string;
  now: number;
  tuning: Tuning;
}

const decide = ({ shard, views, known, share, now, tuning }: Deciding): Judgement => {
  const changes: Change[] = [];
  const due: ({ key: string } & Omit<Due, "state">)[] = [];
  const decided: [string, TargetState][] = [];
  for (const old of views) {
    const view = { ...old, state: shard.targets.get(old.key) ?? old.state };
    const around = surroundingsOf(shard, view, tuning);
    const belief = known.get(old.key) ?? CALM_BELIEF;
    const decision = conclude(caseOf(shard, view, around, belief, share, tuning));
    const { conclusion } = decision;
    const settled = { ...view, state: settle(view, decision, tuning) };
    const { state, change } = publish(shard, settled);
    if (change !== null) changes.push(change);
    const published = { ...settled, state: { ...state, bursts: burstsIn(state, belief, tuning) } };
    // Where most of the world fell silent, looking harder would be looking at all of it; ticks go on.
    const burstAt = shard.frozenSince === null ? burstDueAt(published, conclusion, belief, tuning) : null;
    if (burstAt !== null && burstAt <= now)
      due.push({
        key: view.key,
        vantages: burstVantages(published, belief, tuning),
        badness: belief.badness,
        siteCut: belief.siteCut,
      });
    const { bursts } = published.state;
    const isOver = burstAt === null && state.edges.size > 0;
    decided.push([
      view.key,
      {
        ...state,
        bursts: isOver ? { ...bursts, count: 0 } : bursts,
        nextAt: nextAt(published, state, conclusion, burstAt, tuning),
      },
    ]);
  }
  const judged = withStates(shard, decided);
  const asking = due.flatMap(({ key, ...asked }) => {
    const state = judged.targets.get(key);
    return state === undefined ? [] : [{ state, ...asked }];
  });
  const { shard: asked, wanted } = requestBursts(judged, asking, now, tuning);
  let next = NEVER;
  for (const state of asked.targets.values()) next = Math.min(next, state.nextAt);
  return { state: asked, changes, wanted, nextAt: next };
};
