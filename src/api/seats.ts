/** A seat nobody has renewed for so long is free: a client that goes away takes its request's code with it, unannounced. */
const LEASE_MS = 40_000;

/** How many streams an isolate holds at once. Taken by lease, since nobody can be relied on to give a seat back. */
export class Seats {
  readonly #taken = new Map<symbol, number>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A seat, or null where there is none. */
  take(now: number): symbol | null {
    for (const [seat, renewedAt] of this.#taken) if (now - renewedAt > LEASE_MS) this.#taken.delete(seat);
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
}
