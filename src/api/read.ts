import { isName, keyOf, NAME_RULE } from "../domain/name.ts";
import { decodeReading, type Reading } from "../domain/reading.ts";
import type { ApiContext } from "./context.ts";
import type { Memory } from "./memory.ts";
import { ApiError, invalid } from "./problem.ts";
import { readSite } from "./shards.ts";

export interface Place {
  site: string;
  target: string;
}

/** The names in a read's path. Checked without a schema: this is the path that must be fast. */
export const placeOf = (c: ApiContext): Place => {
  const site = c.req.param("site") ?? "";
  const target = c.req.param("target") ?? "";
  const wrong = Object.entries({ site, target }).filter(([, name]) => !isName(name));
  if (wrong.length > 0) throw invalid(wrong.map(([path]) => ({ path, message: NAME_RULE })));
  return { site, target };
};

/** One verdict read by one call. Throws ApiError: `not-found`, or `unavailable` for our own trouble. */
export const readTarget = async (c: ApiContext, memory: Memory, place: Place): Promise<Reading> => {
  const text = await readSite(c, place.site, (aggregator) => aggregator.read(place.site, place.target));
  const key = keyOf(place.site, place.target);
  if (text === null) {
    memory.forget(key);
    throw new ApiError("not-found", `no target ${key}`);
  }
  memory.remember(key, text);
  return decodeReading(text);
};
