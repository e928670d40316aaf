/** What the judge may hold to be true of a target. Closed. */
export const VERDICTS = [
  "alive",
  "gray",
  "process_crashed",
  "process_hung",
  "node_dead",
  "partitioned",
  "isolated",
  "unreachable",
  "unknown",
] as const;
export type Verdict = (typeof VERDICTS)[number];

export const ROUTINGS = ["serve", "avoid"] as const;

const known: ReadonlySet<string | undefined> = new Set(VERDICTS);

/** Whether a word is one of the verdicts. */
export const isVerdict = (word: string | undefined): word is Verdict => known.has(word);
