/** What comparing many judgements adds up to. */
import { saidBy, type Compared } from "./compare.ts";

export interface Tally {
  /** Event lists from their first judgement to their last. */
  runs: number;
  judgements: number;
  transitions: number;
  probes: number;
  differences: number;
  /** Runs with any difference. */
  differing: number;
  /** Of all that was said, in whatever order it is added up: the same at two commits that say the same. */
  print: number;
  /** The first difference of some runs. */
  examples: string[];
  /** Transitions by verdict and rule. */
  said: Record<string, number>;
}

export const emptyTally = (): Tally => ({
  runs: 0,
  judgements: 0,
  transitions: 0,
  probes: 0,
  differences: 0,
  differing: 0,
  print: 0,
  examples: [],
  said: {},
});

const EXAMPLES = 5;

/** Counts the judgements of one run after the other. */
export class Counting {
  readonly tally = emptyTally();
  #name = "";
  #differs = false;

  begin(name: string): void {
    this.tally.runs += 1;
    this.#name = name;
    this.#differs = false;
  }

  count({ judgement: { changes, wanted }, difference, print }: Compared, now: number): void {
    const { tally } = this;
    tally.judgements += 1;
    tally.print = (tally.print + print) >>> 0;
    tally.transitions += changes.length;
    for (const { requests } of wanted) tally.probes += requests.length;
    for (const said of saidBy(changes)) tally.said[said] = (tally.said[said] ?? 0) + 1;
    if (difference === null) return;
    tally.differences += 1;
    if (this.#differs) return;
    this.#differs = true;
    tally.differing += 1;
    if (tally.examples.length < EXAMPLES) tally.examples.push(`${this.#name}, at ${now}: ${difference}`);
  }
}

/** Adds what another has counted. */
export const add = (to: Tally, more: Tally): void => {
  to.runs += more.runs;
  to.judgements += more.judgements;
  to.transitions += more.transitions;
  to.probes += more.probes;
  to.differences += more.differences;
  to.differing += more.differing;
  to.print = (to.print + more.print) >>> 0;
  to.examples.push(...more.examples.slice(0, EXAMPLES - to.examples.length));
  for (const [what, count] of Object.entries(more.said)) to.said[what] = (to.said[what] ?? 0) + count;
};
