const FIRST_MS = 250;
const LONGEST_MS = 5_000;

/**
 * How long to wait after the `failures`-th failure in a row (from 1): doubling from 250 ms to 5 s, the
 * upper half of it at random (`random` in 0..1), so that agents do not come back all at once.
 */
export const backoffMs = (failures: number, random: number): number => {
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return fullMs * (0.5 + random / 2);
};
