/** The truth: from when to when a target's process did not live. The lab ended and started it, so it knows. */

/** After a process is started again, the detector may report its death for this long: until a vantage has looked. */
export const WITHDRAWN_WITHIN_MS = 3_000;

interface Span {
  from: number;
  /** Infinity while it lasts. */
  to: number;
}

export class Truth {
  readonly #deaths: Span[] = [];

  /** The process has ended. Instants are epoch milliseconds. */
  died(at: number): void {
    this.#deaths.push({ from: at, to: Infinity });
  }

  /** The process listens again. */
  revived(at: number): void {
    for (const span of this.#deaths) if (span.to === Infinity) span.to = at;
  }

  /** Whether its process was gone at some moment between request and answer, or had been until just before. */
  excuses({ asked, answered }: { asked: number; answered: number }): boolean {
    return this.#deaths.some(({ from, to }) => answered >= from && asked <= to + WITHDRAWN_WITHIN_MS);
  }
}
