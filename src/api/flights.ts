import { DeadlineError, within } from "./deadline.ts";

/**
 * For so long others may join a call under way, and so long one who joined waits for it. A call belongs to the
 * request that made it: where that client goes away the platform cancels it, and its promise never settles.
 */
const JOINED_MS = 300;
/** Calls whose requests were cancelled stay listed; they are swept when so many are. */
const SWEPT_AT = 1_000;

interface Flight {
  at: number;
  work: Promise<unknown>;
}

/**
 * Calls under way in one isolate, so that concurrent readers of one thing share one. Results and errors are
 * shared with those who have joined and with nobody else: nothing is kept once a call has come back.
 */
export class Flights {
  readonly #underWay = new Map<string, Flight>();

  /** Calls under way, or cancelled and not swept yet. */
  get size(): number {
    return this.#underWay.size;
  }

  /**
   * The result of `call`, or of the same call of somebody else under way; rejects as it does, or with a
   * DeadlineError after `limitMs`. Who joined in vain asks again itself while there is time.
   */
  share<T>(key: string, limitMs: number, call: () => Promise<T>): Promise<T> {
    const now = Date.now();
    const joined = this.#joinable(key, now);
    return joined === undefined
      ? within(limitMs, this.#start(key, now, call))
      : this.#join(joined as Promise<T>, key, now + limitMs, call);
  }

  #joinable(key: string, now: number): Promise<unknown> | undefined {
    const flight = this.#underWay.get(key);
    return flight !== undefined && now - flight.at < JOINED_MS ? flight.work : undefined;
  }

  #start<T>(key: string, at: number, call: () => Promise<T>): Promise<T> {
    if (this.#underWay.size >= SWEPT_AT) this.#sweep(at);
    const flight: Flight = { at, work: Promise.resolve() };
    const work = this.#fly(key, flight, call);
    flight.work = work;
    // In the order in which they began: what is old comes first.
    this.#underWay.delete(key);
    this.#underWay.set(key, flight);
    return work;
  }

  async #fly<T>(key: string, flight: Flight, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } finally {
      if (this.#underWay.get(key) === flight) this.#underWay.delete(key);
    }
  }

  async #join<T>(first: Promise<T>, key: string, deadline: number, call: () => Promise<T>): Promise<T> {
    let joined = first;
    for (;;) {
      const waitMs = Math.min(JOINED_MS, deadline - Date.now());
      try {
        return await within(waitMs, joined);
      } catch (error) {
        if (!(error instanceof DeadlineError)) throw error;
        const now = Date.now();
        if (now >= deadline) throw error;
        const newer = this.#joinable(key, now);
        if (newer === undefined) return await within(deadline - now, this.#start(key, now, call));
        joined = newer as Promise<T>;
      }
    }
  }

  #sweep(now: number): void {
    for (const [key, { at }] of this.#underWay) {
      if (now - at < JOINED_MS) return;
      this.#underWay.delete(key);
    }
  }
}
