import { spreadOf } from "../../bench/statistics.ts";
import { asColumns, asMarkdown } from "../../../test/text/columns.ts";
import type { CellResult } from "./play.ts";

const HEAD = [
  "fault",
  "lead",
  "replication",
  "s without writes",
  "s to a write",
  "rows",
  "lost",
  "s both writable",
  "old epoch taken",
  "needless",
  "stray: lost",
  "stray: old epoch",
  "",
];

/** Switches without a need: a strict lease that its holder cannot renew ends, and the lead may then go to the other node, once. */
export const uncalledFor = ({ rule, endsLease, needless }: CellResult): number =>
  Math.max(0, needless - (rule === "strict" && endsLease ? 1 : 0));

/** Requirements for a cell, each with the sentence for a cell that misses it. */
const DEMANDS: readonly ((cell: CellResult) => string | false)[] = [
  ({ isSynchronous, lost, strayLost }) =>
    isSynchronous && lost + strayLost > 0 && `${lost + strayLost} rows that were acknowledged are lost`,
  ({ stale }) => stale > 0 && `${stale} rows were taken under an older epoch`,
  ({ rule, bothWritableSeconds }) =>
    rule !== "advisory" && bothWritableSeconds > 0 && `two nodes were writable for ${bothWritableSeconds} s`,
  (cell) => uncalledFor(cell) > 0 && `${cell.needless} needless switches`,
  ({ mustResume, resumedSeconds }) => mustResume && resumedSeconds === null && "no row was taken again",
];

/** The requirements that a cell misses, a sentence each. */
export const complaintsOf = (cell: CellResult): string[] => {
  // For comparison: the lab does not judge Patroni.
  if (cell.rule === "Patroni") return [];
  if (cell.rule === "by hand, unfenced")
    return cell.strayLost > 0 && cell.bothWritableSeconds > 0
      ? []
      : ["two nodes that were writable went unnoticed"];
  return DEMANDS.map((demand) => demand(cell)).filter((complaint) => complaint !== false);
};

const cellsOf = (cell: CellResult): string[] => [
  cell.fault,
  cell.rule,
  cell.isSynchronous ? "synchronous" : "asynchronous",
  cell.gapSeconds.toFixed(1),
  cell.resumedSeconds?.toFixed(1) ?? "–",
  String(cell.rows),
  String(cell.lost),
  cell.bothWritableSeconds.toFixed(1),
  String(cell.stale),
  String(cell.needless),
  String(cell.strayLost),
  String(cell.strayStale),
  cell.rule === "Patroni" ? "" : complaintsOf(cell).length === 0 ? "right" : "WRONG",
];

/** For faults that were played more than once: the time without writes, its median, minimum and maximum. */
const mediansOf = (cells: readonly CellResult[]): string[] => {
  const all = new Map<string, number[]>();
  for (const { fault, rule, isSynchronous, gapSeconds } of cells)
    for (const kind of [isSynchronous ? ", synchronous" : ", asynchronous", ""]) {
      const name = `${fault}, ${rule}${kind}`;
      all.set(name, [...(all.get(name) ?? []), gapSeconds]);
    }
  return [...all]
    .filter(([, gaps]) => gaps.length > 2)
    .map(([name, gaps]) => {
      const { median, min, max } = spreadOf(gaps);
      const bounds = `${min.toFixed(1)} to ${max.toFixed(1)}`;
      return `${name}: without writes for ${median.toFixed(1)} s, median of ${gaps.length} (${bounds})`;
    });
};

export const asText = (cells: readonly CellResult[]): string =>
  [...asColumns([HEAD, ...cells.map(cellsOf)], 3), ...mediansOf(cells)].join("\n");

/** The page's measured part, below its heading. */
export const asPart = (cells: readonly CellResult[], how: string): string =>
  ["", ...asMarkdown([HEAD, ...cells.map(cellsOf)]), "", how, ""].join("\n");

export const asJson = (cells: readonly CellResult[]): string =>
  JSON.stringify(
    cells.map((cell) => ({ ...cell, wrong: complaintsOf(cell) })),
    null,
    2,
  );
