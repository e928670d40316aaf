import type { Subject } from "../domain/observation.ts";
import type { Due, ScheduledTarget } from "./due-probes.ts";
import { isFreshRound, isWitnessRound } from "./grid.ts";

/** So many of one round's probes may wait their whole timeout for the connection of a target that was silent lately. */
const PATIENT_MAX = 2;

/** One look to be taken. */
export interface DueLook {
  entry: ScheduledTarget;
  subject: Subject;
  order: number;
  /** Its turn in the schedule, and not a look that was asked for beside it. */
  isScheduled: boolean;
  /** By a connection of its own. */
  isFresh: boolean;
}

/** Beyond any instant: what was silent the last time has its turn after whatever answered. */
const BEHIND_MS = 1e15;

/** The rank in line of a target that was silent, whose verdict stays fresh without a look until then: for two intervals. */
export const silentOrder = (freshUntil: number): number => BEHIND_MS + freshUntil;

/** What a due target is looked at by: its service, and in some rounds its witness. */
export const looksOf = ({ entry, point, since }: Due): DueLook[] => {
  const { intervalMs } = entry.target;
  // What was silent gives way to its siblings, and among the silent by when it was looked at and not by the grid, whose points
  // are the same for all: the first in the list would have more than their share.
  const isSilent = entry.pace.target.unanswered > 0;
  const order = isSilent ? silentOrder(entry.begun.target + 2 * intervalMs) : Math.max(0, since);
  const isFresh = isFreshRound(entry.target, point);
  const looks: DueLook[] = [{ entry, subject: "target", order, isScheduled: true, isFresh }];
  // The witness is learnt at the first look already: its silence counts only once it has worked.
  if (
    entry.target.witness !== undefined &&
    (entry.served === -Infinity || isWitnessRound(entry.target, point))
  )
    looks.push({ entry, subject: "witness", order, isScheduled: true, isFresh });
  return looks;
};

/**
 * Whom to wait for with the whole timeout, first those who need it most: those cut short most often since that was last done. With one
 * or two failing that is every other probe; with many they take turns, and the slots go on.
 */
export const patientOf = (looks: DueLook[]): DueLook[] => {
  const curtailed = ({ entry, subject }: DueLook): number => entry.pace[subject].curtailed;
  const cut = looks.filter((look) => curtailed(look) > 0);
  return cut.toSorted((a, b) => curtailed(b) - curtailed(a)).slice(0, PATIENT_MAX);
};
