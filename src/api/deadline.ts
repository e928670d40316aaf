/** What `within` rejects with when time is up. */
class DeadlineError extends Error {
  constructor(limitMs: number) {
    super(`no answer within ${limitMs} ms`);
    this.name = "DeadlineError";
  }
}

/** The result of `work`, or a DeadlineError after `limitMs`. What `work` does later is ignored. */
export const within = async <T>(limitMs: number, work: PromiseLike<T>): Promise<T> => {
  let timer: number | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(limitMs)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
