/** What is really so: from when to when a target's process did not live. The lab did it, so it knows. */

/** After a process is started again its death may be told of for so long: until somebody has looked. */
export const WITHDRAWN_WITHIN_MS = 3_000;

interface Span {
  from: number;
  /** Infinity while it lasts. */
  to: number;
}

export class Truth {
  readonly #deaths: Span[] = [];

  /** Its process has ended. Instants are epoch milliseconds. */
  died(at: number): void {
    this.#deaths.push({ from: at, to: Infinity });
  }

  /** It listens again. */
  revived(at: number): void {
    for (const span of this.#deaths) if (span.to === Infinity) span.to = at;
  }

  /** Whether its process was gone at some moment of an answer's way, or had been until just before. */
  excuses({ asked, answered }: { asked: number; answered: number }): boolean {
    return this.#deaths.some(({ from, to }) => answered >= from && asked <= to + WITHDRAWN_WITHIN_MS);
  }
}
