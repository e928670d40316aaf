/** A health that changes only after so many results in a row against it, each way its own number. */
export interface Streak {
  healthy: boolean;
  /** Results in a row that contradict `healthy`. */
  against: number;
}

export const freshStreak = (): Streak => ({ healthy: true, against: 0 });

/** Counts one result; true if the health changed. */
export const countResult = (
  streak: Streak,
  healthy: boolean,
  failures: number,
  successes: number,
): boolean => {
  if (healthy === streak.healthy) {
    streak.against = 0;
    return false;
  }
  streak.against += 1;
  if (streak.against < (streak.healthy ? failures : successes)) return false;
  streak.healthy = healthy;
  streak.against = 0;
  return true;
};
