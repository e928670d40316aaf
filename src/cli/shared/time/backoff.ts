/** Below this a chance draw would be no pause at all. */
const SHORTEST_MS = 100;
/** A failure that lasts is logged again after so many tries. */
const TELL_EVERY = 20;

interface Range {
  /** The most to wait after the first failure. */
  firstMs: number;
  /** The most to wait after any. */
  longestMs: number;
}

/**
 * How long to wait after each failure in a row: full jitter, anything up to the first, doubling to the
 * longest. Full, so that many cut off at once do not come back at once (Brooker, "Exponential Backoff
 * And Jitter", 2015).
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
