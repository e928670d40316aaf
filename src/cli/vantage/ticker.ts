import type { Clock } from "../../schedule/clock.ts";
import { faultsTo, type Log } from "../shared/output/log.ts";

interface TickerOwner {
  /** When the next tick is due, epoch milliseconds; undefined while none is. */
  nextAt: () => number | undefined;
  tick: () => Promise<void>;
}

/** Ticks when it is time, one tick at a time. */
export class Ticker {
  readonly #clock: Clock;
  readonly #owner: TickerOwner;
  readonly #log: Log;
  /** Ticks done. */
  count = 0;
  #isOn = false;
  #isTicking = false;
  #cancel = (): void => undefined;

  constructor(clock: Clock, log: Log, owner: TickerOwner) {
    this.#clock = clock;
    this.#log = log;
    this.#owner = owner;
  }

  start(): void {
    this.#isOn = true;
    this.rearm();
  }

  stop(): void {
    this.#isOn = false;
    this.#cancel();
  }

  /** Sets the timer again, since the time of the next tick may have changed. */
  rearm(): void {
    if (!this.#isOn || this.#isTicking) return;
    this.#cancel();
    const at = this.#owner.nextAt();
    if (at === undefined) return;
    this.#cancel = this.#clock.after(Math.max(0, at - this.#clock.now()), () => void this.#tick());
  }

  async #tick(): Promise<void> {
    this.#isTicking = true;
    try {
      await this.#owner.tick();
      this.count += 1;
    } catch (cause) {
      faultsTo(this.#log)(cause);
    } finally {
      this.#isTicking = false;
    }
    this.rearm();
  }
}
