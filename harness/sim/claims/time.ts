/** How long it takes. */
import { timesOf } from "../summary.ts";
import type { Tally } from "../tally.ts";
import { type Claim, namingTimesOf, shown } from "./claim.ts";

export const timeClaim = (claim: string, tally: Tally, boundSeconds: number): Claim => {
  const times = namingTimesOf(tally);
  const late = tally.cases - tally.namedMs.length;
  const [low, high] = times.p99Bounds;
  return {
    claim,
    // Not a number where what it is to be compared with was never named: then nothing is reached.
    bound: Number.isNaN(boundSeconds) ? "nothing to compare with" : `≤ ${boundSeconds.toFixed(1)} s`,
    measured: `${shown(times.p99)} (95 %: ${shown(low)} to ${shown(high)}; p50 ${shown(times.p50)}, max ${shown(times.max)}; never named ${late} of ${tally.cases})`,
    seeds: tally.seeds,
    reached: (times.p99 ?? Infinity) <= boundSeconds,
  };
};

/** What the rule in wide use takes, beside which the times above are to be read. Not a promise of ours. */
export const routeClaim = (scenario: string, tally: Tally, aboutSeconds: number): Claim => {
  const times = timesOf(tally.detectedMs);
  return {
    claim: `${scenario} under Route 53's rule at 10 s, p50`,
    bound: `about ${aboutSeconds} s`,
    measured: `p50 ${shown(times.p50)}, p99 ${shown(times.p99)}; missed ${tally.missed} of ${tally.cases}`,
    seeds: tally.seeds,
    reached: Math.abs((times.p50 ?? Infinity) - aboutSeconds) <= 0.2 * aboutSeconds,
  };
};
