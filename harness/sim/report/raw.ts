/** The tables behind the page, as JSON: one line a row, so that two editions can be compared line by line. */
import { isOurs } from "../detectors.ts";
import { BEFORE } from "../kinds/before.ts";
import { mergeTallies, type Tally } from "../tally.ts";
import { summaryOf } from "../summary.ts";
import { timesWithLate } from "../claims/claim.ts";
import type { Figures } from "./figures.ts";
import { boundOf, callTimesOf } from "./scenario-section.ts";

/** Of each kind so many wrong runs are kept, each to be played again by its seed. */
const WRONG_MAX = 5;

const COLUMNS = [
  "scenario",
  "detector",
  "seeds",
  "cases",
  "p50",
  "p95",
  "p99",
  "max",
  "oracleP50",
  "oracleP99",
  "missed",
  "namedP99",
  "wrongDowns",
  "wrongConfirmed",
  "recoveryP50",
  "recoveryP99",
  "flips",
  "accuracy",
  "brier",
  "probesPerHour",
] as const;

type Cell = string | number | null;

const rounded = (value: number | null | undefined, digits = 3): number | null =>
  value === null || value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(digits));

const rowOf = (tallies: readonly Tally[], tally: Tally): Cell[] => {
  const ours = isOurs(tally.detector);
  const { accuracy, recoveredSeconds, flipsPerCase, brier, probesPerTargetHour } = summaryOf(tally);
  const called = callTimesOf(tally);
  const bound = boundOf(tallies, tally);
  return [
    tally.scenario + tally.flags,
    tally.detector,
    tally.seeds,
    tally.cases,
    rounded(called.p50),
    rounded(called.p95),
    rounded(called.p99),
    rounded(called.max),
    rounded(bound?.p50),
    rounded(bound?.p99),
    tally.missed,
    ours ? rounded(timesWithLate(tally.namedMs, tally.cases).p99) : null,
    tally.wrongDowns,
    ours ? tally.wrongDead : null,
    rounded(recoveredSeconds.p50),
    rounded(recoveredSeconds.p99),
    rounded(flipsPerCase),
    ours && accuracy.of > 0 ? rounded(accuracy.hits / accuracy.of, 4) : null,
    ours ? rounded(brier, 4) : null,
    rounded(probesPerTargetHour, 0),
  ];
};

const beliefsOf = ({ scenarios }: Figures): object => {
  const whole = mergeTallies(
    scenarios.flatMap(({ tallies }) => tallies.filter(({ detector }) => isOurs(detector))),
  );
  const { confusion, brier, reliability } = summaryOf(whole);
  return {
    brier: rounded(brier, 4),
    confusion,
    reliability: reliability.map(({ count, confidence, right }) => [
      count,
      rounded(confidence),
      rounded(right),
    ]),
  };
};

/** A list with one line for each of its items. */
const lines = (items: readonly unknown[]): string =>
  `[\n${items.map((item) => `    ${JSON.stringify(item)}`).join(",\n")}\n  ]`;

/** Everything measured, as text. Same figures, same text. */
export const rawOf = (figures: Figures): string => {
  const { first, effort, claims, kinds, scenarios, points } = figures;
  const parts: [string, string][] = [
    ["first", String(first)],
    ["effort", JSON.stringify(effort)],
    ["claims", lines(claims)],
    ["before", JSON.stringify(BEFORE)],
    ["kinds", lines(kinds.map((tally) => ({ ...tally, wrong: tally.wrong.slice(0, WRONG_MAX) })))],
    ["columns", JSON.stringify(COLUMNS)],
    ["scenarios", lines(scenarios.flatMap(({ tallies }) => tallies.map((tally) => rowOf(tallies, tally))))],
    ["thresholds", lines(points)],
    ["beliefs", JSON.stringify(beliefsOf(figures))],
  ];
  return `{\n${parts.map(([name, text]) => `  ${JSON.stringify(name)}: ${text}`).join(",\n")}\n}\n`;
};
