/** Plain English for what automation reads as words and numbers. */
import { fromInstant, toInstant } from "../domain/plain/rfc3339.ts";
import { VERDICT_NAMES, VERDICTS } from "../domain/plain/verdict-table.ts";
import type { Mark, MatrixTarget } from "../domain/matrix.ts";
import type { Verdict } from "../domain/verdict.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A duration in its two largest units. Clocks may differ, so a negative duration counts as zero. */
export const durationOf = (durationMs: number): string => {
  const ms = Math.max(0, durationMs);
  if (ms < SECOND_MS) return "under 1 s";
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  const [unitMs, unit, lessMs, less] =
    ms < HOUR_MS
      ? [MINUTE_MS, "min", SECOND_MS, "s"]
      : ms < DAY_MS
        ? [HOUR_MS, "h", MINUTE_MS, "min"]
        : [DAY_MS, "d", HOUR_MS, "h"];
  const rest = Math.floor((ms % unitMs) / lessMs);
  return `${Math.floor(ms / unitMs)} ${unit}${rest === 0 ? "" : ` ${rest} ${less}`}`;
};

/** An instant in short form: the time of day in UTC, with the date where it is another day than now. */
export const clockOf = (instant: string, now: number): string => {
  const [day = "", time = ""] = instant.split("T");
  const clock = `${time.slice(0, 8)}Z`;
  return day === toInstant(now).slice(0, 10) ? clock : `${day} ${clock}`;
};

/** How long ago an instant was. */
export const agoOf = (instant: string, now: number): string => durationOf(now - fromInstant(instant));

/** A verdict in words. */
export const shownName = (verdict: Verdict): string => verdict.replaceAll("_", " ");

/** The meaning of a verdict, in a sentence of the docs. */
export const meaningOf = (verdict: Verdict): string => VERDICTS[verdict].holds;

/** The letter that goes with the colour: colour alone distinguishes no verdict. */
export const SIGNS = Object.fromEntries(
  VERDICT_NAMES.map((verdict) => [verdict, VERDICTS[verdict].sign]),
) as Record<Verdict, string>;

export type Tone = "good" | "bad" | "unsure";

/** The colour of a verdict. */
export const toneOf = (verdict: Verdict): Tone => {
  const { isDown, isUnsure } = VERDICTS[verdict];
  return isDown ? "bad" : isUnsure ? "unsure" : "good";
};

export const MARK_WORDS: Record<Mark, string> = {
  site: "whole site",
  paused: "paused",
  stale: "out of date",
  drill: "drill",
  override: "operator’s word",
  muted: "muted",
};

/** From this gravity on a target is in trouble. Below it the target is listed only. */
const TROUBLE = 2;

/** How urgent a target is. 0: nothing to see; 1: an operator's override or a drill overlays a target that is well. */
export const gravityOf = ({ verdict, routing, failover, marks }: MatrixTarget): number => {
  if (failover) return 5;
  if (marks.includes("paused") && !marks.includes("override")) return 0;
  if (VERDICTS[verdict].isDown || routing === "avoid") return 4;
  if (verdict === "unknown" || marks.includes("stale")) return 2;
  if (VERDICTS[verdict].isUnsure) return 3;
  return marks.includes("override") || marks.includes("drill") ? 1 : 0;
};

/** The most urgent first, muted targets after all others, the newest first among equals. */
const byUrgency = (a: MatrixTarget, b: MatrixTarget): number =>
  Number(a.marks.includes("muted")) - Number(b.marks.includes("muted")) ||
  gravityOf(b) - gravityOf(a) ||
  (a.since < b.since ? 1 : a.since > b.since ? -1 : 0);

/** The targets that need a person's attention, the most urgent first. */
export const troubledOf = (targets: readonly MatrixTarget[]): MatrixTarget[] =>
  targets.filter((target) => gravityOf(target) > 0).toSorted(byUrgency);

/** Whether a target is in trouble. */
export const inTrouble = (target: MatrixTarget): boolean => gravityOf(target) >= TROUBLE;

/** `1 target`, `2 targets`. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
