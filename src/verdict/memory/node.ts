/**
 * A node's own reports: the run of its process that they are about (its boot), its heartbeats, and its supervisor's notices.
 *
 * Two windows over the times between arrivals, a short and a long one, decide when heartbeats are late, and the larger mean wins: the short
 * one follows a network that has become slow, the long one is not fooled by a few that came in a bunch. From the two-window failure
 * detector (Tomsic, Sens, Garcia, Arantes and Sopena, "2W-FD", 2015), which refines the arrival estimate of Chen, Toueg and Aguilera
 * (2002). Rejected: phi over the gaps' distribution. Heartbeats over TCP come regularly or not at all, and with a deviation near zero any
 * delay looks like a death.
 */
import type { Tuning } from "../tuning.ts";
import type { Heartbeat, Notice } from "../../domain/evidence.ts";
import type { TargetState } from "./judge-state.ts";

export interface HeartbeatRecord {
  /** When the newest arrived. */
  at: number;
  everyMs: number | null;
  /** Times between arrivals, oldest first, bounded; milliseconds. */
  gaps: number[];
}

/** A supervisor's notice. `at`, the node's own time, is shown, but the judge does not use it: the node's clock may be wrong. */
export interface NoticeRecord extends Notice {
  heardAt: number;
  /** When a later answer contradicted that the process is gone; null while none has. */
  contradictedAt: number | null;
  /** For a start: how the process before it ended according to its notice; absent where no notice said so. */
  follows?: "stop" | "restart";
}

/** Whether another boot has followed this one. A notice may arrive late, and then it no longer counts. */
export const isOver = ({ pastBoots }: TargetState, bootId: string): boolean => pastBoots.includes(bootId);

/** Whether the end of this boot has been reported. A start that arrives after that was overtaken on the way. */
export const hasEnded = ({ notice }: TargetState, bootId: string): boolean =>
  notice !== null && notice.kind !== "start" && notice.bootId === bootId;

/** The state with this boot as the running one; the boot before it has ended. */
export const booted = (state: TargetState, bootId: string, tuning: Tuning): TargetState => {
  const { bootId: before, pastBoots } = state;
  if (before === bootId) return state;
  return {
    ...state,
    bootId,
    pastBoots: before === null ? pastBoots : [...pastBoots, before].slice(-tuning.bootsKept),
  };
};

const mean = (gaps: readonly number[]): number => gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;

/** The time after the newest heartbeat at which the next is expected, in milliseconds. */
export const periodMs = ({ everyMs, gaps }: HeartbeatRecord, tuning: Tuning): number => {
  if (gaps.length === 0) return everyMs ?? tuning.heartbeatDefaultMs;
  return Math.max(mean(gaps.slice(-tuning.heartbeatShortWindow)), mean(gaps));
};

/** From when on heartbeats are late; epoch milliseconds. */
export const lateAt = (heartbeat: HeartbeatRecord, tuning: Tuning): number => {
  const expectedMs = periodMs(heartbeat, tuning);
  return heartbeat.at + expectedMs + Math.max(tuning.heartbeatMarginMs, expectedMs);
};

/** Whether the newest heartbeat is not late yet at `now`. */
export const isBeating = (heartbeat: HeartbeatRecord, now: number, tuning: Tuning): boolean =>
  now <= lateAt(heartbeat, tuning);

/** Whether a heartbeat has arrived that can only have been sent after the node was first missed, at `missedAt`. */
export const isSignOfLife = (
  heartbeat: HeartbeatRecord,
  missedAt: number,
  now: number,
  tuning: Tuning,
): boolean => heartbeat.at > missedAt + tuning.inFlightMs && isBeating(heartbeat, now, tuning);

/** The record with one more arrival. `isFirst`: the first of its boot, so that the gap before it shows nothing. */
export const beaten = (
  before: HeartbeatRecord | null,
  { at, everyMs, isFirst }: { at: number; everyMs: number | null; isFirst: boolean },
  tuning: Tuning,
): HeartbeatRecord => {
  if (before === null) return { at, everyMs, gaps: [] };
  const gap = at - before.at;
  // A gap of zero or less means that the clock was set back.
  const isOutage = isFirst || gap <= 0 || gap > tuning.heartbeatOutagePeriods * periodMs(before, tuning);
  const known = everyMs === before.everyMs ? before.gaps : [];
  const gaps =
    isOutage || everyMs !== before.everyMs ? known : [...known, gap].slice(-tuning.heartbeatLongWindow);
  return { at, everyMs, gaps };
};

/** Whether the supervisor's last notice is that the process is gone, and no answer has contradicted it. */
export const isSaidGone = ({ notice }: TargetState): boolean =>
  notice !== null && notice.kind !== "start" && notice.contradictedAt === null;

/** Whether a recent notice still asks for looks: a start asks once, an end until probes confirm or contradict it. */
export const isOpenNotice = (state: TargetState, now: number, tuning: Tuning): boolean => {
  const { bursts, notice, standing } = state;
  if (notice === null || now > notice.heardAt + tuning.noticeOpenMs) return false;
  if (bursts.lastAt < notice.heardAt) return true;
  return isSaidGone(state) && !(standing.verdict === "process_crashed" && standing.confirmed);
};

/** Whether the last notice is that the process was stopped in order, so that no successor has to take its place. */
export const isStopped = (state: TargetState): boolean => isSaidGone(state) && state.notice?.kind === "stop";

/** Whether its supervisor has said that it will not start the process again. */
export const isLeftGone = (state: TargetState): boolean =>
  isSaidGone(state) && state.notice?.restarting === false;

/** Whether the process is said to have crashed, and to be started again by its supervisor. */
export const isRestarting = (state: TargetState): boolean =>
  isSaidGone(state) && state.notice?.kind === "crash" && state.notice.restarting;

/** How the process before a new one ended according to its notice: stopped in order, or to be started again. */
const followed = (state: TargetState): Pick<NoticeRecord, "follows"> => {
  if (isStopped(state)) return { follows: "stop" };
  return isRestarting(state) ? { follows: "restart" } : {};
};

/** The target's state after a heartbeat. */
export const takeHeartbeat = (
  target: TargetState,
  { bootId, everyMs, at }: Heartbeat,
  tuning: Tuning,
): TargetState => {
  if (isOver(target, bootId)) return target;
  const arrival = { at, everyMs: everyMs ?? null, isFirst: target.bootId !== bootId };
  return { ...booted(target, bootId, tuning), heartbeat: beaten(target.heartbeat, arrival, tuning) };
};

/** … and after a supervisor's notice, received at `now`. */
export const takeNotice = (target: TargetState, notice: Notice, now: number, tuning: Tuning): TargetState => {
  const isLate =
    isOver(target, notice.bootId) || (notice.kind === "start" && hasEnded(target, notice.bootId));
  if (isLate) return target;
  return {
    ...booted(target, notice.bootId, tuning),
    notice: {
      ...notice,
      heardAt: now,
      contradictedAt: null,
      ...(notice.kind === "start" ? followed(target) : {}),
    },
  };
};
