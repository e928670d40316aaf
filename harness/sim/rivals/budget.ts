/** Probes of one target an hour, from all outside places together. */
export type Budget = number;

const HOUR_MS = 3_600_000;

/** The interval at which each of so many places may look so that together they spend the budget, milliseconds. */
export const intervalFor = (budget: Budget, places: number): number =>
  Math.max(1, Math.round((HOUR_MS * places) / budget));
