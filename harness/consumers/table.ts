import { asColumns } from "../../test/text/columns.ts";
import type { Row } from "./consumer.ts";

/** Output for machines: one entry a row. */
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
export const asText = (rows: readonly Row[]): string => asColumns([HEAD, ...rows.map(cellsOf)]).join("\n");
