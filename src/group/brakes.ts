/** What keeps a group from changing its leader, and the sentences that say so. */
import { toInstant } from "../domain/plain/rfc3339.ts";
import type { ShownHeld } from "../domain/group.ts";
import type { GroupState } from "./group-state.ts";

export const HOUR_MS = 3_600_000;

/** One thing that keeps a group from a change. `until`: when it ends by itself, epoch milliseconds; null if that is not known. */
export interface Brake {
  what: ShownHeld["what"];
  member: string | null;
  until: number | null;
  detail: string;
}

export const held = (
  what: Brake["what"],
  detail: string,
  member: string | null = null,
  until: number | null = null,
): Brake => ({ what, member, until, detail });

export const shownBrake = ({ until, ...brake }: Brake): ShownHeld => ({
  ...brake,
  until: until === null ? null : toInstant(until),
});

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** Changes of the leader within the hour before `at`. */
export const switchesWithin = ({ switches }: GroupState, at: number): readonly number[] =>
  switches.filter((one) => one > at - HOUR_MS);

/** Whether the holder of the lease must stop when the lease ends, and may not have stopped yet. */
export const isLeased = ({ lease }: GroupState): boolean => lease !== null && lease.isStrict && !lease.isOver;

/** The brakes that hold at `at` against any change of the leader, each with its end. */
export const brakesOn = (state: GroupState, at: number): Brake[] => {
  const { config, frozen } = state;
  if (config === null) return [];
  const { holdDownMs, maxSwitchesPerHour } = config.policy;
  const last = state.switches.at(-1);
  const recent = switchesWithin(state, at);
  const brakes: Brake[] = [];
  if (frozen !== null)
    brakes.push(held("freeze", `frozen by ${frozen.by}: ${frozen.reason}`, null, frozen.until));
  // The member that led before the group was deleted, or became a pool, may not know of that yet.
  if (state.leader === null && isLeased(state))
    brakes.push(
      held("lease", `${state.holder ?? ""} may lead until its lease runs out`, null, state.lease?.until),
    );
  if (last !== undefined && at < last + holdDownMs)
    brakes.push(
      held("hold-down", `the leader changed at ${toInstant(last)}`, null, Math.ceil(last + holdDownMs)),
    );
  if (recent.length >= maxSwitchesPerHour)
    brakes.push(
      held(
        "switches",
        `${plural(recent.length, "change")} of the leader within an hour, of ${maxSwitchesPerHour} allowed`,
        null,
        maxSwitchesPerHour === 0 ? null : (recent[recent.length - maxSwitchesPerHour] ?? at) + HOUR_MS,
      ),
    );
  return brakes;
};
