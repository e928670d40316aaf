import type { Figures } from "./figures.ts";
import { numbersFrom, tableLines } from "./markdown.ts";
import { fixed, whole } from "./number.ts";
import type { Point } from "./point.ts";

const HEADER = ["family", "detector", "T_D p50", "p99", "missed", "wrong downs", "in hours"];

const rowOf = ({ family, detector, p50, p99, missed, cases, wrongDowns, targetHours }: Point): string[] => [
  family,
  detector,
  fixed(p50),
  fixed(p99),
  `${missed} of ${cases}`,
  String(wrongDowns),
  whole(targetHours),
];

/** The numbers behind the picture. */
export const pointTable = ({ points }: Figures): string[] =>
  tableLines([HEADER, ...points.map(rowOf)], numbersFrom(2, HEADER.length));
