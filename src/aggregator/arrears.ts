import type { Behind } from "../domain/load.ts";

const WINDOW_MS = 60_000;
/** A single missed turn may be chance. This many in a window, and this share of what was due, are not. */
const MISSED_MIN = 3;
const MISSED_SHARE = 0.05;
/** How many reports with missed turns it takes: one report alone shows a moment and not a pace. */
const REPORTS_MIN = 2;

interface Counts {
  due: number;
  missed: number;
}

interface Tally extends Counts {
  /** Reports with turns missed. */
  reports: number;
  /** The share of those missed turns and reports that came while the vantage itself was held up. */
  heldUp: { missed: number; reports: number };
}

const NOTHING: Tally = { due: 0, missed: 0, reports: 0, heldUp: { missed: 0, reports: 0 } };

const sum = (left: Tally, right: Tally): Tally => ({
  due: left.due + right.due,
  missed: left.missed + right.missed,
  reports: left.reports + right.reports,
  heldUp: {
    missed: left.heldUp.missed + right.heldUp.missed,
    reports: left.heldUp.reports + right.heldUp.reports,
  },
});

/** The turns of one vantage within the last one to two minutes, and since when some go by without a look. */
export class Arrears {
  #windowAt = 0;
  #now = NOTHING;
  #before = NOTHING;
  #since = 0;

  /**
   * Notes that `due` turns were due and `missed` of them missed; `now`: epoch milliseconds. `isLate`: whether the vantage's ticks begin
   * late.
   */
  note({ due, missed }: Counts, now: number, isLate: boolean): void {
    this.#turn(now);
    if (missed > 0 && this.#now.missed + this.#before.missed === 0) this.#since = now;
    const told = { missed, reports: missed > 0 ? 1 : 0 };
    this.#now = sum(this.#now, { due, ...told, heldUp: isLate ? told : NOTHING.heldUp });
  }

  /** How far the vantage is behind; null where it keeps up. Turns missed while it was held up count only as long as its ticks are late. */
  at(now: number, isLate: boolean): Omit<Behind, "vantage"> | null {
    this.#turn(now);
    const { due, heldUp, ...all } = sum(this.#now, this.#before);
    const missed = all.missed - (isLate ? 0 : heldUp.missed);
    const reports = all.reports - (isLate ? 0 : heldUp.reports);
    const isTold = reports >= REPORTS_MIN && missed >= MISSED_MIN && missed >= MISSED_SHARE * due;
    return isTold ? { due, missed, since: this.#since } : null;
  }

  #turn(now: number): void {
    const windows = Math.floor((now - this.#windowAt) / WINDOW_MS);
    if (windows === 0) return;
    this.#before = windows === 1 ? this.#now : NOTHING;
    this.#now = NOTHING;
    this.#windowAt += windows * WINDOW_MS;
  }
}
