/**
 * We ourselves were away: the object was moved, updated or starved, and reports waited. What arrives then is the past, piece by piece,
 * and one vantage's piece of it is not what all saw. Nothing is said before everybody who had reported has caught up, or has had an
 * interval to.
 *
 * Rejected: holding back whatever is late. One slow reporter among others is late every time, and is not waited for.
 */
import type { EvidenceEvent } from "../../domain/evidence.ts";
import { NEVER, type ShardState } from "../memory/state.ts";
import type { Tuning } from "../tuning.ts";

/** The state after these events, with our own absence before them noted, and who has caught up since. */
export const withAbsence = (
  before: ShardState,
  taken: ShardState,
  events: readonly EvidenceEvent[],
  now: number,
  tuning: Tuning,
): ShardState => {
  // Nothing is left to be away from.
  if (taken.targets.size === 0) return { ...taken, judgedAt: 0, wakeAt: 0, quiet: null, returned: null };
  const quiet = quietBefore(before, now, tuning);
  const isAway = quiet !== null && wasAway(before, quiet, events, now, tuning);
  const returned = isAway ? { since: quiet.to, awaited: quiet.sound } : before.returned;
  const noted = { ...taken, judgedAt: now, quiet: isAway ? null : quiet };
  if (returned === null) return noted;
  const awaited = returned.awaited.filter((id) => {
    const record = taken.vantages.get(id);
    return record !== undefined && record.madeAt < returned.since - tuning.awayMs;
  });
  return { ...noted, returned: awaited.length === 0 ? null : { ...returned, awaited } };
};

type Quiet = NonNullable<ShardState["quiet"]>;

/** The last time that nothing was judged for long: until now, or before. Whose reports waited comes out in any order. */
const quietBefore = (before: ShardState, now: number, { awayMs }: Tuning): Quiet | null => {
  const { judgedAt, vantages } = before;
  if (judgedAt === 0 || now - judgedAt <= awayMs) return before.quiet;
  const sound = [...vantages].flatMap(([id, { state }]) => (state === "sound" ? [id] : []));
  return { from: judgedAt, to: now, sound };
};

/** It was not for want of anything to judge: we slept past the instant to wake, everybody owes a report, or one has waited for us. */
const wasAway = (
  before: ShardState,
  quiet: Quiet,
  events: readonly EvidenceEvent[],
  now: number,
  { awayMs }: Tuning,
): boolean => {
  const isNew = quiet.to === now;
  if (isNew && events.length === 0 && now > before.wakeAt + awayMs) return true;
  if (isNew && isOwedByAll(before, now, awayMs)) return true;
  return events.some((event) => hasWaited(before, quiet, event, awayMs));
};

/** By a vantage that was prompt before: one that is slow is so every time. */
const hasWaited = (
  { vantages }: ShardState,
  { from, to }: Quiet,
  event: EvidenceEvent,
  awayMs: number,
): boolean => {
  if (event.kind !== "report") return false;
  const { madeAt, vantage } = event.report;
  const known = vantages.get(vantage);
  const wasPrompt = known !== undefined && (known.lastReportAt ?? 0) - known.madeAt < awayMs;
  return wasPrompt && madeAt > from && madeAt < to - awayMs;
};

/** Each of several sound vantages would have reported meanwhile, by the shortest interval there is. */
const isOwedByAll = ({ targets, vantages }: ShardState, now: number, awayMs: number): boolean => {
  const sound = [...vantages.values()].filter(({ state }) => state === "sound");
  let intervalMs = NEVER;
  for (const { target } of targets.values())
    if (!target.paused) intervalMs = Math.min(intervalMs, target.intervalMs);
  return (
    sound.length > 1 && sound.every(({ lastReportAt }) => (lastReportAt ?? 0) < now - intervalMs - awayMs)
  );
};
