import type { DelayModel } from "./delay.ts";
import type { LossModel } from "./loss.ts";
import type { Policy } from "../../src/domain/target.ts";
import type { Place, Reality } from "./reality.ts";

/** One target where they are not all alike. */
export interface Placed {
  site: string;
  target: string;
  intervalMs: number;
  timeoutMs: number;
  hasWitness: boolean;
  heartbeatMs: number | null;
  policy: Policy;
}

/** How reports travel, where they do not simply take a moment. */
export interface Transport {
  medianMs: number;
  sigma: number;
  /** Share of calls that arrive once more, so much later in the mean. */
  repeatShare: number;
  repeatMs: number;
}

/** How large the world is and how it is watched. */
export interface Layout {
  vantages: number;
  sites: number;
  targetsPerSite: number;
  intervalMs: number;
  timeoutMs: number;
  controls: number;
  /** So many of the vantages stand in another provider's network. */
  elsewhere: number;
  /** Each site has a vantage inside. */
  hasInside: boolean;
  hasWitness: boolean;
  /** Nodes push heartbeats this often; null: they do not. */
  heartbeatMs: number | null;
  /** A supervisor on the node notifies the detector of a crash. */
  hasNotices: boolean;
  /** Vantages' clocks are wrong by at most so much. */
  skewMaxMs: number;
  /** All targets, where they are not all alike: then `targetsPerSite` says nothing. */
  fleet?: readonly Placed[];
  /** The sites that have a vantage inside, where not all have. */
  insideOf?: readonly string[];
  transport?: Transport;
}

/** As the prototype was measured: 9 vantages, 10 s, 4 sites of 5. */
export const DEFAULT_LAYOUT: Layout = {
  vantages: 9,
  sites: 4,
  targetsPerSite: 5,
  intervalMs: 10_000,
  timeoutMs: 5_000,
  controls: 2,
  elsewhere: 0,
  hasInside: false,
  hasWitness: false,
  heartbeatMs: null,
  hasNotices: false,
  skewMaxMs: 20,
};

export interface Network {
  loss: LossModel;
  delay: DelayModel;
}

/** About 0.6 % of packets lost each way, three quarters of them in bursts of 2 s. */
export const DEFAULT_NETWORK: Network = {
  loss: { goodLoss: 0.0015, badLoss: 0.6, goodMs: 250_000, badMs: 2_000 },
  delay: {
    sigma: 0.08,
    tail: { kind: "lognormal", share: 0.005, medianMs: 120, sigma: 1.2 },
    serviceMs: 4,
    serviceSigma: 0.7,
  },
};

const REGIONS = ["wnam", "enam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc", "sam", "afr", "me"];
/** Vantages beyond one a region: a second one in some of them. */
const SECONDS = ["wnam-2", "enam-2", "weur-2", "eeur-2", "apac-2"];
export const SITES = ["fra", "ams", "lon", "par", "nyc", "sfo", "sin", "syd"];

/** The network of the vantages that are not in the detector's own network. */
export const ELSEWHERE = "other";

export const siteNames = (layout: Layout): string[] => SITES.slice(0, layout.sites);

/** The outside places come first, in the order in which they take turns. */
export const placesOf = (layout: Layout): Place[] => {
  const regional = layout.vantages - layout.elsewhere;
  const outside = [...REGIONS, ...SECONDS].slice(0, layout.vantages).map((id, index): Place => ({
    id,
    region: id.replace(/-2$/, ""),
    provider: index < regional ? "cloudflare" : ELSEWHERE,
  }));
  if (!layout.hasInside) return outside;
  const inside = (layout.insideOf ?? siteNames(layout)).map((site): Place => ({
    id: `in-${site}`,
    region: site,
    provider: site,
    site,
  }));
  return [...outside, ...inside];
};

export const targetsOf = (layout: Layout): Reality["targets"][number][] =>
  layout.fleet?.map(({ hasWitness, ...placed }) => {
    const key = `${placed.site}/${placed.target}`;
    return { ...placed, key, ...(hasWitness ? { witness: `${key}#witness` } : {}) };
  }) ??
  siteNames(layout).flatMap((site) =>
    Array.from({ length: layout.targetsPerSite }, (_, index) => {
      const target = `n-${index + 1}`;
      const key = `${site}/${target}`;
      return { site, target, key, ...(layout.hasWitness ? { witness: `${key}#witness` } : {}) };
    }),
  );

export const controlsOf = (layout: Layout): string[] =>
  Array.from({ length: layout.controls }, (_, index) => `control-${index + 1}`);
