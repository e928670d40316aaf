/** What was said and is not so. */
import { shareBounds } from "../statistics.ts";
import type { Tally } from "../tally.ts";
import { type Claim, sum } from "./claim.ts";

/** The scenario with somebody to look from inside: there a death is confirmed without `outsideProof`. */
export const INSIDE = "death-inside";

/** Confirmed even by those who do not take a death seen from outside for proof. */
const provenWrong = ({ mistakes, scenario }: Tally): number =>
  mistakes.filter(
    ({ kind, label }) => kind === "wrong dead" && (label === "process_crashed" || scenario === INSIDE),
  ).length;

export const wrongClaim = (tallies: readonly Tally[]): Claim => {
  const wrong = sum(tallies, ({ wrongDead }) => wrongDead);
  const runs = sum(tallies, ({ runsWrongDead }) => runsWrongDead);
  const seeds = sum(tallies, (tally) => tally.seeds);
  const unconfirmed = sum(tallies, ({ wrongLabels }) => wrongLabels) - wrong;
  const without = sum(tallies, provenWrong);
  return {
    claim: "wrong confirmed node_dead or process_crashed, with outsideProof, in everything run here",
    bound: "0",
    measured: `${wrong} in ${runs} of ${seeds} runs (95 %: ≤ ${(100 * shareBounds(runs, seeds)[1]).toFixed(3)} % of runs); without outsideProof ${without}; unconfirmed ${unconfirmed}`,
    seeds,
    reached: wrong === 0,
  };
};

/** Hours in a month of thirty days. */
const MONTH_HOURS = 720;

export const monthsClaim = (calm: Tally): Claim => {
  const months = calm.targetHours / MONTH_HOURS;
  const rate = calm.wrongDead === 0 ? 3 / months : calm.wrongDead / months;
  return {
    claim: "wrong confirmed node_dead or process_crashed where nothing is wrong",
    bound: "0 in 300 target-months",
    measured: `${calm.wrongDead} in ${months.toFixed(2)} target-months (95 %: ≤ ${rate.toFixed(1)} a target-month); any wrong down: ${calm.wrongDowns}`,
    seeds: calm.seeds,
    // Fewer months than claimed show nothing of the claim, however well they went.
    reached: calm.wrongDead === 0 && months >= 300,
  };
};
