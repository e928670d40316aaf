import type { Override, ShownOverride } from "./override.ts";
import { toInstant } from "./plain/rfc3339.ts";

/** An operator's override as answers show it; null if none holds at `now`. */
export const shownOverride = (override: Override | null, now: number): ShownOverride | null =>
  override === null || override.until <= now
    ? null
    : {
        ...(override.verdict === undefined ? {} : { verdict: override.verdict }),
        ...(override.advice === undefined ? {} : { advice: override.advice }),
        reason: override.reason,
        until: toInstant(override.until),
        ...(override.by === undefined ? {} : { by: override.by }),
      };
