import { shardOf } from "../../domain/shard-of.ts";
import { isName, keyOf, NAME_RULE } from "../../domain/name.ts";
import type { ApiContext } from "../context.ts";
import { CoalescedReads } from "./coalesced-reads.ts";
import { CachedReading } from "./cached-reading.ts";
import { Memory } from "./reading-cache.ts";
import { ApiError, invalid } from "../errors/api-error.ts";
import { readShard, readShardTogether, type Deployment } from "./shard-calls.ts";

export interface ReadPlace {
  site: string;
  target: string;
}

/** The names in a read's path. Checked without a schema: this is the path that must be fast. */
export const readPlaceOf = (c: ApiContext): ReadPlace => {
  const site = c.req.param("site") ?? "";
  const target = c.req.param("target") ?? "";
  if (isName(site) && isName(target)) return { site, target };
  const wrong = Object.entries({ site, target }).filter(([, name]) => !isName(name));
  throw invalid(wrong.map(([path]) => ({ path, message: NAME_RULE })));
};

/** One isolate's reads of verdicts, and the answers it remembers. */
export class Reads {
  readonly #memory = new Memory<CachedReading>();
  readonly #flights = new CoalescedReads();

  /**
   * The verdict as the aggregator has it now, by a call for this request alone. Throws ApiError: `not-found`, or `unavailable` for our own
   * trouble.
   */
  async alone(at: Deployment, { site, target }: ReadPlace): Promise<CachedReading> {
    const askedAt = Date.now();
    const text = await readShard(at, shardOf(site, at.config.shards), (a) => a.read(site, target));
    return this.#keep(keyOf(site, target), text, askedAt);
  }

  /** The same by one call for all requests that ask while it is under way; the answer is at most as old as that call. */
  async together(at: Deployment, { site, target }: ReadPlace): Promise<CachedReading> {
    const key = keyOf(site, target);
    const shard = shardOf(site, at.config.shards);
    // A request that shares a call does not know when the call began, so the start goes with the result.
    const { text, askedAt } = await readShardTogether(at, shard, this.#flights, key, async (a) => {
      const began = Date.now();
      return { text: await a.read(site, target), askedAt: began };
    });
    return this.#keep(key, text, askedAt);
  }

  /**
   * The remembered reading where it is at most `maxAgeMs` old, or undefined. With 0 it is undefined even for a reading of this very moment.
   */
  recent(place: ReadPlace, maxAgeMs: number): CachedReading | undefined {
    if (maxAgeMs === 0) return undefined;
    const kept = this.recall(place);
    const ageMs = kept === undefined ? NaN : Date.now() - kept.askedAt;
    return ageMs >= 0 && ageMs <= maxAgeMs ? kept : undefined;
  }

  /** The last answer, however old. */
  recall({ site, target }: ReadPlace): CachedReading | undefined {
    return this.#memory.recall(keyOf(site, target));
  }

  #keep(key: string, text: string | null, askedAt: number): CachedReading {
    const before = this.#memory.recall(key);
    if (text === null) {
      this.#memory.forget(key);
      throw new ApiError("not-found", `no target ${key}`);
    }
    if (before?.is(text, askedAt)) return before;
    const kept = new CachedReading(text, askedAt, before);
    // Answers may overtake each other, and a clock that was set back must not keep an old answer.
    if (before === undefined || before.askedAt <= askedAt || before.askedAt > Date.now())
      this.#memory.remember(key, kept);
    return kept;
  }
}
