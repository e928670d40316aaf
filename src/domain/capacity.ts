/** How many looks a second a vantage can take in time, and how many of them a target asks for. */

/** The most looks that one vantage gets, and what it gets while its pace is not known. */
export const LOOKS_PER_SECOND_MAX = 25;
/** Share of the slots' time that turns may fill. The rest is for controls and for looks requested out of turn. */
const SHARE = 0.8;
/** A witness is looked at in one of this many rounds, which is enough to know whether it works. */
export const WITNESS_ROUNDS = 4;

/** Looks at controls that one report may contain. */
export const CONTROLS_MAX = 16;

/** What a vantage reports of its pace. */
export interface Pacing {
  /** How many looks may wait at once. */
  slots: number;
  /** For how long a look holds its slot; null while that is not known. */
  heldMs: number | null;
}

/** How a vantage keeps up, by its own report: its pace as last reported, … */
export interface KeptTurns extends Pacing {
  /** … the turns that have come up since the vantage became known, and those of them that passed without a look. */
  due: number;
  missed: number;
}

/** Looks a second that a vantage takes in time. Never above what its slots allow, and never zero. */
export const capacityOf = ({ slots, heldMs }: Pacing): number =>
  heldMs === null
    ? LOOKS_PER_SECOND_MAX
    : Math.min(LOOKS_PER_SECOND_MAX, (SHARE * slots * 1_000) / Math.max(1, heldMs));

/** How long a look may hold its slot without any loss of capacity. */
export const harmlessMs = (slots: number): number => (SHARE * slots * 1_000) / LOOKS_PER_SECOND_MAX;

/** Looks a second that a target needs from each of its vantages. */
export const weightOf = (target: { intervalMs: number; hasWitness: boolean; paused: boolean }): number =>
  target.paused ? 0 : ((target.hasWitness ? 1 + 1 / WITNESS_ROUNDS : 1) * 1_000) / target.intervalMs;
