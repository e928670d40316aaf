/** The error that `within` rejects with when time is up. */
export class DeadlineError extends Error {
  constructor(limitMs: number) {
    super(`no answer within ${limitMs} ms`);
    this.name = "DeadlineError";
  }
}

/**
 * The result of `work`, or a DeadlineError after `limitMs`. What `work` does later is ignored. One promise by
 * hand, not a race: every read of a verdict comes through here.
 */
export const within = <T>(limitMs: number, work: PromiseLike<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DeadlineError(limitMs)), limitMs);
    work.then(
      (result) => {
        clearTimeout(timer);
        resolve(result);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error as Error);
      },
    );
  });

/** Resolves after this time. */
export const pauseFor = (durationMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
