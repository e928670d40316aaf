import { asColumns } from "../../test/text/columns.ts";
import type { Summary } from "./summary.ts";

const HEADER = [
  "scenario",
  "detector",
  "seeds",
  "cases",
  "T_D p50",
  "p95",
  "p99",
  "max",
  "oracle p50",
  "p99",
  "ratio p50",
  "p99",
  "named p50",
  "p99",
  "missed",
  "wrong down",
  "wrong dead",
  "wrong label",
  "recovery p50",
  "p99",
  "flips/case",
  "right %",
  "Brier",
  "probes/target-h",
  "µs/obs",
];

const text = (value: number | null, digits = 1): string => (value === null ? "-" : value.toFixed(digits));

const rowOf = (one: Summary): string[] => [
  one.scenario + one.flags,
  one.detector,
  String(one.seeds),
  String(one.cases),
  text(one.detectedSeconds.p50),
  text(one.detectedSeconds.p95),
  text(one.detectedSeconds.p99),
  text(one.detectedSeconds.max),
  text(one.oracle?.p50 ?? null),
  text(one.oracle?.p99 ?? null),
  text(one.oracle?.ratioP50 ?? null),
  text(one.oracle?.ratioP99 ?? null),
  text(one.namedSeconds.p50),
  text(one.namedSeconds.p99),
  String(one.missed.hits),
  String(one.wrongDowns),
  String(one.wrongDead),
  String(one.wrongLabels),
  text(one.recoveredSeconds.p50),
  text(one.recoveredSeconds.p99),
  text(one.flipsPerCase, 2),
  text(one.accuracy.of === 0 ? null : (100 * one.accuracy.hits) / one.accuracy.of),
  text(one.brier, 4),
  text(one.probesPerTargetHour, 0),
  text(one.cpuMicrosPerObservation),
];

/** The summaries as a table for people; times in seconds. */
export const summaryLines = (summaries: readonly Summary[]): string[] =>
  asColumns([HEADER, ...summaries.map(rowOf)], 2);

/** What stood at the end, by what was expected. */
export const confusionLines = (confusion: Summary["confusion"]): string[] => {
  const said = [...new Set(Object.values(confusion).flatMap((row) => Object.keys(row)))].toSorted();
  const truths = Object.keys(confusion).toSorted();
  return asColumns(
    [
      ["expected", "", ...said],
      ...truths.map((truth) => [truth, "", ...said.map((label) => String(confusion[truth]?.[label] ?? 0))]),
    ],
    2,
  );
};
