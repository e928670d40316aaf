import { shardOf } from "../domain/shard.ts";
import { isName, keyOf, NAME_RULE } from "../domain/name.ts";
import { decodeReading, type Reading } from "../domain/reading.ts";
import type { ApiContext } from "./context.ts";
import type { Memory } from "./memory.ts";
import { ApiError, invalid } from "./problem.ts";
import { readShard, type Deployment } from "./shards.ts";

export interface Place {
  site: string;
  target: string;
}

/** The names in a read's path. Checked without a schema: this is the path that must be fast. */
export const placeOf = (c: ApiContext): Place => {
  const site = c.req.param("site") ?? "";
  const target = c.req.param("target") ?? "";
  if (isName(site) && isName(target)) return { site, target };
  const wrong = Object.entries({ site, target }).filter(([, name]) => !isName(name));
  throw invalid(wrong.map(([path]) => ({ path, message: NAME_RULE })));
};

/** One verdict read by one call. Throws ApiError: `not-found`, or `unavailable` for our own trouble. */
export const readTarget = async (
  at: Deployment,
  memory: Memory,
  { site, target }: Place,
): Promise<Reading> => {
  const text = await readShard(at, shardOf(site, at.config.shards), (a) => a.read(site, target));
  const key = keyOf(site, target);
  if (text === null) {
    memory.forget(key);
    throw new ApiError("not-found", `no target ${key}`);
  }
  memory.remember(key, text);
  return decodeReading(text);
};
