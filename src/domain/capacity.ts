/** How many looks a second a vantage can take in time, and how many of them a target asks for. */

/** The most that one vantage is trusted with, and what it is trusted with while its pace is not known. */
export const LOOKS_PER_SECOND_MAX = 25;
/** Share of the slots' time that turns may fill. The rest is for controls and for looks asked for out of turn. */
const SHARE = 0.8;
/** A witness is looked at in one of so many rounds, enough to know whether it works. */
export const WITNESS_ROUNDS = 4;

/** Looks at controls that one report may tell of. */
export const CONTROLS_MAX = 16;

/** What a vantage tells of its pace. */
export interface Pacing {
  /** How many looks may wait at once. */
  slots: number;
  /** For how long a look holds its slot; null while that is not known. */
  heldMs: number | null;
}

/** How a vantage keeps up, by its own word: its pace as told last, … */
export interface KeptTurns extends Pacing {
  /** … the turns that came up since it is known, and those of them that went by without a look. */
  due: number;
  missed: number;
}

/** Looks a second that a vantage takes in time. Never above what its slots allow, and never zero. */
export const capacityOf = ({ slots, heldMs }: Pacing): number =>
  heldMs === null
    ? LOOKS_PER_SECOND_MAX
    : Math.min(LOOKS_PER_SECOND_MAX, (SHARE * slots * 1_000) / Math.max(1, heldMs));

/** A look may hold its slot for so long without any loss of capacity. */
export const harmlessMs = (slots: number): number => (SHARE * slots * 1_000) / LOOKS_PER_SECOND_MAX;

/** Looks a second that a target asks of each of its vantages. */
export const weightOf = (target: { intervalMs: number; hasWitness: boolean; paused: boolean }): number =>
  target.paused ? 0 : ((target.hasWitness ? 1 + 1 / WITNESS_ROUNDS : 1) * 1_000) / target.intervalMs;
