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
  right: {
    "dead-witness-crash": [54, 100],
    "dead-witness-hang": [70, 100],
    "dead-inside-host-cut": [0, 100],
    "refused-and-silent": [0, 100],
    "wrong-and-refused": [4, 100],
    "lan-loss-host-cut": [68, 100],
    "lan-burst-host-cut": [91, 100],
    "worsening-then-cut": [1, 100],
    "slow-answers": [2, 100],
    "short-pause": [63, 100],
    "reject-rule": [0, 100],
    "reject-rule-witness": [100, 100],
    "rolling-restart": [0, 100],
    "cut-healed-in-pause": [0, 100],
    "staggered-cuts": [9, 100],
    "accept-and-reset": [0, 100],
    "accept-and-reset-beside-crash": [0, 100],
    "shared-crash": [1, 100],
    "shared-crash-witness": [2, 100],
    "back-from-crash": [99, 100],
    "back-from-cut": [13, 100],
    "slow-reporters-death": [20, 100],
    "host-cut-with-heartbeats": [37, 100],
    "cut-beside-crash": [0, 100],
  },
};

/** What it was then, in words. */
export const beforeText = (kind: string): string => {
  const right = BEFORE.right[kind];
  return right === undefined ? "not played" : `${right[0]} of ${right[1]}`;
};
