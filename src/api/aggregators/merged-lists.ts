/** Lists of past entries, newest first, merged from the pages of several shards. */
import type { PastPage } from "../../domain/rpc.ts";
import type { Cursor } from "./cursor.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { invalid } from "../errors/api-error.ts";

/** The place of a shard that has nothing more. */
const OVER = "0.0";

/** The places, by shard, in the cursor of the page before. Throws ApiError 400. */
export const listPlacesIn = (text: string | undefined): Cursor => {
  const cursor = text === undefined ? new Map<number, string>() : decodeCursor(text);
  if (cursor === null)
    throw invalid([{ path: "cursor", message: "must be a cursor that this list gave as `next`" }]);
  return cursor;
};

/** One shard's page, as far as it has been taken. */
class Reel<T> {
  readonly shard: number;
  readonly #page: PastPage<T>;
  #taken = 0;

  constructor(shard: number, page: PastPage<T>) {
    this.shard = shard;
    this.#page = page;
  }

  /** When its next entry was; -Infinity where there is none; undefined where only another call can show it. */
  get at(): number | undefined {
    const at = this.#page.entries[this.#taken]?.at;
    return at ?? (this.#page.next === null ? -Infinity : undefined);
  }

  get place(): string {
    const { entries, next, start } = this.#page;
    if (this.#taken === entries.length) return next ?? OVER;
    return entries[this.#taken - 1]?.before ?? start;
  }

  take(): T | undefined {
    const next = this.#page.entries[this.#taken];
    if (next !== undefined) this.#taken += 1;
    return next?.entry;
  }
}

/** The newest entries of all shards, in order as far as that is known: a shard that has to be asked again ends the page. */
const merged = <T>(reels: readonly Reel<T>[], limit: number): T[] => {
  const page: T[] = [];
  while (page.length < limit && reels.every(({ at }) => at !== undefined)) {
    const [newest] = reels.toSorted((left, right) => (right.at ?? 0) - (left.at ?? 0));
    const taken = newest?.take();
    if (taken === undefined) break;
    page.push(taken);
  }
  return page;
};

/** The newest entries of these shards' pages, and the cursor of the next page; null at the end. */
export const newestOf = <T>(
  pages: ReadonlyMap<number, PastPage<T>>,
  limit: number,
): { entries: T[]; next: string | null } => {
  const reels = [...pages].map(([shard, page]) => new Reel(shard, page));
  const entries = merged(reels, limit);
  const isOver = reels.every(({ place }) => place === OVER);
  return { entries, next: isOver ? null : encodeCursor(new Map(reels.map((one) => [one.shard, one.place]))) };
};
