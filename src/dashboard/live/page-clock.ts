/**
 * The detector's time, carried on by how long it has been since it told it. The browser's own clock may be hours wrong, or be set while
 * the page is open, and says nothing here.
 */
export class PageClock {
  readonly #elapsedMs: () => number;
  #told: number | null = null;
  #at = 0;

  /** `elapsedMs`: since some beginning; never goes back. */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** The detector said `instant` (epoch milliseconds) in the middle of a call that began so long after the beginning. */
  tell(instant: number, beganAtMs: number): void {
    this.#told = instant;
    this.#at = beganAtMs;
  }

  /** Epoch milliseconds; null before it was told. */
  now(): number | null {
    return this.#told === null ? null : this.#told + this.#elapsedMs() - this.#at;
  }
}
