/** How many runs of each kind the judge of the edition before had right: measured once, since this code cannot play it again. */
export const BEFORE: {
  /** The last commit of that edition; this simulator was laid over it. */
  edition: string;
  first: number;
  /** Right runs, and of how many. */
  right: Readonly<Record<string, readonly [number, number]>>;
} = {
  edition: "0170945",
  first: 1_000_001,
  right: {},
};

/** What it was then, in words. */
export const beforeText = (kind: string): string => {
  const right = BEFORE.right[kind];
  return right === undefined ? "not played" : `${right[0]} of ${right[1]}`;
};
