import type { Claim } from "../claims/claim.ts";
import type { Figures } from "./figures.ts";
import { numbersFrom, tableLines } from "./markdown.ts";
import { whole } from "./number.ts";

export const claimTable = ({ claims }: Figures): string[] => {
  const rows = claims.map(({ claim, bound, measured, seeds, reached }) => [
    claim,
    bound,
    measured,
    whole(seeds),
    reached ? "yes" : "**no**",
  ]);
  const header = ["claim", "bound", "measured", "seeds", "reached"];
  return tableLines([header, ...rows], numbersFrom(3, 4));
};

/** Why a promise may stay out of reach, where that is known; by how its claim begins. */
const REASONS: readonly [RegExp, string][] = [
  [
    /^gray-/,
    "one odd answer is an accident, so two are waited for, and at a small share of them even the first comes late: no rule that probes this often can be faster than the first (at 10 % and 0.9 looks a second it comes at 7.7 s, the median of many)",
  ],
  [
    /^a second fault in an episode/,
    "only five of nine vantages can see it, and where those cut off stand side by side in the round, up to five turns of it (5.6 s) pass between two looks that count: in the slowest run the first such look began 4.3 s after the death and told at 6.1 s",
  ],
  [
    /^wrong confirmed .* where nothing is wrong$/,
    "fewer months were run than were promised, and what was not run shows nothing",
  ],
];

const reasonOf = ({ claim }: Claim): string =>
  REASONS.find(([begins]) => begins.test(claim))?.[1] ??
  "no excuse is known: take it for a defect of the judge until somebody shows otherwise";

/** Each promise that was not kept, with why as far as anybody knows. */
export const unreachedLines = ({ claims }: Figures): string[] => {
  const unreached = claims.filter(({ reached }) => !reached);
  if (unreached.length === 0) return ["Nothing: everything promised was reached in this run."];
  return unreached.map((claim) => `- ${claim.claim}: ${claim.measured}. Why: ${reasonOf(claim)}.`);
};
