/** How many targets' last answers an isolate keeps: a few kilobytes each, of its 128 MB. */
const MAX_REMEMBERED = 2_000;

/**
 * The last answers that this isolate saw, by key: for the moments in which the aggregator does not answer, and where a short age is
 * allowed. Bounded; the first remembered goes first.
 */
export class Memory<T> {
  readonly #answers = new Map<string, T>();
  readonly #limit: number;

  constructor(limit = MAX_REMEMBERED) {
    this.#limit = limit;
  }

  recall(key: string): T | undefined {
    return this.#answers.get(key);
  }

  remember(key: string, answer: T): void {
    this.#answers.set(key, answer);
    if (this.#answers.size <= this.#limit) return;
    const [oldest] = this.#answers.keys();
    if (oldest !== undefined) this.#answers.delete(oldest);
  }

  forget(key: string): void {
    this.#answers.delete(key);
  }
}
