/**
 * The detector's time: its last answer, plus the time elapsed since then. The browser's own clock is not used: it may be hours wrong, or be
 * set while the page is open.
 */
export class PageClock {
  readonly #elapsedMs: () => number;
  #told: number | null = null;
  #at = 0;

  /** `elapsedMs`: milliseconds since some fixed beginning; never goes back. */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** The detector gave `instant` (epoch milliseconds) at about `beganAtMs` after the beginning, the middle of the call. */
  tell(instant: number, beganAtMs: number): void {
    this.#told = instant;
    this.#at = beganAtMs;
  }

  /** Epoch milliseconds; null before the detector has given its time. */
  now(): number | null {
    return this.#told === null ? null : this.#told + this.#elapsedMs() - this.#at;
  }
}
