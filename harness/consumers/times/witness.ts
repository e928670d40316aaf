import type { Pair } from "../world.ts";

/** One program in one configuration, which observes the deaths. */
export interface Witness {
  name: string;
  /** The program takes minutes: the run waits for it beside other things. */
  isSlow: boolean;
  /** Whether the program named the dead node, or sent it a request, since the last look. */
  isStillUsed: (site: string) => Promise<boolean>;
  /** Sends requests to the program meanwhile. */
  load?: (site: string, stop: AbortSignal) => Promise<void>;
}

/** By the site whose primary is to die. */
export type Pairs = ReadonlyMap<string, Pair>;
export const pairOf = (pairs: Pairs, site: string): Pair => {
  const pair = pairs.get(site);
  if (pair === undefined) throw new Error(`no site ${site}`);
  return pair;
};

/** Programs that observe the same deaths. */
export interface Witnesses {
  witnesses: Witness[];
  stop: () => Promise<unknown>;
}
