/** Shows in which of Cloudflare's data centres a request was made: `colo=FRA` among other lines. */
const TRACE_URL = "https://www.cloudflare.com/cdn-cgi/trace";
const TIMEOUT_MS = 2_000;
const REFRESH_EVERY_MS = 6 * 3_600_000;
const RETRY_EVERY_MS = 600_000;

/** The colo's code in the answer of a trace endpoint. */
export const coloIn = (trace: string): string | undefined => /^colo=([A-Z]{3})$/m.exec(trace)?.[1];

/** Asks where this object runs: a location hint says only where it should. Rejects without an answer. */
export const readColo = async (): Promise<string | undefined> => {
  const answer = await fetch(TRACE_URL, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return coloIn(await answer.text());
};

/** The colo as known so far. It may change only when the object is moved, so it is asked for rarely. */
export class Colo {
  #code: string | undefined;
  #askAgainAt = -Infinity;
  readonly #now: () => number;
  readonly #read: () => Promise<string | undefined>;

  /** `now`: epoch milliseconds; `inherited`: what a predecessor knew. */
  constructor(now: () => number, read: () => Promise<string | undefined>, inherited: string | undefined) {
    this.#now = now;
    this.#read = read;
    this.#code = inherited;
  }

  /** Undefined until it could be read. */
  get code(): string | undefined {
    return this.#code;
  }

  /** Asks for the colo if it is time to. Never rejects; without an answer the last colo stays. */
  async refresh(): Promise<void> {
    const now = this.#now();
    // An instant further ahead than it was ever set means that the clock was set back since, so it is ignored.
    if (now < this.#askAgainAt && this.#askAgainAt <= now + REFRESH_EVERY_MS) return;
    this.#askAgainAt = now + REFRESH_EVERY_MS;
    const code = await this.#read().catch(() => undefined);
    if (code === undefined) this.#askAgainAt = now + RETRY_EVERY_MS;
    else this.#code = code;
  }
}
