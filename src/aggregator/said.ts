import { Allowances, type Rate } from "./allowances.ts";

/**
 * Messages about one target that are judged one by one, each for a row and perhaps a transition: a process that restarts again and again
 * sends two for each run. A thief with one token could otherwise push out, within minutes, what is kept about all other targets.
 */
export const WORDS: Rate = { most: 20, perSecond: 1 };

/**
 * When each node last sent a heartbeat, the data position that it reports, and how many more of its messages are judged one by one. In
 * memory only.
 */
export class NodeMessages {
  readonly #beats = new Map<string, number>();
  readonly #words = new Allowances();
  readonly #positions = new Map<string, number>();

  /** When the last heartbeat came, in epoch milliseconds; 0 for none. */
  lastBeat(key: string): number {
    return this.#beats.get(key) ?? 0;
  }

  noteBeat(key: string, at: number): void {
    this.#beats.set(key, at);
  }

  /** How far the node's copy of the data reaches; null where the node does not report it. */
  position(key: string): number | null {
    return this.#positions.get(key) ?? null;
  }

  notePosition(key: string, position: number): void {
    this.#positions.set(key, position);
  }

  /** Whether one more message may be judged at once. If so, it is counted. */
  takeWord(key: string, now: number): boolean {
    return this.#words.take(key, 1, WORDS, now);
  }

  forget(key: string): void {
    this.#beats.delete(key);
    this.#positions.delete(key);
    this.#words.forget(key);
  }

  clear(): void {
    this.#beats.clear();
    this.#words.clear();
  }
}
