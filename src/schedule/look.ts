import type { Subject } from "../domain/observation.ts";
import type { Due, Entry } from "./docket.ts";
import { isWitnessRound } from "./grid.ts";

/** So many of one round's probes may wait their whole timeout for a target that was silent lately. */
const PATIENT_MAX = 2;
/** One look to be taken. */
export interface Look {
  entry: Entry;
  subject: Subject;
  order: number;
  /** The grid point it serves; undefined outside the schedule. */
  point?: number;
}

/** What a due target is looked at by: its service, and in some rounds its witness. */
export const looksOf = ({ entry, point, since }: Due): Look[] => {
  const order = Math.max(0, since);
  const looks: Look[] = [{ entry, subject: "target", order, point }];
  // The witness is learnt at the first look already: its silence counts only once it has worked.
  if (
    entry.target.witness !== undefined &&
    (entry.served === -Infinity || isWitnessRound(entry.target, point))
  )
    looks.push({ entry, subject: "witness", order, point });
  return looks;
};

/**
 * Whom to wait for with the whole timeout: those cut short most often since that was last done. With one
 * or two failing that is every other probe; with many they take turns, and the slots go on.
 */
export const patientOf = (looks: Look[]): Set<Look> => {
  const curtailed = ({ entry, subject }: Look): number => entry.pace[subject].curtailed;
  const silent = looks.filter((look) => curtailed(look) > 0);
  return new Set(silent.toSorted((a, b) => curtailed(b) - curtailed(a)).slice(0, PATIENT_MAX));
};
