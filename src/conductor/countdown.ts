/**
 * Counts how long a lease has surely lasted, whatever happens to the machine's clock meanwhile. workerd has no monotonic clock to read, and
 * its timers are not monotonic either: each waits for an instant of the wall clock, and whenever another timer of the object ends first,
 * workerd recomputes the remaining time by the wall clock (its io-context.c++, `resetTimerTask`, and server.c++, `atTime`). A single timer
 * for a whole lease therefore ends early by as much as the clock was set forward: measured, a timer of 4 s ended after 2.0 s when the clock
 * was set forward by 2 s, and after 1.8 s when it was set forward by 30 s. So the lease is counted in parts, each by its own timer, started
 * when the part before it has ended: a clock that is set forward shortens only the part under way.
 */

/** Parts of one lease. Each costs a turn of the object. The more parts there are, the less a step of the clock can shorten the lease. */
const PARTS = 20;
/**
 * The holder counts from the sending of its request, we from its receipt. One more part, a twentieth, covers clocks that run at different
 * speeds, which is far more than they differ; the other covers a clock that is set.
 */
const MORE_PARTS = 2;

/** A count under way. */
export interface Count {
  stop(): void;
}

export class Countdown implements Count {
  readonly #partMs: number;
  readonly #end: () => void;
  #timer: ReturnType<typeof setTimeout>;

  /** Calls `end` once `durationMs` have surely passed. */
  constructor(durationMs: number, end: () => void) {
    this.#partMs = Math.ceil(durationMs / PARTS);
    this.#end = end;
    this.#timer = this.#count(PARTS + MORE_PARTS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #count(left: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      if (left > 1) this.#timer = this.#count(left - 1);
      else this.#end();
    }, this.#partMs);
  }
}
