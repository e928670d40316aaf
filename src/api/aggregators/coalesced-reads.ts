import { ageMs } from "./age.ts";
import { DeadlineError, pauseFor, within } from "./within.ts";

/**
 * For so long others may join a call under way, and so long one who joined waits for it. A call belongs to the
 * request that made it: where that client goes away the platform cancels it, and nothing ever comes of it.
 */
const JOINED_MS = 300;
/** How often one who joined looks whether the call has come back: soon at first, then less often. */
const FIRST_LOOK_MS = 1;
const LONGEST_LOOK_MS = 16;
/** Calls whose requests were cancelled stay listed; they are swept when so many are. */
const SWEPT_AT = 1_000;

type Outcome = { ok: true; value: unknown } | { ok: false; error: unknown };

interface Flight {
  at: number;
  outcome: Outcome | undefined;
}

/**
 * Calls under way in one isolate, so that concurrent readers of one thing share one. Results and errors are
 * shared with those who have joined and with nobody else: nothing is kept once a call has come back.
 *
 * Who joins looks for the result on timers of their own. Rejected: awaiting another request's promise. Under load workerd
 * sometimes resumed in the other request's context (docs/adr/0006-no-shared-promises.md).
 */
export class CoalescedReads {
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
      : this.#join(joined, key, limitMs, call);
  }

  #joinable(key: string, now: number): Flight | undefined {
    const flight = this.#underWay.get(key);
    return flight !== undefined && ageMs(flight.at, now) < JOINED_MS ? flight : undefined;
  }

  async #start<T>(key: string, at: number, call: () => Promise<T>): Promise<T> {
    if (this.#underWay.size >= SWEPT_AT) this.#sweep(at);
    const flight: Flight = { at, outcome: undefined };
    // In the order in which they began: what is old comes first.
    this.#underWay.delete(key);
    this.#underWay.set(key, flight);
    try {
      const value = await call();
      flight.outcome = { ok: true, value };
      return value;
    } catch (error) {
      flight.outcome = { ok: false, error };
      throw error;
    } finally {
      if (this.#underWay.get(key) === flight) this.#underWay.delete(key);
    }
  }

  async #join<T>(first: Flight, key: string, limitMs: number, call: () => Promise<T>): Promise<T> {
    const begun = Date.now();
    for (let joined = first; ;) {
      const outcome = await lookFor(joined, Math.min(JOINED_MS, limitMs - ageMs(begun)));
      if (outcome?.ok === true) return outcome.value as T;
      if (outcome?.ok === false) throw outcome.error as Error;
      const now = Date.now();
      const left = limitMs - ageMs(begun, now);
      if (left <= 0) throw new DeadlineError(limitMs);
      const newer = this.#joinable(key, now);
      if (newer === undefined) return await within(left, this.#start(key, now, call));
      joined = newer;
    }
  }

  #sweep(now: number): void {
    for (const [key, { at }] of this.#underWay) {
      if (ageMs(at, now) < JOINED_MS) return;
      this.#underWay.delete(key);
    }
  }
}

/** What has come of a call within this time, or undefined. */
const lookFor = async (flight: Flight, forMs: number): Promise<Outcome | undefined> => {
  const begun = Date.now();
  for (
    let lookMs = FIRST_LOOK_MS;
    flight.outcome === undefined;
    lookMs = Math.min(2 * lookMs, LONGEST_LOOK_MS)
  ) {
    const left = forMs - ageMs(begun);
    if (left <= 0) return undefined;
    await pauseFor(Math.min(lookMs, left));
  }
  return flight.outcome;
};
