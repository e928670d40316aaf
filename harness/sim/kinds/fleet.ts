/** The fleet in which the twelve kinds were found: three sites of four, and what is at hand in them. */
import { DEFAULT_LAYOUT, type Layout, type Placed, SITES } from "../layout.ts";

const SITES_WATCHED = 3;
const TARGETS_EACH = 4;

/** So many sites of so many targets, all alike but for `part`. */
export const placed = (
  part: Partial<Placed> = {},
  sites = SITES_WATCHED,
  targetsEach = TARGETS_EACH,
): Placed[] =>
  SITES.slice(0, sites).flatMap((site) =>
    Array.from({ length: targetsEach }, (_, index) => ({
      site,
      target: `n-${index + 1}`,
      intervalMs: DEFAULT_LAYOUT.intervalMs,
      timeoutMs: DEFAULT_LAYOUT.timeoutMs,
      hasWitness: false,
      heartbeatMs: null,
      policy: {},
      ...part,
    })),
  );

export const fleet = (part: Partial<Placed> = {}, more: Partial<Layout> = {}): Partial<Layout> => ({
  sites: SITES_WATCHED,
  fleet: placed(part),
  ...more,
});

/** The site that has a vantage inside, where one has. */
export const INSIDE_SITE = "fra";

export const WITH_INSIDE: Partial<Layout> = { hasInside: true, insideOf: [INSIDE_SITE] };
