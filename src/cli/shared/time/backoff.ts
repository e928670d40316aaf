/** The least pause: a shorter random one would be no pause at all. */
const SHORTEST_MS = 100;
/** A lasting failure is logged again after this many tries. */
const TELL_EVERY = 20;

interface Range {
  /** The most to wait after the first failure. */
  firstMs: number;
  /** The most to wait after any failure. */
  longestMs: number;
}

/**
 * How long to wait after each failure in a row: full jitter, a random time up to the first limit, which doubles up to the longest. Full, so
 * that clients that were cut off together do not come back at once (Brooker, "Exponential Backoff And Jitter", 2015).
 */
export class Backoff {
  readonly #random: () => number;
  readonly #range: Range;
  #failures = 0;

  constructor(random: () => number, range: Range) {
    this.#random = random;
    this.#range = range;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether the newest failure is worth a line of log. */
  get isTelling(): boolean {
    return this.#failures % TELL_EVERY === 1;
  }

  /** One more failure: milliseconds until the next try. */
  fail(): number {
    const { firstMs, longestMs } = this.#range;
    const mostMs = Math.min(longestMs, firstMs * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    return Math.max(SHORTEST_MS, this.#random() * mostMs);
  }

  reset(): void {
    this.#failures = 0;
  }
}
