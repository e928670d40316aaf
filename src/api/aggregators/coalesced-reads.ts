import { ageMs } from "./age.ts";
import { DeadlineError, pauseFor, within } from "./within.ts";

/**
 * How long other requests may join a call under way, and how long a request that joined waits for it. A call belongs to the request that
 * made it: when that client goes away the platform cancels the call, and it never settles.
 */
const JOINED_MS = 300;
/** How often a request that joined looks whether the call has come back: soon at first, then less often. */
const FIRST_LOOK_MS = 1;
const LONGEST_LOOK_MS = 16;
/** Calls whose requests were cancelled stay listed. Once the list has this many calls, they are swept. */
const SWEPT_AT = 1_000;

type Outcome = { ok: true; value: unknown } | { ok: false; error: unknown };

interface Flight {
  at: number;
  outcome: Outcome | undefined;
}

/**
 * Calls under way in one isolate, so that concurrent readers of one thing share one call. The requests that have joined share its result or
 * error. Nothing is kept for later requests once a call has come back.
 *
 * A request that joined looks for the result on timers of its own. Rejected: awaiting another request's promise. Under load workerd
 * sometimes resumed in the other request's context (docs/adr/0006-no-shared-promises.md).
 */
export class CoalescedReads {
  readonly #underWay = new Map<string, Flight>();

  /** Calls under way, or cancelled and not swept yet. */
  get size(): number {
    return this.#underWay.size;
  }

  /**
   * The result of `call`, or of the same call that another request has under way. Rejects as the call does, or with a DeadlineError after
   * `limitMs`. A request that joined in vain tries again while there is time.
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
    // In the order in which they began, the oldest first.
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

/** The outcome of a call within this time, or undefined. */
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
