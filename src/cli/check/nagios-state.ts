import type { Check } from "../../client/check-calls.ts";
import type { VerdictFields } from "../../client/verdict-fields.ts";
import { fromInstant } from "../../domain/plain/rfc3339.ts";

/** A Nagios plugin's states by exit code. */
export const STATES = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;
export type State = 0 | 1 | 2 | 3;
export const UNKNOWN: State = 3;

/** Remarks of a detector, or of a cache in its place, that does not know. */
const UNSURE: ReadonlySet<string> = new Set(["unavailable", "cached"]);

/** Whether the verdict had expired when the detector answered. A paused target's verdict expires on purpose. */
const hasRunOut = ({ paused, validUntil }: VerdictFields, now: number): boolean =>
  !paused && validUntil !== null && fromInstant(validUntil) < now;

/**
 * The state that Nagios shows, and a remark. `now`: the detector's time in epoch milliseconds. `avoid` decides what is critical, since
 * only `avoid` respects slants and rehearsals.
 */
export const nagiosStateOf = (
  verdict: VerdictFields,
  avoid: Check,
  now: number,
): { state: State; remark: string } => {
  if (avoid.sequence !== verdict.sequence)
    return {
      state: UNKNOWN,
      remark: avoid.sequence === null ? "the detector knows nothing now" : "it is changing",
    };
  if (avoid.remarks.some((remark) => UNSURE.has(remark)))
    return { state: UNKNOWN, remark: avoid.remarks.join(" ") };
  if (hasRunOut(verdict, now)) return { state: UNKNOWN, remark: `valid until ${verdict.validUntil} only` };
  if (avoid.bit && verdict.stale)
    return { state: UNKNOWN, remark: "stale, and to be avoided: it is changing" };
  if (avoid.bit) return { state: 2, remark: "avoid" };
  // A paused target's verdict grows stale on purpose.
  if (verdict.paused) return { state: 1, remark: "paused" };
  if (verdict.stale) return { state: UNKNOWN, remark: `stale, as of ${verdict.asOf ?? "never"}` };
  if (verdict.advice.routing === "avoid")
    return {
      state: 1,
      remark: verdict.drill === null ? "avoid, but not as asked" : `drill ${verdict.drill}`,
    };
  return { state: verdict.verdict === "alive" ? 0 : 1, remark: verdict.confirmed ? "confirmed" : "" };
};
