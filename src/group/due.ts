/** When a group has to be looked at again. */
import { HOUR_MS } from "./brakes.ts";
import { switchUntil, wishOf } from "./leader.ts";
import { type GroupState, membersOf } from "./group-state.ts";

export const NEVER_DUE = Number.MAX_SAFE_INTEGER;
/**
 * How soon members are asked for again: if a change waits for that alone; if a change waits for something else; if a shard did not answer.
 */
const PASSING_MS = 1_000;
const WAITING_MS = 5_000;
const SILENT_MS = 5_000;
/**
 * How long before a view expires it is asked for anew: a member that is unknown for a moment would have to start its time of being fit
 * again.
 */
const AHEAD_MS = 2_000;
/** If a shard answered that it knows nothing fresh. It reports by itself once it does, and is asked in case that report is lost. */
const UNKNOWN_MS = 60_000;

const afterwards = (at: number, ...instants: (number | null)[]): number =>
  Math.min(NEVER_DUE, ...instants.filter((one): one is number => one !== null && one > at));

/** The next instant at which something may fall due by time alone or has to be asked for; epoch milliseconds, NEVER_DUE for nothing. */
export const nextAt = (state: GroupState): number => {
  const { config, at, frozen, switching, switches, changedAt } = state;
  if (config === null) return NEVER_DUE;
  const { holdDownMs, failbackAfterMs } = config.policy;
  const views = membersOf(state).map(({ member: { view, unheardAt } }) => {
    const validUntil = view?.validUntil ?? null;
    if (view !== null && validUntil !== null && validUntil >= at)
      return Math.max(at + PASSING_MS, validUntil - AHEAD_MS);
    const isKnown = unheardAt === null && view !== null;
    return Math.max(at + SILENT_MS, isKnown ? view.at + UNKNOWN_MS : 0);
  });
  const members = membersOf(state).flatMap(({ member: { servesSince, fitSince } }) => [
    servesSince === null ? null : servesSince + holdDownMs,
    fitSince === null ? null : fitSince + failbackAfterMs,
  ]);
  const wish = wishOf(state);
  const wishAt =
    wish === null && switching === null ? null : at + (wish?.isPassing === false ? WAITING_MS : PASSING_MS);
  return afterwards(
    at,
    frozen?.until ?? null,
    switching === null ? null : switchUntil(config, switching.since),
    ...views,
    ...members,
    changedAt + holdDownMs,
    ...switches.flatMap((one) => [one + holdDownMs, one + HOUR_MS]),
    wishAt,
  );
};

/** Whether to ask for the members at once, because a change waits for that alone. */
export const asksNow = (state: GroupState): boolean =>
  state.switching !== null || wishOf(state)?.isPassing === true;
