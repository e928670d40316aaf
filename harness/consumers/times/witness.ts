import type { Pair } from "../world.ts";

/** One program in one configuration, as it looks on at the deaths. */
export interface Witness {
  name: string;
  /** Takes minutes: waited for beside other things. */
  isSlow: boolean;
  /** Whether the dead node was named, or was sent something since the last look. */
  isStillUsed: (site: string) => Promise<boolean>;
  /** What keeps asking it meanwhile. */
  load?: (site: string, stop: AbortSignal) => Promise<void>;
}

/** By the site whose primary is to die. */
export type Pairs = ReadonlyMap<string, Pair>;
export const pairOf = (pairs: Pairs, site: string): Pair => {
  const pair = pairs.get(site);
  if (pair === undefined) throw new Error(`no site ${site}`);
  return pair;
};

/** Programs that look on at the same deaths. */
export interface Witnesses {
  witnesses: Witness[];
  stop: () => Promise<unknown>;
}
