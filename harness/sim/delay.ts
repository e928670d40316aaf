/**
 * How long a packet travels one way: the path's own time, spread a little, and now and then much
 * longer. The body is lognormal, as measured on long paths (Bovy et al., PAM 2002, found shapes like it);
 * the tail is a second lognormal, or Pareto's in the mis-specified world.
 */
import type { Draw } from "./draw.ts";

export interface DelayModel {
  /** Spread of the body: the standard deviation of the logarithm. */
  sigma: number;
  tail:
    | { kind: "lognormal"; share: number; medianMs: number; sigma: number }
    | { kind: "pareto"; alpha: number };
  /** What a node needs to answer. */
  serviceMs: number;
  serviceSigma: number;
}

/** One packet's time on a path whose median is `baseMs` one way; milliseconds. */
export const packetMs = (draw: Draw, model: DelayModel, baseMs: number): number => {
  const body = draw.lognormal(baseMs, model.sigma);
  const { tail } = model;
  if (tail.kind === "pareto") return body + draw.pareto(0.1 * baseMs, tail.alpha) - 0.1 * baseMs;
  return draw.isHit(tail.share) ? body + draw.lognormal(tail.medianMs, tail.sigma) : body;
};
