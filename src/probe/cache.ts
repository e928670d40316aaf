import type { Fields } from "./http-head.ts";

/** Cloudflare's cache statuses of answers for which it did not ask the origin. With EXPIRED, MISS and REVALIDATED it did. */
const CF_CACHED: readonly string[] = ["hit", "stale", "updating"];
const SHOWN = 40;

/**
 * Whether a cache on the way gave the answer, not the target: by Cloudflare's `CF-Cache-Status`, by `Cache-Status` (RFC 9211), by `X-Cache`
 * of other networks, by an `Age` (RFC 9111, 5.1). Fresh answers may have an age of zero, too.
 */
export const isCached = (fields: Fields): boolean => {
  const said = fields.get("cf-cache-status");
  if (said !== null) return CF_CACHED.includes(said.trim().toLowerCase());
  return (
    /;\s*hit\b/i.test(fields.get("cache-status") ?? "") ||
    /^\s*(tcp_)?(mem_)?hit\b/i.test(fields.get("x-cache") ?? "") ||
    Number(/^\s*(\d{1,10})/.exec(fields.get("age") ?? "")?.[1] ?? 0) > 0
  );
};

/** What the answer says about caches, in words for people; empty where it says nothing. */
export const cacheWords = (fields: Fields): string => {
  const words = ["cf-cache-status", "age"]
    .map((name) => [name, fields.get(name)] as const)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name}: ${value?.slice(0, SHOWN)}`);
  if (isCached(fields)) words.unshift("via cache");
  return words.join(", ");
};
