/**
 * Counts how long a lease has surely lasted, whatever becomes of the machine's clock meanwhile. workerd has no monotonic clock to read, and
 * its timers are not one: each waits for an instant of the wall clock, and what is left until then is reckoned anew by the wall clock whenever
 * another timer of the object ends before it (its io-context.c++, `resetTimerTask`, and server.c++, `atTime`). One timer for a whole lease
 * ends by so much too soon as the clock was set forward: measured, 4 s after 2.0 s where it was set forward by 2 s, and after 1.8 s by 30 s. So it is counted in parts, each by a timer of its own, begun when the one before it
 * has ended: a clock that is set forward takes from the part under way alone.
 */

/** Parts of one lease. Each costs a turn of the object, and the more there are the less a step of the clock can take. */
const PARTS = 20;
/**
 * The holder counts from the sending of its request, we from the receipt: one part more, a twentieth, for clocks that run apart, which is far
 * more than they do; and one for a clock that is set.
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
