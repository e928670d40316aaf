import type { Claim } from "../claims/claim.ts";
import { isOurs } from "../detectors.ts";
import type { Figures } from "./figures.ts";
import { numbersFrom, tableLines } from "./markdown.ts";
import { fixed, whole } from "./number.ts";
import { boundOf } from "./scenario-section.ts";

/** Where the oracle says what a time could be at best, by how its claim begins. */
const BOUNDED: readonly [RegExp, string, "p50" | "p99"][] = [
  [/^a crash that refuses/, "crash", "p99"],
  [/^a silent death/, "death", "p99"],
  [/^a hang/, "hang", "p99"],
  [/^a second fault/, "second-fault-in-episode", "p99"],
  [/^gray-10:/, "gray-10", "p50"],
  [/^gray-20:/, "gray-20", "p50"],
  [/^gray-30:/, "gray-30", "p50"],
  [/^gray-50:/, "gray-50", "p50"],
];

/** The oracle's time for what is claimed; empty where no time is. */
const oracleText = ({ claim }: Claim, { scenarios }: Figures): string => {
  const found = BOUNDED.find(([begins]) => begins.test(claim));
  const tallies = scenarios.find(({ scenario }) => scenario.name === found?.[1])?.tallies ?? [];
  const ours = tallies.find(({ detector }) => isOurs(detector));
  const bound = ours === undefined ? null : boundOf(tallies, ours);
  return found === undefined || bound === null ? "" : fixed(bound[found[2]]);
};

export const claimTable = (figures: Figures): string[] => {
  const rows = figures.claims.map((one) => [
    one.claim,
    one.bound,
    one.measured,
    oracleText(one, figures),
    whole(one.seeds),
    one.reached ? "yes" : "**no**",
  ]);
  const header = ["claim", "bound", "measured", "oracle s", "seeds", "reached"];
  return tableLines([header, ...rows], numbersFrom(3, 5));
};

/** Why a promise may stay out of reach, where that is known; by how its claim begins. */
const REASONS: readonly [RegExp, string][] = [
  [
    /^a hang is named/,
    "the promise is older than the rule that slow is not hung: an answer is waited for as long as `timeoutMs` allows, 5 s here, and nothing is called a hang before that",
  ],
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

const reasonOf = ({ claim }: Claim): string | undefined =>
  REASONS.find(([begins]) => begins.test(claim))?.[1];

/** What was not reached, with the known cause: one line for each cause. */
export const unreachedLines = ({ claims }: Figures): string[] => {
  const unreached = claims.filter(({ reached }) => !reached);
  if (unreached.length === 0) return ["Everything promised was reached in this run."];
  const byReason = Map.groupBy(
    unreached,
    (claim) =>
      reasonOf(claim) ??
      "no excuse is known: take it for a defect of the judge until somebody shows otherwise",
  );
  return [...byReason].map(
    ([reason, some]) => `- Not reached: ${some.map(({ claim }) => claim).join("; ")}. Why: ${reason}.`,
  );
};
