import type { Behind } from "../domain/load.ts";

const WINDOW_MS = 60_000;
/** A turn may go by for once; so many of a window, and such a share of what was due, are no chance. */
const MISSED_MIN = 3;
const MISSED_SHARE = 0.05;
/** Reports with turns missed: one alone tells of a moment, and not of a pace. */
const REPORTS_MIN = 2;

interface Counts {
  due: number;
  missed: number;
}

interface Tally extends Counts {
  /** Reports with turns missed. */
  reports: number;
  /** Of those missed, and of those reports: where the vantage itself was held up. */
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

  /** So much was due and so much of it missed; `now`: epoch milliseconds. `isLate`: its ticks begin late. */
  note({ due, missed }: Counts, now: number, isLate: boolean): void {
    this.#turn(now);
    if (missed > 0 && this.#now.missed + this.#before.missed === 0) this.#since = now;
    const told = { missed, reports: missed > 0 ? 1 : 0 };
    this.#now = sum(this.#now, { due, ...told, heldUp: isLate ? told : NOTHING.heldUp });
  }

  /** How far it is behind; null where it keeps up. What went by while it was held up counts only for as long as its ticks are late. */
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
