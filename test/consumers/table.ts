import type { Row } from "./consumer.ts";

/** What a machine reads: one entry a row. */
export const asJson = (rows: readonly Row[]): string => JSON.stringify(rows, null, 2);

const HEAD = ["scenario", "verdict", "API", "expected", "did", "seconds", "violations", "", "seen"];

const cellsOf = (row: Row): string[] => [
  row.scenario,
  row.verdict,
  row.fault,
  row.expected,
  row.did,
  row.seconds.toFixed(1),
  String(row.violations),
  row.ok ? "right" : "WRONG",
  row.detail,
];

/** Rows as columns of equal width. */
export const asText = (rows: readonly Row[]): string => {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};
