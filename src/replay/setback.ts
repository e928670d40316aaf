/**
 * What happens after the clock was set back. Our records carry the old clock's time, so some of them lie in the future, and we
 * cannot put them in order with new ones: an old look would stay the newest until the clock has caught up, and would hide a
 * death. So we drop everything that was seen. The published verdict stands until the next judgement, which says `unknown` first.
 *
 * Rejected: moving all instants by the same amount. Nobody knows how long the clock was wrong, so evidence that is hours old would
 * pass for fresh.
 */
import { newRecord, UNPROVEN } from "../verdict/memory/observation-record.ts";
import {
  emptyState,
  type ShardState,
  type TargetState,
  type VantageRecord,
} from "../verdict/memory/judge-state.ts";
import { newTarget } from "../verdict/memory/target-state.ts";

/**
 * Clocks are corrected by less than this all the time; our clock then stands still until the corrected one has caught up. Less than half of
 * the shortest interval, so that what a vantage sees afterwards is still later than what it saw before.
 */
const CORRECTED_MS = 2_000;

/** The instant to judge by at `now`, after a judgement at `judgedAt`, and whether the clock was set back between them. */
export const heeded = (judgedAt: number, now: number): { now: number; isSetBack: boolean } => {
  const isSetBack = now < judgedAt - CORRECTED_MS;
  return { now: isSetBack ? now : Math.max(now, judgedAt), isSetBack };
};

/** The state without all that was seen; `now` lies before its last judgement. */
export const voided = (state: ShardState, now: number): ShardState => ({
  ...emptyState(),
  vantages: mapped(state.vantages, unheard),
  targets: mapped(state.targets, (target) => unseen(target, now, state.judgedAt)),
  sites: mapped(state.sites, ({ targets }) => ({ proof: UNPROVEN, lost: null, paths: new Map(), targets })),
  retiredSequence: state.retiredSequence,
  tokens: { level: state.tokens.level, at: now },
  judgedAt: now,
});

const mapped = <T>(known: ReadonlyMap<string, T>, change: (value: T) => T): Map<string, T> =>
  new Map([...known].map(([key, value]) => [key, change(value)]));

const mapValues = (
  known: Record<string, number>,
  change: (value: number) => number,
): Record<string, number> =>
  Object.fromEntries(Object.entries(known).map(([key, value]) => [key, change(value)]));

/** Its counters and the number of its last report go on, or the vantage could not number its reports on. */
const unheard = (record: VantageRecord): VantageRecord => {
  const { vantage, lastSequence, colo, reports, observations, dropped, refused, turns } = record;
  return { ...newRecord(vantage), lastSequence, colo, reports, observations, dropped, refused, turns };
};

const unseen = (state: TargetState, now: number, judgedAt: number): TargetState => {
  const { target, url, version, standing, published, override } = state;
  const askedSince = mapValues(target.askedSince ?? {}, (at) => Math.min(at, now));
  return {
    ...newTarget({ ...target, askedSince }, url, version, published.sequence, now),
    createdAt: Math.min(state.createdAt, now),
    announced: state.announced,
    onceAlive: state.onceAlive,
    settledRouting: state.settledRouting,
    standing: {
      ...standing,
      since: Math.min(standing.since, now),
      heldSince: Math.min(standing.heldSince, now),
      quorumUntil: 0,
    },
    published: { ...published, since: Math.min(published.since, now) },
    // An operator's override holds for as long as the operator asked.
    override: override === null ? null : { ...override, until: override.until + now - judgedAt },
    bootId: state.bootId,
    pastBoots: state.pastBoots,
  };
};
