import { describe, expect, test } from "vitest";
import { cacheWords, isCached } from "../../src/probe/cache.ts";

describe("whether a cache on the way gave an answer", () => {
  test.each<[Record<string, string>, boolean, string]>([
    [{}, false, ""],
    [{ "cf-cache-status": "HIT", age: "12" }, true, "via cache, cf-cache-status: HIT, age: 12"],
    [{ "cf-cache-status": "hit" }, true, "via cache, cf-cache-status: hit"],
    [{ "cf-cache-status": "STALE" }, true, "via cache, cf-cache-status: STALE"],
    [{ "cf-cache-status": "UPDATING" }, true, "via cache, cf-cache-status: UPDATING"],
    [{ "cf-cache-status": "MISS" }, false, "cf-cache-status: MISS"],
    [{ "cf-cache-status": "DYNAMIC" }, false, "cf-cache-status: DYNAMIC"],
    [{ "cf-cache-status": "REVALIDATED", age: "99" }, false, "cf-cache-status: REVALIDATED, age: 99"],
    [{ age: "1" }, true, "via cache, age: 1"],
    [{ age: "0" }, false, "age: 0"],
    [{ age: "old" }, false, "age: old"],
    [{ "x-cache": "HIT from cache.example" }, true, "via cache"],
    [{ "x-cache": "Hit from cloudfront" }, true, "via cache"],
    [{ "x-cache": "TCP_MEM_HIT from a1" }, true, "via cache"],
    [{ "x-cache": "MISS, HIT" }, false, ""],
    [{ "cache-status": "ExampleCache; hit; ttl=30" }, true, "via cache"],
    [{ "cache-status": "ExampleCache; fwd=uri-miss" }, false, ""],
  ])("%j: %s", (headers, cached, words) => {
    const fields = new Headers(headers);
    expect(isCached(fields)).toBe(cached);
    expect(cacheWords(fields)).toBe(words);
  });
});
