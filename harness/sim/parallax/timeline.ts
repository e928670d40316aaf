import type { Clock } from "../../../src/schedule/clock.ts";

interface Entry {
  at: number;
  order: number;
  task: (() => void) | undefined;
}

/**
 * Virtual time: what is to happen, by instant, then in the order it was asked for. Between two
 * tasks all promises settle, so that code written for real clocks runs unchanged.
 */
export class Timeline {
  now: number;
  #order = 0;
  /** A binary heap. */
  readonly #heap: Entry[] = [];

  constructor(now: number) {
    this.now = now;
  }

  /** Runs `task` at `at`, or as soon as possible after; the answer cancels it. */
  at(at: number, task: () => void): () => void {
    const entry: Entry = { at: Math.max(this.now, Math.ceil(at)), order: this.#order++, task };
    this.#push(entry);
    return () => {
      entry.task = undefined;
    };
  }

  /** This time as a clock that is ahead by `skewMs`. */
  clock(skewMs: number): Clock {
    return {
      now: () => this.now + skewMs,
      after: (ms, task) => this.at(this.now + Math.max(0, ms), task),
    };
  }

  /** Lets everything happen up to and including `until`. */
  async run(until: number): Promise<void> {
    await settled();
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      if (next.task === undefined) continue;
      this.now = next.at;
      next.task();
      await settled();
    }
    this.now = until;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, heap[parent] as Entry)) break;
      heap[index] = heap[parent] as Entry;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
      if (!isBefore(heap[child] as Entry, last)) break;
      heap[index] = heap[child] as Entry;
      index = child;
    }
    heap[index] = last;
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Settles once no promise has anything left to do. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
