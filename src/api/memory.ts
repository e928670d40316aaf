/** How many targets' last answers an isolate keeps: a few kilobytes each, of its 128 MB. */
const MAX_REMEMBERED = 2_000;

/**
 * The last answer of each target that this isolate saw, for the moments in which the aggregator
 * does not answer. Bounded; the first remembered goes first.
 */
export class Memory {
  readonly #answers = new Map<string, string>();
  readonly #limit: number;

  constructor(limit = MAX_REMEMBERED) {
    this.#limit = limit;
  }

  recall(key: string): string | undefined {
    return this.#answers.get(key);
  }

  remember(key: string, answer: string): void {
    this.#answers.set(key, answer);
    if (this.#answers.size <= this.#limit) return;
    const [oldest] = this.#answers.keys();
    if (oldest !== undefined) this.#answers.delete(oldest);
  }

  forget(key: string): void {
    this.#answers.delete(key);
  }
}
