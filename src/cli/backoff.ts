const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
/** Below this a chance draw would be no pause at all. */
const SHORTEST_MS = 100;

/**
 * How long to wait after each failure in a row: full jitter, anything up to 1 s, doubling to 30 s.
 * Full, so that many vantages cut off at once do not come back at once (Brooker, "Exponential
 * Backoff And Jitter", 2015).
 */
export class Backoff {
  readonly #random: () => number;
  readonly #longestMs: number;
  #failures = 0;

  constructor(random: () => number, longestMs = LONGEST_MS) {
    this.#random = random;
    this.#longestMs = longestMs;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** One more failure: milliseconds until the next try. */
  fail(): number {
    const most = Math.min(this.#longestMs, FIRST_MS * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    return Math.max(SHORTEST_MS, this.#random() * most);
  }

  reset(): void {
    this.#failures = 0;
  }
}
