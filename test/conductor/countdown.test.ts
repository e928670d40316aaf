import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { Countdown } from "../../src/conductor/countdown.ts";

/** Timers as bad as workerd's can be: each rings when the wall clock, which somebody may set, reaches the timer's instant. */
class Machine {
  #monotonic = 0;
  #aheadMs = 0;
  #timers = new Map<number, { due: number; done: () => void }>();
  #nth = 0;

  constructor() {
    vi.stubGlobal("setTimeout", (done: () => void, ms: number) => {
      this.#nth += 1;
      this.#timers.set(this.#nth, { due: this.#monotonic + this.#aheadMs + ms, done });
      return this.#nth;
    });
    vi.stubGlobal("clearTimeout", (timer: number) => this.#timers.delete(timer));
  }

  get waits(): boolean {
    return this.#timers.size > 0;
  }

  set(byMs: number): void {
    this.#aheadMs += byMs;
  }

  /** Lets time pass until the next timer rings, or until `until`. Returns the monotonic time, which nobody can set. */
  next(until = Infinity): number {
    const [first] = [...this.#timers].toSorted(([, a], [, b]) => a.due - b.due);
    const at = Math.max(this.#monotonic, (first?.[1].due ?? Infinity) - this.#aheadMs);
    if (first === undefined || at > until) return (this.#monotonic = until);
    this.#monotonic = at;
    this.#timers.delete(first[0]);
    first[1].done();
    return at;
  }
}

afterEach(() => vi.unstubAllGlobals());

test("has never run out before its time, whenever and however far the clock is set forward, and does soon after it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 300_000 }),
      fc.double({ min: 0, max: 1.2, noNaN: true }),
      fc.integer({ min: 0, max: 7_200_000 }),
      (leaseMs, part, byMs) => {
        const machine = new Machine();
        const end = vi.fn();
        void new Countdown(leaseMs, end);
        let now = 0;
        const setAt = part * leaseMs;
        while (now < setAt && machine.waits) now = machine.next(setAt);
        machine.set(byMs);
        while (machine.waits) now = machine.next();
        expect(end).toHaveBeenCalledOnce();
        expect(now).toBeGreaterThanOrEqual(leaseMs * 1.05);
        expect(now).toBeLessThanOrEqual(leaseMs * 1.1 + 22);
      },
    ),
  );
});

test("one that was stopped never ends", () => {
  const machine = new Machine();
  const end = vi.fn();
  const count = new Countdown(1_000, end);
  machine.next();
  count.stop();
  expect(machine.waits).toBe(false);
  expect(end).not.toHaveBeenCalled();
});
