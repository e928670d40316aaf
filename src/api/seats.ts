import { ageMs } from "./age.ts";

/** Who is there renews the seat every second or two. */
const LEASE_MS = 6_000;
const CROWDED = 0.75;

interface Seat {
  /** Whose it is: the text of a token. */
  by: string;
  renewedAt: number;
}

/**
 * How many streams, or requests of one kind, an isolate holds at once. Taken by lease: a client that goes away takes its request's code with
 * it, so nobody can be relied on to give a seat back. Where all are taken, those that have not been renewed for a lease are free; and where none is, the token
 * that has most gives its oldest to one that has fewer, so that no token keeps another out (max-min fairness).
 */
export class Seats {
  /** The oldest first. */
  readonly #taken = new Map<symbol, Seat>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Most seats are taken, perhaps by some who have gone. */
  get isCrowded(): boolean {
    return this.#taken.size >= this.#limit * CROWDED;
  }

  /** A seat, or null where there is none. */
  take(by: string, now: number): symbol | null {
    if (this.#taken.size >= this.#limit) this.#clear(now);
    if (this.#taken.size >= this.#limit && !this.#yield(by)) return null;
    const seat = Symbol("seat");
    this.#taken.set(seat, { by, renewedAt: now });
    return seat;
  }

  /** Keeps a seat; false where it has been lost. */
  renew(seat: symbol, now: number): boolean {
    const known = this.#taken.get(seat);
    if (known === undefined) return false;
    known.renewedAt = now;
    return true;
  }

  leave(seat: symbol): void {
    this.#taken.delete(seat);
  }

  #clear(now: number): void {
    for (const [seat, { renewedAt }] of this.#taken)
      if (ageMs(renewedAt, now) > LEASE_MS) this.#taken.delete(seat);
  }

  /** Takes the oldest seat from the token that has most; false where `by` would then have more than that token. */
  #yield(by: string): boolean {
    const counts = new Map<string, number>();
    for (const seat of this.#taken.values()) counts.set(seat.by, (counts.get(seat.by) ?? 0) + 1);
    const [greediest, most] = [...counts].reduce((one, other) => (other[1] > one[1] ? other : one), ["", 0]);
    if ((counts.get(by) ?? 0) + 1 > most - 1) return false;
    const oldest = [...this.#taken].find(([, seat]) => seat.by === greediest);
    return oldest !== undefined && this.#taken.delete(oldest[0]);
  }
}
