import type { Reading } from "../domain/reading.ts";
import { admitReader } from "./auth.ts";
import { isUnmodified } from "./conditional.ts";
import type { Api, ApiContext } from "./context.ts";
import { Holder, holdOf } from "./hold.ts";
import { placeOf, type Reads } from "./read.ts";

const answerWith = (reading: Reading): Response =>
  new Response(reading.json, {
    headers: {
      "Content-Type": "application/json",
      ETag: reading.etag,
      "Cache-Control": "private, no-cache",
    },
  });

const notModified = (reading: Reading): Response =>
  new Response(null, {
    status: 304,
    headers: { ETag: reading.etag, "Cache-Control": "private, no-cache" },
  });

/** `GET …/verdict`: the aggregator's ready-made answer, passed on untouched. */
export const addVerdict = (app: Api, reads: Reads, holder = new Holder()): void => {
  app.get("/v1/sites/:site/targets/:target/verdict", async (c: ApiContext) => {
    const at = { env: c.env, config: await admitReader(c) };
    const place = placeOf(c);
    const hold = c.req.raw.url.includes("?") ? holdOf(c) : undefined;
    if (hold !== undefined)
      return answerWith(await holder.hold(hold, () => reads.together(at, place), c.req.raw.signal));
    const reading = await reads.together(at, place);
    return isUnmodified(c.req.header("If-None-Match"), reading.etag)
      ? notModified(reading)
      : answerWith(reading);
  });
};
