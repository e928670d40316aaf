import { DEFAULT_LAYOUT } from "../layout.ts";
import type { Tally } from "../tally.ts";
import { type Claim, percent } from "./claim.ts";

export const extraClaim = (calm: Tally): Claim => {
  const planned = (DEFAULT_LAYOUT.vantages * 3_600_000) / DEFAULT_LAYOUT.intervalMs;
  const extra = calm.probes / calm.targetHours / planned - 1;
  return {
    claim: "extra probes where nothing is wrong",
    bound: "≤ 15 %",
    measured: percent(extra),
    seeds: calm.seeds,
    reached: extra <= 0.15,
  };
};
