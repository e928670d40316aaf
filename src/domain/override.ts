import { z } from "zod";
import { toInstant } from "./plain/instant.ts";
import { RoutingSchema, VerdictSchema, type ShownOverrideSchema } from "./verdict.ts";

/** The body of `PUT …/override`: an operator's word, for a limited time. */
export const OverrideRequestSchema = z
  .strictObject({
    verdict: VerdictSchema.optional(),
    advice: z
      .strictObject({ routing: RoutingSchema.optional(), failover: z.boolean().optional() })
      .optional(),
    reason: z.string().min(1).max(500),
    ttlMs: z.int().min(1_000).max(86_400_000),
  })
  .superRefine((override, context) => {
    const advises = Object.keys(override.advice ?? {}).length > 0;
    if ((override.verdict !== undefined) === advises)
      context.addIssue({
        code: "custom",
        path: [override.verdict === undefined ? "verdict" : "advice"],
        message: "must be one of the two: give either a verdict, or advice with routing or failover",
      });
  });
export type OverrideRequest = z.infer<typeof OverrideRequestSchema>;

/** An operator's word as the judge holds it; `until` in epoch milliseconds. */
export type Override = Omit<OverrideRequest, "ttlMs"> & { until: number; by?: string | undefined };
export type ShownOverride = z.infer<typeof ShownOverrideSchema>;

/** As answers show it; null where none holds at `now`. */
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
