/** How many runs of each kind the judge of the edition before had right: measured once, since this code cannot play it again. */
export const BEFORE: {
  /** The last commit of that edition; this simulator was laid over it. */
  edition: string;
  first: number;
  seeds: number;
  right: Readonly<Record<string, number>>;
} = {
  edition: "0170945",
  first: 1_000_001,
  seeds: 100,
  right: {},
};
