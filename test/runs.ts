/** `PARALLAX_LONG=1`: faults last longer, and each law has ten times the runs. */
export const LONG = process.env["PARALLAX_LONG"] === "1";

/** `PARALLAX_AUDIT`: the rule or number of the judge that was changed. Each law then has a fifth of its runs. */
export const AUDITED = process.env["PARALLAX_AUDIT"];

/** `PARALLAX_BRIEF=1`, as `npm test` sets it: each law has half of the runs that `npm run test:full` gives it. */
const BRIEF = process.env["PARALLAX_BRIEF"] === "1";

/** How often a law is tried: `usual` times, ten times as often in a long run, half as often in a brief one. */
export const runs = (usual: number): number => {
  if (AUDITED !== undefined) return Math.ceil(usual / 5);
  return LONG ? 10 * usual : Math.ceil(usual / (BRIEF ? 2 : 1));
};

/** How often a law of groups is tried: `PARALLAX_GROUP_RUNS` times where that is given. */
export const groupRuns = (short: number): number => Number(process.env["PARALLAX_GROUP_RUNS"] ?? runs(short));
