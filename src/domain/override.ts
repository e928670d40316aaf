import { z } from "zod";
import { RoutingSchema, VerdictSchema, type ShownOverrideSchema } from "./verdict.ts";

/** The body of `PUT …/override`: an operator's decision, for a limited time. */
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

/** An operator's override as the judge holds it; `until` in epoch milliseconds. */
export type Override = Omit<OverrideRequest, "ttlMs"> & { until: number; by?: string | undefined };
export type ShownOverride = z.infer<typeof ShownOverrideSchema>;
