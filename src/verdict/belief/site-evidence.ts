/** What is left to explain of one site, as the inference takes it. */
import { LIKELIHOOD, REPEATED_SILENCE_NATS, SILENT_WHEN_LOSSY } from "../likelihood.ts";

/** Silences on one edge, by weight: those that stand alone, and those that follow another. */
export interface Silences {
  first: number;
  repeats: number;
}

export const NO_SILENCES: Silences = { first: 0, repeats: 0 };

export type ByCause = readonly number[];
export type SiteState = "connected" | "lossy" | "cut";
export const SITE_STATES: readonly SiteState[] = ["connected", "lossy", "cut"];

/** What is left to explain of one site. Arrays run parallel to `paths`, and `ByCause` to CAUSES. */
export interface SiteEvidence {
  /** Log-weights of the site's states, given all that is the same for its targets. */
  site: Record<SiteState, number>;
  paths: {
    /** Chance that it was cut, or its vantage broke, since it was last proven open. */
    prior: number;
    /** Silences of targets that have answered others since: loss, or a cut of this path. */
    pathOnly: Silences;
  }[];
  targets: {
    /** Weights of the target's causes, given all that no path can explain. */
    base: Record<SiteState, ByCause>;
    /** Chance under each cause that a probe on an open path meets silence. */
    silent: Record<SiteState, ByCause>;
    /** Silences that the path or the target explains, up to the site's last proof and after it. */
    before: readonly Silences[];
    after: readonly Silences[];
  }[];
}

/** Chance of silence on an open path from one who would have answered. */
export const PATH_SILENT: Record<SiteState, number> = {
  connected: LIKELIHOOD.connect_timeout.up,
  lossy: SILENT_WHEN_LOSSY,
  cut: LIKELIHOOD.connect_timeout.up,
};

/** Log-likelihood of silences where each alone has this chance. */
export const silenceNats = ({ first, repeats }: Silences, chance: number): number => {
  const once = Math.log(chance);
  return first * once + repeats * Math.max(once, -REPEATED_SILENCE_NATS);
};
