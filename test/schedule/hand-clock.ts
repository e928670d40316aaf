import type { Clock } from "../../src/schedule/clock.ts";

interface Timer {
  at: number;
  task: () => void;
}

// A timer of 0 ms takes a millisecond, and a test turns thousands of steps. workerd has nothing quicker.
const { setImmediate: soon = setTimeout } = globalThis as { setImmediate?: (task: () => void) => unknown };

/** Runs everything that is ready, without letting time pass. */
export const settle = (): Promise<void> => new Promise((resolve) => void soon(() => resolve()));

/** A clock that stands still until a test turns it. */
export class HandClock implements Clock {
  #now: number;
  #timers: Timer[] = [];

  constructor(startMs: number) {
    this.#now = startMs;
  }

  readonly now = (): number => this.#now;

  readonly after = (ms: number, task: () => void): (() => void) => {
    const timer = { at: this.#now + ms, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** The number of timers that would still keep an object awake. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** Drops all timers, which die with the object that waits. */
  forget(): void {
    this.#timers = [];
  }

  /** Sets the clock by `shiftMs`. Timers still take as long as they would have. */
  set(shiftMs: number): void {
    this.#now += shiftMs;
    for (const timer of this.#timers) timer.at += shiftMs;
  }

  /** The machine is busy for `ms`: timers due meanwhile ring late, in their order. */
  stall(ms: number): void {
    this.#now += ms;
  }

  /** Passes `ms`, stopping at each timer on the way, so that the timer's task sees the right time. */
  async turn(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    while (await this.#step(end));
    this.#now = end;
  }

  /** Passes only as much time as `work` needs to settle. */
  async finish<T>(work: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = work.then(
      () => (isSettled = true),
      () => (isSettled = true),
    );
    await settle();
    while (!isSettled && (await this.#step(Infinity)));
    if (!isSettled) throw new Error("no timer is left that could settle this");
    await settled;
    return work;
  }

  async #step(end: number): Promise<boolean> {
    const due = this.#next(end);
    if (due === undefined) return false;
    this.#timers = this.#timers.filter((timer) => timer !== due);
    this.#now = Math.max(this.#now, due.at);
    due.task();
    await settle();
    return true;
  }

  #next(end: number): Timer | undefined {
    const due = this.#timers.filter((timer) => timer.at <= end);
    return due.toSorted((a, b) => a.at - b.at)[0];
  }
}
