/**
 * Time as an argument: the same code runs in a Durable Object, in Node.js and under a clock that
 * tests turn by hand.
 */
export interface Clock {
  /** Epoch milliseconds. */
  now: () => number;
  /** Runs `task` once after `ms`; the answer cancels it. A forgotten timer would keep an object awake. */
  after: (ms: number, task: () => void) => () => void;
}

/** A clock that goes back by less than this is being corrected; the instants it gives stand still meanwhile. */
const CORRECTED_MS = 100;

/**
 * The same clock, with each step back reported: when the clock has been set back, `onSetBack` gets the smallest possible step (a negative
 * time, in milliseconds) before the clock gives its first instant after the step. A caller that remembers instants can shift them by it.
 */
export const heedful = (clock: Clock, onSetBack: (shiftMs: number) => void): Clock => {
  let last = -Infinity;
  return {
    after: clock.after,
    now: () => {
      const now = clock.now();
      const shiftMs = now - last;
      if (shiftMs < 0 && shiftMs > -CORRECTED_MS) return last;
      last = now;
      if (shiftMs < 0) onSetBack(shiftMs);
      return now;
    },
  };
};

/** True as soon as `work` has settled, false if it has not within `ms`. Never rejects, leaves no timer. */
export const settledWithin = (clock: Clock, work: Promise<unknown>, ms: number): Promise<boolean> =>
  new Promise((resolve) => {
    const cancel = clock.after(Math.max(0, ms), () => resolve(false));
    const settle = (): void => {
      cancel();
      resolve(true);
    };
    work.then(settle, settle);
  });
