import type { VerdictAnswer } from "../../domain/verdict.ts";
import type { Known, Outage } from "../shared/detector/verdict-snapshot.ts";
import type { Paint } from "../shared/output/paint.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { inOneLine } from "../shared/output/trouble.ts";
import type { RecentPast } from "./recent-past.ts";
import { durationIn, HEADS, type Row, rowOf } from "./row.ts";
import { cut, wrapped } from "./wrap.ts";

/** The data for the table. */
export interface TableView {
  title: string;
  known: Known | undefined;
  outage: Outage | undefined;
  /** The detector's own troubles, as it reports them. */
  reasons: readonly string[];
  /** Past transitions and their `--since`; undefined without that flag. */
  past?: (RecentPast & { since: string }) | undefined;
  /** Epoch milliseconds. */
  now: number;
}

/** Columns and rows of a terminal; `Infinity` where there is no limit. */
export interface Size {
  columns: number;
  rows: number;
}

const padded = (cells: string[], widths: number[]): string =>
  cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ");

const widthsOf = (rows: string[][]): number[] =>
  HEADS.map((_head, index) => Math.max(...rows.map((cells) => cells[index]?.length ?? 0)));

const clockOf = (at: number): string => new Date(at).toISOString().slice(11, 19);

/** One line about the state of the detector itself. */
export const statusOf = ({ known, outage, now }: TableView): string => {
  if (outage !== undefined)
    return `detector not reached since ${clockOf(outage.since)}Z (${durationIn(now - outage.since)}): ${outage.why}`;
  return known === undefined ? "asking the detector…" : `${known.verdicts.size} targets at ${clockOf(now)}Z`;
};

/** A row on the screen. */
interface Shown {
  row: Row;
  /** Its sentence in separate lines; empty where the sentence stands in the row, as far as there is room. */
  sentence: string[];
}

const INDENT = "    ";
/** On a narrower screen a sentence would become a column of single words. */
const NARROWEST = 30;

const wholeOf = ({ cells, because }: Row, widths: number[]): string =>
  `${padded(cells, widths)}  ${because}`.trimEnd();

/** The sentence of a row in trouble as separate lines, where it does not fit into the row. */
const sentenceOf = (row: Row, widths: number[], columns: number): string[] => {
  if (row.trouble === 0 || columns < NARROWEST) return [];
  if (Array.from(wholeOf(row, widths)).length <= columns) return [];
  return wrapped(row.because, columns - INDENT.length).map((line) => INDENT + line);
};

const sum = (numbers: number[]): number => numbers.reduce((all, number) => all + number, 0);

/**
 * The rows to show in `room` lines, and how many rows are left out. Where not everything fits: first the rows with most trouble, then as
 * many of their sentences as fit whole, then the other rows.
 */
const chosen = (rows: Row[], room: number, columns: number): { shown: Shown[]; left: number } => {
  const widths = widthsOf([HEADS, ...rows.map(({ cells }) => cells)]);
  const all = rows.map((row): Shown => ({ row, sentence: sentenceOf(row, widths, columns) }));
  if (sum(all.map(({ sentence }) => 1 + sentence.length)) <= room) return { shown: all, left: 0 };
  const most = Math.max(0, room - 1);
  const sorted = all.toSorted((a, b) => b.row.trouble - a.row.trouble);
  const troubled = sorted.filter(({ row }) => row.trouble > 0).length;
  let spare = Math.max(0, most - Math.min(troubled, most));
  const shown: Shown[] = sorted
    .slice(0, troubled)
    .slice(0, most)
    .map(({ row, sentence }) => {
      const fits = sentence.length <= spare;
      if (fits) spare -= sentence.length;
      return { row, sentence: fits ? sentence : [] };
    });
  shown.push(...sorted.slice(troubled, troubled + spare));
  return { shown, left: rows.length - shown.length };
};

const rowsOf = (verdicts: Iterable<VerdictAnswer>, now: number): Row[] =>
  [...verdicts].map((verdict) => rowOf(verdict, now));

const linesOfRow = ({ row, sentence }: Shown, widths: number[], columns: number, paint: Paint): string[] => {
  const whole = wholeOf(row, widths);
  if (sentence.length === 0 || Array.from(whole).length <= columns)
    return [paint(row.colour, cut(whole, columns))];
  const first = cut(padded(row.cells, widths).trimEnd(), columns);
  return [first, ...sentence].map((line) => paint(row.colour, line));
};

/** Past transitions, newest first, each in a line. */
const pastLines = ({ transitions, trouble }: RecentPast, columns: number, paint: Paint): string[] => {
  if (trouble !== undefined)
    return [paint("yellow", cut(`what has been could not be read: ${trouble}`, columns))];
  return transitions.map(({ at, from, to, rule, because, drill, ...one }) => {
    const words = [
      `${at.slice(11, 19)}Z`,
      nameOf(one),
      from,
      "→",
      to,
      ...(drill === null ? [] : [`drill=${drill}`]),
    ];
    return cut(inOneLine(`${words.join(" ")} ${rule ?? "no rule"}: ${because}`, 1_000), columns);
  });
};

/** The table as lines. Neither their length nor their number exceeds the size. */
export const drawnTable = (view: TableView, { columns, rows: height }: Size, paint: Paint): string[] => {
  const { known, outage, reasons, now, title, past } = view;
  const status = cut(inOneLine(`${title}  ${statusOf(view)}`, 1_000), columns);
  const lines = [outage === undefined ? paint("bold", status) : paint("red", status)];
  if (outage === undefined)
    for (const reason of reasons)
      lines.push(paint("yellow", cut(inOneLine(`detector: ${reason}`, 1_000), columns)));
  const rows = rowsOf(known?.verdicts.values() ?? [], now);
  if (rows.length > 0) {
    const { shown, left } = chosen(rows, height - lines.length - 1, columns);
    const widths = widthsOf([HEADS, ...shown.map(({ row }) => row.cells)]);
    lines.push(paint("dim", cut(`${padded(HEADS, widths)}  BECAUSE`, columns)));
    for (const one of shown) lines.push(...linesOfRow(one, widths, columns, paint));
    if (left > 0) lines.push(paint("dim", cut(`… and ${left} more`, columns)));
  }
  if (past !== undefined)
    lines.push(
      "",
      paint("dim", cut(`BEFORE, since ${past.since}`, columns)),
      ...pastLines(past, columns, paint),
    );
  return lines.slice(0, height);
};
