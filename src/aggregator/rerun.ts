/**
 * A piece of work that runs one at a time. Callers that ask for it while it runs share the next run, which sees all that has changed
 * meanwhile. So no older state follows a newer one, and a thousand changes cost a few runs.
 */
export class Rerun {
  readonly #work: () => Promise<unknown>;
  readonly #limitMs: number;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  /** `limitMs`: a run that takes longer counts as failed, and keeps no other run waiting. */
  constructor(work: () => Promise<unknown>, limitMs: number) {
    this.#work = work;
    this.#limitMs = limitMs;
  }

  /** Settles together with a run that begins now or later. */
  run(): Promise<void> {
    if (this.#running === null && this.#next === null) return this.#start();
    const before = this.#running ?? Promise.resolve();
    this.#next ??= before
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.#start();
      });
    return this.#next;
  }

  #start(): Promise<void> {
    const running = inTime(this.#work(), this.#limitMs).finally(() => {
      this.#running = null;
    });
    this.#running = running;
    return running;
  }
}

const inTime = async (work: Promise<unknown>, limitMs: number): Promise<void> => {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
};
