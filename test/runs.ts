/** `PARALLAX_LONG=1`: faults last longer, and each law has ten times the runs. */
export const LONG = process.env["PARALLAX_LONG"] === "1";

/** `PARALLAX_AUDIT`: the rule or number of the judge that was changed. Each law then has a fifth of its runs. */
export const AUDITED = process.env["PARALLAX_AUDIT"];

/** How often a law is tried: `short` times, or ten times as often in a long run. */
export const runs = (short: number): number =>
  AUDITED === undefined ? (LONG ? 10 : 1) * short : Math.ceil(short / 5);

/** How often a law of groups is tried: `PARALLAX_GROUP_RUNS` times where that is given. */
export const groupRuns = (short: number): number => Number(process.env["PARALLAX_GROUP_RUNS"] ?? runs(short));
