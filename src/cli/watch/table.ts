import type { VerdictAnswer } from "../../domain/verdict.ts";
import type { Known, Outage } from "../census.ts";
import type { Paint } from "../paint.ts";
import { inOneLine } from "../trouble.ts";
import { durationIn, HEADS, type Row, rowOf } from "./row.ts";

/** What the table is drawn from. */
export interface View {
  title: string;
  known: Known | undefined;
  outage: Outage | undefined;
  /** What the detector says is wrong with itself. */
  reasons: readonly string[];
  /** Epoch milliseconds. */
  now: number;
}

/** Columns and rows of a terminal; `Infinity` where there is no end. */
export interface Size {
  columns: number;
  rows: number;
}

const cut = (text: string, columns: number): string => {
  const characters = Array.from(text);
  if (characters.length <= columns) return text;
  return columns < 1 ? "" : `${characters.slice(0, columns - 1).join("")}…`;
};

const padded = (cells: string[], widths: number[]): string =>
  cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ");

const widthsOf = (rows: string[][]): number[] =>
  HEADS.map((_head, index) => Math.max(...rows.map((cells) => cells[index]?.length ?? 0)));

const clockOf = (at: number): string => new Date(at).toISOString().slice(11, 19);

/** One line on how things are with the detector itself. */
export const statusOf = ({ known, outage, now }: View): string => {
  if (outage !== undefined)
    return `detector not reached since ${clockOf(outage.since)}Z (${durationIn(now - outage.since)}): ${outage.why}`;
  return known === undefined ? "asking the detector…" : `${known.verdicts.size} targets at ${clockOf(now)}Z`;
};

/** Rows that fit, those in trouble first where not all do; and how many do not. */
const chosen = (rows: Row[], room: number): { shown: Row[]; left: number } => {
  if (rows.length <= room) return { shown: rows, left: 0 };
  const most = Math.max(0, room - 1);
  return { shown: rows.toSorted((a, b) => b.trouble - a.trouble).slice(0, most), left: rows.length - most };
};

const rowsOf = (verdicts: Iterable<VerdictAnswer>, now: number): Row[] =>
  [...verdicts].map((verdict) => rowOf(verdict, now));

/** The table as lines, none longer or more than there is room for. */
export const drawn = (view: View, { columns, rows: height }: Size, paint: Paint): string[] => {
  const { known, outage, reasons, now, title } = view;
  const status = cut(inOneLine(`${title}  ${statusOf(view)}`, 1_000), columns);
  const lines = [outage === undefined ? paint("bold", status) : paint("red", status)];
  if (outage === undefined)
    for (const reason of reasons)
      lines.push(paint("yellow", cut(inOneLine(`detector: ${reason}`, 1_000), columns)));
  const rows = rowsOf(known?.verdicts.values() ?? [], now);
  if (rows.length === 0) return lines.slice(0, height);
  const { shown, left } = chosen(rows, height - lines.length - 1);
  const widths = widthsOf([HEADS, ...shown.map(({ cells }) => cells)]);
  lines.push(paint("dim", cut(`${padded(HEADS, widths)}  BECAUSE`, columns)));
  for (const { cells, because, colour } of shown)
    lines.push(paint(colour, cut(`${padded(cells, widths)}  ${because}`.trimEnd(), columns)));
  if (left > 0) lines.push(paint("dim", cut(`… and ${left} more`, columns)));
  return lines.slice(0, height);
};
