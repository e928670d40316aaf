import { WITNESS_ROUNDS } from "../domain/capacity.ts";

/** In one of this many rounds of a target a vantage makes a new connection. */
const FRESH_ROUNDS = 2;

/**
 * When a target is due. Grid points are aligned to the epoch, not to the object's start, so a restart changes nothing and vantages need not
 * talk to stay evenly staggered: vantage i of V has phase i/V, and together they look every interval/V. Rejected: counting from the last
 * probe. Vantages would drift together, and every reset by a deploy would put them all in step.
 */
export interface GridPlace {
  intervalMs: number;
  /** Share of the interval by which the grid is shifted, 0 to 1. */
  phase: number;
}

/** How long before its time a target may be served by a tick that runs anyway. */
export const slackMs = (intervalMs: number): number => Math.min(500, intervalMs * 0.05);

const offsetMs = (cell: GridPlace): number => Math.round(cell.phase * cell.intervalMs) % cell.intervalMs;

/** The latest grid point at or before `at`. */
export const pointAt = (cell: GridPlace, at: number): number => {
  const offset = offsetMs(cell);
  return Math.floor((at - offset) / cell.intervalMs) * cell.intervalMs + offset;
};

/** The grid point that a look at `now` serves. */
export const pointOf = (cell: GridPlace, now: number): number =>
  pointAt(cell, now + slackMs(cell.intervalMs));

/** The first grid point after `served`; minus infinity for a target never served: it is due already. */
export const dueAfter = (cell: GridPlace, served: number): number => pointAt(cell, served) + cell.intervalMs;

/**
 * The grid point that a tick at `now` would serve, if it is later than the one served last. A tick after any pause serves only the latest
 * point, so missed points cause no storm. Since the next point after `served` is never more than one interval away, no change of phase can
 * put a target off for ever.
 */
export const duePoint = (cell: GridPlace, served: number, now: number): number | undefined => {
  const point = pointOf(cell, now);
  return point > served ? point : undefined;
};

/**
 * Whether the round of this grid point includes the witness: one round in four. Which one depends on the phase, so that the vantages take
 * turns and every round costs the same.
 */
export const isWitnessRound = (cell: GridPlace, point: number): boolean =>
  Math.floor(point / cell.intervalMs) % WITNESS_ROUNDS ===
  Math.floor(cell.phase * WITNESS_ROUNDS) % WITNESS_ROUNDS;

/**
 * Whether the round of this grid point opens a new connection to the target where the prober would else reuse one: every second round of
 * each vantage, in turns. So at least every second interval some vantage opens a new connection, however many vantages look at the target,
 * and after an interval and a half at the latest more than one has.
 */
export const isFreshRound = (cell: GridPlace, point: number): boolean =>
  (Math.floor(point / cell.intervalMs) + Math.floor(cell.phase * FRESH_ROUNDS)) % FRESH_ROUNDS === 0;
