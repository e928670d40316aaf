/** What was said and is not so. */
import { expectedFooled, type Watch } from "../months/tally.ts";
import { shareBounds } from "../statistics.ts";
import type { Tally } from "../tally.ts";
import { type Claim, sum } from "./claim.ts";

/** The scenario with a vantage inside: there a death is confirmed without `outsideProof`. */
export const INSIDE = "death-inside";

/** Confirmed even for policies that do not take a death seen from outside for proof. */
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

/** Wrong confirmations in 300 months that luck may still hide where the detector did not run. */
const HIDDEN_MAX = 0.1;

export const monthsClaim = (watch: Watch): Claim => {
  const { targetMonths, windows, fooled, worlds, forced } = watch;
  const { losses, most } = expectedFooled(watch);
  const perMonth = fooled.length === 0 ? 3 / targetMonths : fooled.length / targetMonths;
  const found = `${fooled.length} in ${targetMonths.toFixed(0)} target-months (95 %: ≤ ${perMonth.toFixed(4)} a target-month), ${windows} spans of bad weather run whole`;
  const rest = `elsewhere ${losses.toPrecision(2)} runs of five chance losses expected, believed in ${sumOf(watch.believed)} of ${sumOf(forced)} tries: ≤ ${most.toPrecision(2)} more`;
  return {
    claim: "wrong confirmed node_dead or process_crashed where nothing is wrong, with outsideProof",
    bound: "0 in 300 target-months",
    measured: `${found}; ${rest}`,
    seeds: worlds,
    // Fewer months than claimed show nothing of the claim, however well they went.
    reached: fooled.length === 0 && targetMonths >= 300 && (300 * most) / targetMonths <= HIDDEN_MAX,
  };
};

const sumOf = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Healthy targets called down in worlds where nothing is wrong, run probe by probe. */
export const calmClaim = ({ targetHours, wrongDowns, seeds }: Tally): Claim => ({
  claim: "wrong downs where nothing is wrong, confirmed or not, run whole",
  bound: "0",
  measured: `${wrongDowns} in ${targetHours.toFixed(0)} target-hours${wrongDowns === 0 ? ` (95 %: ≤ ${(3 / targetHours).toFixed(3)} an hour)` : ""}`,
  seeds,
  reached: wrongDowns === 0,
});
