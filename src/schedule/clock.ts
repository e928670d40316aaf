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
