/** A place in the line for a slot. */
export interface Ticket {
  /** True once the slot is held, false once the wait was given up. */
  granted: Promise<boolean>;
  /** Gives up the wait; without effect once granted. */
  withdraw: () => void;
}

interface Waiting {
  order: number;
  decide: (granted: boolean) => void;
}

/**
 * A counting semaphore. Workers let six connections of an invocation wait at once and queue the
 * seventh silently, which would eat its timeout: so the line stands here, where a probe's clock does
 * not run yet. Lowest `order` first, equals in the order they came.
 */
export class Slots {
  #free: number;
  readonly #waiting: Waiting[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Whoever is granted a slot calls `release` exactly once. */
  request(order: number): Ticket {
    let decide: Waiting["decide"] = () => undefined;
    const granted = new Promise<boolean>((resolve) => {
      decide = resolve;
    });
    const waiting: Waiting = { order, decide };
    const after = this.#waiting.findIndex((other) => other.order > order);
    this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, waiting);
    this.#serve();
    return { granted, withdraw: () => this.#withdraw(waiting) };
  }

  release(): void {
    this.#free += 1;
    this.#serve();
  }

  /** Runs `task` while holding a slot. */
  async hold<T>(order: number, task: () => Promise<T>): Promise<T> {
    await this.request(order).granted;
    try {
      return await task();
    } finally {
      this.release();
    }
  }

  #serve(): void {
    while (this.#free > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#free -= 1;
      next.decide(true);
    }
  }

  #withdraw(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    waiting.decide(false);
  }
}
