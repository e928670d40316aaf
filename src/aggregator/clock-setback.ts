/** What the shard does with reports dated by a wrong clock, and what it says of a clock that was set back. */
import type { Report } from "../domain/report.ts";
import type { Catalogue } from "./store/catalogue.ts";

/** A report dated further ahead than this was dated by another clock than ours is now. */
const AHEAD_MS = 10_000;

/** By how much the report is dated ahead of any believable time; 0 for a report that is not. */
export const aheadMs = ({ madeAt }: Report, now: number): number =>
  madeAt > now + AHEAD_MS ? madeAt - now : 0;

/**
 * The report as the shard takes it at `now`. Of a report that is dated ahead only its number counts, and none of its observations, because
 * their time is not known.
 */
export const dated = (report: Report, now: number): Report =>
  aheadMs(report, now) === 0 ? report : { ...report, observations: [], controls: [] };

const NOTED = "set-back";
/** For how long health reports that the clock was set back. */
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
