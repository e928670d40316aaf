import type { GoAhead } from "../domain/go-ahead.ts";
import { keyOf } from "../domain/name.ts";
import type { Shard } from "./shard.ts";

/** Keeps what isolates say that automation was told. */
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
