/**
 * Whether an If-Match header holds (RFC 9110 13.1.1): absent, `*` for any, or one of the listed tags is the current one. `etag`: quoted;
 * null if nothing is stored.
 */
export const isMatched = (ifMatch: string | null, etag: string | null): boolean => {
  if (ifMatch === null) return true;
  if (etag === null) return false;
  const tags = ifMatch.split(",").map((tag) => tag.trim());
  return tags.includes("*") || tags.includes(etag);
};
