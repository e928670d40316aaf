import type { GoAhead } from "../domain/go-ahead.ts";
import { keyOf } from "../domain/name.ts";
import type { Shard } from "./shard.ts";

/** Keeps which go-aheads the API's isolates report that they gave to automation. */
export const noteTold = (shard: Shard, told: readonly GoAhead[]): void => {
  const now = shard.now();
  try {
    shard.transact(() => shard.goAheads.note(told, now));
  } catch (error) {
    shard.goAheads.reset();
    throw error;
  }
  shard.unread(told.map(({ site, target }) => keyOf(site, target)));
};
