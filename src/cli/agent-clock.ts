interface Sources {
  /** Milliseconds that only rise. */
  monotonic: () => number;
  /** Epoch milliseconds, as the machine believes. */
  wall: () => number;
}

const SYSTEM: Sources = { monotonic: () => performance.now(), wall: () => Date.now() };

/**
 * The detector's time. The machine's own is read once, at the start: from there a monotonic clock goes
 * on, and each answer corrects it, so that a wall clock stepped by an hour moves nothing.
 */
export class Clock {
  readonly #monotonic: () => number;
  #offsetMs: number;

  constructor({ monotonic, wall }: Sources = SYSTEM) {
    this.#monotonic = monotonic;
    this.#offsetMs = wall() - monotonic();
  }

  /** A reading that only rises, in milliseconds: no instant yet. */
  read(): number {
    return this.#monotonic();
  }

  /** Epoch milliseconds of a reading, by what is known now. */
  instantOf(reading: number): number {
    return Math.round(reading + this.#offsetMs);
  }

  /**
   * The detector said `at` between two readings of ours. That bounds the offset; within the bounds the
   * offset stays, so that a slow answer spoils nothing a fast one told (Marzullo's intersection).
   */
  learn(at: number, sent: number, received: number): void {
    this.#offsetMs = Math.min(at - sent, Math.max(at - received, this.#offsetMs));
  }
}
