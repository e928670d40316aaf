import { asColumns } from "../../test/text/columns.ts";
import type { RegisterOptions } from "./options.ts";
import type { Outcome, Row } from "./outcome.ts";

const HEAD = [
  "",
  "fault",
  "of",
  "for",
  "led before",
  "led after",
  "without a write",
  "again",
  "ok",
  "refused",
  "unknown",
];

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const cellsOf = (row: Row): string[] => [
  String(row.number),
  row.fault,
  row.victim ?? "",
  seconds(row.lastsMs),
  row.before,
  row.after,
  seconds(row.gapMs),
  row.againMs === null ? "NEVER" : seconds(row.againMs),
  String(row.ok),
  String(row.refused),
  String(row.unknown),
];

export const asText = ({ rows }: Outcome): string => asColumns([HEAD, ...rows.map(cellsOf)]).join("\n");

/** Every law was kept, and a write was acknowledged after each fault. */
export const isRight = ({ violations, rows, counts }: Outcome): boolean =>
  violations.length === 0 && counts.stored > 0 && rows.every(({ againMs }) => againMs !== null);

/** One line for people about a run. */
export const summaryOf = (
  { rows, violations, counts, seconds: took }: Outcome,
  { lease, seed }: RegisterOptions,
): string =>
  `${lease}, seed ${seed}, ${rows.length} rounds in ${took.toFixed(0)} s: ${counts.operations} operations, ${counts.ok} ok, ${counts.refused} refused (${counts.fenced} by the store's fence), ${counts.unknown} unknown; ${counts.stored} writes taken in ${counts.epochs} epochs; two held themselves to lead for ${counts.heldMs.toFixed(0)} ms at most, ${counts.unexcusedMs.toFixed(0)} ms without pauses; ${violations.length} laws broken`;

/** The broken laws, each with the smallest part of the history that shows it. */
export const complaintsOf = ({ violations, rows }: Outcome): string[] => [
  ...violations.flatMap(({ law, reason, excerpt }) => [
    `${law}: ${reason}`,
    ...excerpt.map((line) => `  ${line}`),
  ]),
  ...rows
    .filter(({ againMs }) => againMs === null)
    .map(({ number }) => `round ${number}: no write was acknowledged again`),
];

/** Output for machines. */
export const asJson = (outcome: Outcome, { lease, seed }: RegisterOptions): string =>
  JSON.stringify({ lease, seed, ...outcome }, null, 2);
