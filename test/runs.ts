/** `PARALLAX_LONG=1`: faults that last longer, and ten times the runs of a law. */
export const LONG = process.env["PARALLAX_LONG"] === "1";

/** How often a law is tried: `short` times, or ten times as often in a long run. */
export const runs = (short: number): number => (LONG ? 10 * short : short);
