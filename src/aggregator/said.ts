import { Allowances, type Rate } from "./allowances.ts";

/**
 * Words of one target that are judged by themselves, each for a row and perhaps a transition: a process that is started again and again
 * says two a run. A thief with one token could otherwise push out, within minutes, what is kept of all other targets.
 */
export const WORDS: Rate = { most: 20, perSecond: 1 };

/** When each node was last heard, how far it says that it is, and how many more words of it are judged by themselves. In memory alone. */
export class NodeMessages {
  readonly #beats = new Map<string, number>();
  readonly #words = new Allowances();
  readonly #positions = new Map<string, number>();

  /** The last heartbeat, epoch milliseconds; 0 for none. */
  lastBeat(key: string): number {
    return this.#beats.get(key) ?? 0;
  }

  noteBeat(key: string, at: number): void {
    this.#beats.set(key, at);
  }

  /** How far its copy of the data reaches; null where it does not say. */
  position(key: string): number | null {
    return this.#positions.get(key) ?? null;
  }

  notePosition(key: string, position: number): void {
    this.#positions.set(key, position);
  }

  /** Whether one more word may be judged at once, and then it is counted. */
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
