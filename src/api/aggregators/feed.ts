import type { TransitionPage } from "../../domain/rpc.ts";
import { ageMs } from "./age.ts";
import { readShard, type Deployment } from "./shard-calls.ts";

/** Transitions per call. */
const PAGE = 200;
/** How many of a shard's newest transitions an isolate remembers for all its streams. */
const REMEMBERED = 1_000;
const FRESH_MS = 900;
/** A stream that began to read and has not come back by now will not: its client is gone, and its reading with it. */
const READING_MS = 1_500;

/** A shard's newest transitions: everything after `start` up to `next`. */
interface Tail {
  start: string;
  events: TransitionPage["events"];
  next: string;
  readAt: number;
  readingSince: number;
}

const EMPTY = { events: [], isGap: false } as const;

/**
 * What the streams of one isolate read from the shards. Where several streams are at the end, as nearly all are, one of them reads for all,
 * once a second. A stream that is behind reads for itself. Streams share plain values and never a promise: a promise that belongs to
 * another request may never settle.
 */
export class Feed {
  readonly #tails = new Map<number, Tail>();

  /** A shard's transitions after a place, or from its end for null. Rejects with ApiError `unavailable`. */
  async after(at: Deployment, shard: number, place: string | null): Promise<TransitionPage> {
    const tail = this.#tails.get(shard);
    const known = tail === undefined || place === null ? null : eventsAfter(tail, place);
    if (tail === undefined || known === null) return this.#readAlone(at, shard, place);
    const now = Date.now();
    const isBusy = ageMs(tail.readAt, now) < FRESH_MS || ageMs(tail.readingSince, now) < READING_MS;
    if (known.length > 0 || isBusy) return pageOf(tail, known);
    return this.#readForAll(at, shard, tail);
  }

  async #readAlone(at: Deployment, shard: number, place: string | null): Promise<TransitionPage> {
    const page = await readShard(at, shard, (a) => a.transitionsAfter(place, PAGE));
    const tail = this.#tails.get(shard);
    const isOld = tail === undefined || ageMs(tail.readAt) > 2 * READING_MS;
    if (page.isEnd && isOld) {
      const { start, events, next } = page;
      this.#tails.set(shard, { start, events: [...events], next, readAt: Date.now(), readingSince: 0 });
    }
    return page;
  }

  /** Reads on from the end of the tail. */
  async #readForAll(at: Deployment, shard: number, tail: Tail): Promise<TransitionPage> {
    tail.readingSince = Date.now();
    try {
      const page = await readShard(at, shard, (a) => a.transitionsAfter(tail.next, PAGE));
      if (page.isGap) this.#tails.delete(shard);
      // Another stream may have read the same meanwhile.
      else if (page.start === tail.next) extend(tail, page);
      return page;
    } catch (error) {
      // The next reader waits as long as after an answer: a shard in trouble is asked once a second, not by each reader.
      tail.readAt = Date.now();
      throw error;
    } finally {
      tail.readingSince = 0;
    }
  }
}

const extend = (tail: Tail, page: TransitionPage): void => {
  tail.events.push(...page.events);
  tail.next = page.next;
  tail.readAt = Date.now();
  const over = tail.events.length - REMEMBERED;
  if (over <= 0) return;
  tail.start = tail.events[over - 1]?.next ?? tail.start;
  tail.events.splice(0, over);
};

/** The events of the tail after a place; null where the place is not in the tail. */
const eventsAfter = (tail: Tail, place: string): TransitionPage["events"] | null => {
  if (place === tail.next) return [];
  if (place === tail.start) return [...tail.events];
  const index = tail.events.findIndex(({ next }) => next === place);
  return index === -1 ? null : tail.events.slice(index + 1);
};

const pageOf = (tail: Tail, events: TransitionPage["events"]): TransitionPage => ({
  ...EMPTY,
  start: tail.start,
  events,
  next: tail.next,
  isEnd: true,
});
