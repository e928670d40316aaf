/** What is done with what came by another clock, and what is said of a clock that was set back. */
import type { Report } from "../domain/report.ts";
import type { Catalogue } from "./store/catalogue.ts";

/** A report dated further ahead than this was made by another clock than ours is now. */
const AHEAD_MS = 10_000;

/** By how much the report is dated ahead of all that can be believed; 0 for one that is not. */
export const aheadMs = ({ madeAt }: Report, now: number): number =>
  madeAt > now + AHEAD_MS ? madeAt - now : 0;

/** The report as it is taken at `now`: of one that is dated ahead the number counts, and nothing it saw, as nobody knows when. */
export const dated = (report: Report, now: number): Report =>
  aheadMs(report, now) === 0 ? report : { ...report, observations: [], controls: [] };

const NOTED = "set-back";
/** For how long it is said. */
const SAID_MS = 120_000;

interface Noted {
  at: number;
  byMs: number;
}

/** Remembers that the clock was set back, so that health can say why nothing was known. */
export const noteSetBack = (catalogue: Catalogue, byMs: number, now: number): void =>
  catalogue.setFact(NOTED, JSON.stringify({ at: now, byMs } satisfies Noted));

/** By how much the clock was set back lately, and when; null where it was not. */
export const setBackLately = (catalogue: Catalogue, now: number): Noted | null => {
  const noted = JSON.parse(catalogue.fact(NOTED) ?? "null") as Noted | null;
  return noted === null || now < noted.at || now - noted.at > SAID_MS ? null : noted;
};
