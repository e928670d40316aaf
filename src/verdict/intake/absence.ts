/**
 * The detector's own absence: its object was moved, updated or starved, and reports waited. They arrive afterwards one vantage at a
 * time, and tell of the past. Nothing is published until every vantage that had reported has caught up, or an interval has passed.
 *
 * Rejected: to hold back every late report. A slow reporter is late every time, and nobody waits for it.
 */
import type { EvidenceEvent, JudgedTarget } from "../../domain/evidence.ts";
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
    return record !== undefined && record.madeAt < returned.since - tuning.caughtUpMs;
  });
  const isOver = awaited.length === 0 && now >= returned.since + tuning.returnMs;
  return { ...noted, returned: isOver ? null : { ...returned, awaited } };
};

/** Until when the target is held back after an absence, for vantages that have yet to catch up or for the rest of what they sent; null where it is not. */
export const heldUntil = (
  { returned }: ShardState,
  { intervalMs, vantages }: JudgedTarget,
  now: number,
  tuning: Tuning,
): number | null => {
  if (returned === null) return null;
  const isAwaited = returned.awaited.some((id) => vantages.includes(id));
  const until = returned.since + (isAwaited ? intervalMs : tuning.returnMs);
  return now < until ? until : null;
};

/**
 * Of these targets those that are not held back. What one vantage's part of a backlog shows is not what all saw: nothing is believed or
 * remembered of a target that is, but what was seen of it.
 */
export const caughtUp = (
  shard: ShardState,
  keys: Iterable<string>,
  now: number,
  tuning: Tuning,
): Set<string> =>
  new Set(
    [...keys].filter((key) => {
      const state = shard.targets.get(key);
      return state !== undefined && heldUntil(shard, state.target, now, tuning) === null;
    }),
  );

type Quiet = NonNullable<ShardState["quiet"]>;

/** The last long time without a judgement; it may end now. It is kept, since reports that waited arrive in any order. */
const quietBefore = (before: ShardState, now: number, { awayMs }: Tuning): Quiet | null => {
  const { judgedAt, vantages } = before;
  if (judgedAt === 0 || now - judgedAt <= awayMs) return before.quiet;
  const sound = [...vantages].flatMap(([id, { state }]) => (state === "sound" ? [id] : []));
  return { from: judgedAt, to: now, sound };
};

/** Whether we were away in that time: we woke too late, every vantage owes a report, or a report has waited for us. */
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

/** A report of that time has waited. Slow vantages do not count: their reports are always late. */
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

/** Every sound vantage, of two at least, has missed its turn by the shortest interval of all targets. */
const isOwedByAll = ({ targets, vantages }: ShardState, now: number, awayMs: number): boolean => {
  const sound = [...vantages.values()].filter(({ state }) => state === "sound");
  let intervalMs = NEVER;
  for (const { target } of targets.values())
    if (!target.paused) intervalMs = Math.min(intervalMs, target.intervalMs);
  return (
    sound.length > 1 && sound.every(({ lastReportAt }) => (lastReportAt ?? 0) < now - intervalMs - awayMs)
  );
};
