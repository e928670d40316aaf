import type { Behind } from "../domain/load.ts";

const WINDOW_MS = 60_000;
/** A turn may go by for once; so many of a window, and such a share of what was due, are no chance. */
const MISSED_MIN = 3;
const MISSED_SHARE = 0.05;
/** Reports with turns missed. One alone tells that something was held up, and by how much its tick was late tells that better. */
const REPORTS_MIN = 2;

interface Counts {
  due: number;
  missed: number;
}

interface Tally extends Counts {
  /** Reports with turns missed. */
  reports: number;
}

const NOTHING: Tally = { due: 0, missed: 0, reports: 0 };

/** The turns of one vantage within the last one to two minutes, and since when some go by without a look. */
export class Arrears {
  #windowAt = 0;
  #now = NOTHING;
  #before = NOTHING;
  #since = 0;

  /** So much was due and so much of it missed; `now`: epoch milliseconds. */
  note({ due, missed }: Counts, now: number): void {
    this.#turn(now);
    if (missed > 0 && this.#now.missed + this.#before.missed === 0) this.#since = now;
    this.#now = {
      due: this.#now.due + due,
      missed: this.#now.missed + missed,
      reports: this.#now.reports + (missed > 0 ? 1 : 0),
    };
  }

  /** How far it is behind; null where it keeps up. */
  at(now: number): Omit<Behind, "vantage"> | null {
    this.#turn(now);
    const due = this.#now.due + this.#before.due;
    const missed = this.#now.missed + this.#before.missed;
    const isTold =
      this.#now.reports + this.#before.reports >= REPORTS_MIN &&
      missed >= MISSED_MIN &&
      missed >= MISSED_SHARE * due;
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
