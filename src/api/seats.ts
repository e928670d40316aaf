import { ageMs } from "./age.ts";

/** Who is there renews the seat every second or two. */
const LEASE_MS = 6_000;
const CROWDED = 0.75;

/**
 * How many streams, or requests of one kind, an isolate holds at once. Taken by lease: a client that goes away takes its request's code with
 * it, so nobody can be relied on to give a seat back. Where all are taken, those not renewed of late are free.
 */
export class Seats {
  readonly #taken = new Map<symbol, number>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Most seats are taken, perhaps by some who have gone. */
  get isCrowded(): boolean {
    return this.#taken.size >= this.#limit * CROWDED;
  }

  /** A seat, or null where there is none. */
  take(now: number): symbol | null {
    if (this.#taken.size >= this.#limit) this.#clear(now);
    if (this.#taken.size >= this.#limit) return null;
    const seat = Symbol("seat");
    this.#taken.set(seat, now);
    return seat;
  }

  /** Keeps a seat; false where it has been lost. */
  renew(seat: symbol, now: number): boolean {
    if (!this.#taken.has(seat)) return false;
    this.#taken.set(seat, now);
    return true;
  }

  leave(seat: symbol): void {
    this.#taken.delete(seat);
  }

  #clear(now: number): void {
    for (const [seat, renewedAt] of this.#taken)
      if (ageMs(renewedAt, now) > LEASE_MS) this.#taken.delete(seat);
  }
}
