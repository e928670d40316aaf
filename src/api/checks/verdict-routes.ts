import { admitReader, slotHolderOf } from "../access/auth.ts";
import { isUnmodified } from "../http/conditional.ts";
import type { Api, ApiContext } from "../context.ts";
import { ended } from "../ending.ts";
import { Holder, holdOf, isEarly } from "../http/long-poll.ts";
import type { CachedReading } from "../aggregators/cached-reading.ts";
import { readPlaceOf, type Reads } from "../aggregators/target-reads.ts";

/** Absent before the first observation. */
const asOf = (kept: CachedReading): Record<string, string> =>
  kept.answer.asOf === null ? {} : { "Verdict-As-Of": kept.answer.asOf };

const answerWith = (kept: CachedReading, more: Record<string, string> = {}): Response =>
  new Response(ended(kept.json), {
    headers: {
      "Content-Type": "application/json",
      ETag: kept.etag,
      "Cache-Control": "private, no-cache",
      ...asOf(kept),
      ...more,
    },
  });

/** Where no slot is free, a client that asks for the next verdict as soon as it has one is slowed to one request a second. */
const PAUSE = { "Retry-After": "1" };

const notModified = (kept: CachedReading): Response =>
  new Response(null, {
    status: 304,
    headers: { ETag: kept.etag, "Cache-Control": "private, no-cache", ...asOf(kept) },
  });

/** `GET …/verdict`: the aggregator's ready-made answer, passed on with nothing but its line ended. */
export const addVerdict = (app: Api, reads: Reads, holder = new Holder()): void => {
  app.get("/v1/sites/:site/targets/:target/verdict", async (c: ApiContext) => {
    const { config, grant } = await admitReader(c);
    const at = { env: c.env, config };
    const place = readPlaceOf(c);
    const hold = c.req.raw.url.includes("?") ? holdOf(c) : undefined;
    if (hold !== undefined) {
      const begun = Date.now();
      const read = () => reads.together(at, place);
      const held = await holder.hold(hold, slotHolderOf(c, grant), read, c.req.raw.signal);
      return answerWith(held, isEarly(hold, begun, held) ? PAUSE : {});
    }
    const kept = await reads.together(at, place);
    return isUnmodified(c.req.header("If-None-Match"), kept.etag) ? notModified(kept) : answerWith(kept);
  });
};
