import type { Called } from "../../../client/called.ts";

/**
 * The detector's time when it answered, in epoch milliseconds, by its `Date` header; this machine's time where a proxy has removed that. A
 * verdict's instants are the detector's, and must not be compared with a clock set by hand.
 */
export const answeredAt = (called: Called<unknown>): number => {
  const date = called.kind === "ok" ? called.headers?.get("Date") : undefined;
  const at = Date.parse(date ?? "");
  return Number.isNaN(at) ? Date.now() : at;
};
