import type { Subject } from "../domain/observation.ts";
import type { Due, ScheduledTarget } from "./due-probes.ts";
import { isFreshRound, isWitnessRound } from "./grid.ts";

/** At most this many of one round's probes may wait their whole timeout for the connection of a target that was silent lately. */
const PATIENT_MAX = 2;

/** One look to be taken. */
export interface DueLook {
  entry: ScheduledTarget;
  subject: Subject;
  order: number;
  /** Whether it is the target's turn in the schedule, and not an extra look that the judge asked for. */
  isScheduled: boolean;
  /** Whether it opens a connection of its own. */
  isFresh: boolean;
}

/** Beyond any instant: a target that was silent at its last look has its turn after all that answered. */
const BEHIND_MS = 1e15;

/** The rank in line of a silent target: by when its verdict ceases to be fresh without another look, which is after two intervals. */
export const silentOrder = (freshUntil: number): number => BEHIND_MS + freshUntil;

/** The looks that a due target gets: at its service, and in some rounds at its witness. */
export const looksOf = ({ entry, point, since }: Due): DueLook[] => {
  const { intervalMs } = entry.target;
  // A silent target gives way to its siblings. Silent targets are ranked by when they were looked at, not by the grid: its points are the
  // same for all, so the first in the list would have more than its share.
  const isSilent = entry.pace.target.unanswered > 0;
  const order = isSilent ? silentOrder(entry.begun.target + 2 * intervalMs) : Math.max(0, since);
  const isFresh = isFreshRound(entry.target, point);
  const looks: DueLook[] = [{ entry, subject: "target", order, isScheduled: true, isFresh }];
  // The first look includes the witness, since the witness's silence counts only once it has worked.
  if (
    entry.target.witness !== undefined &&
    (entry.served === -Infinity || isWitnessRound(entry.target, point))
  )
    looks.push({ entry, subject: "witness", order, isScheduled: true, isFresh });
  return looks;
};

/**
 * The looks that may wait the whole timeout, the neediest first: those whose wait was cut short most often since the last whole one. If one
 * or two targets fail, that is every other probe of theirs; if many fail, they take turns and the slots stay in use.
 */
export const patientOf = (looks: DueLook[]): DueLook[] => {
  const curtailed = ({ entry, subject }: DueLook): number => entry.pace[subject].curtailed;
  const cut = looks.filter((look) => curtailed(look) > 0);
  return cut.toSorted((a, b) => curtailed(b) - curtailed(a)).slice(0, PATIENT_MAX);
};
