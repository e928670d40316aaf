import type { Behind } from "../domain/load.ts";

const WINDOW_MS = 60_000;
/** A turn may go by for once; so many of a window, and such a share of what was due, are no chance. */
const MISSED_MIN = 3;
const MISSED_SHARE = 0.05;

interface Counts {
  due: number;
  missed: number;
}

const NOTHING: Counts = { due: 0, missed: 0 };

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
    this.#now = { due: this.#now.due + due, missed: this.#now.missed + missed };
  }

  /** How far it is behind; null where it keeps up. */
  at(now: number): Omit<Behind, "vantage"> | null {
    this.#turn(now);
    const due = this.#now.due + this.#before.due;
    const missed = this.#now.missed + this.#before.missed;
    return missed < MISSED_MIN || missed < MISSED_SHARE * due ? null : { due, missed, since: this.#since };
  }

  #turn(now: number): void {
    const windows = Math.floor((now - this.#windowAt) / WINDOW_MS);
    if (windows === 0) return;
    this.#before = windows === 1 ? this.#now : NOTHING;
    this.#now = NOTHING;
    this.#windowAt += windows * WINDOW_MS;
  }
}
