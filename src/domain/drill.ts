import { z } from "zod";
import { InstantSchema } from "./instant.ts";
import { NameSchema } from "./name.ts";

/** `silence`: the whole node, witness included, stops answering. The others affect only the process. */
export const FaultSchema = z.enum(["silence", "refuse", "hang", "error"]);
export type Fault = z.infer<typeof FaultSchema>;

/** The body of `POST /v1/drills`. Without `target` it applies to every target of the site, without `vantages` to every vantage. */
export const DrillRequestSchema = z.strictObject({
  site: NameSchema,
  target: NameSchema.optional(),
  fault: FaultSchema,
  vantages: z.array(NameSchema).min(1).max(16).optional(),
  durationMs: z.int().min(1_000).max(3_600_000),
  /** Let `/failover`, `/avoid` and webhooks react as if the fault were real. */
  live: z.boolean().default(false),
});
export type DrillRequest = z.infer<typeof DrillRequestSchema>;
/** The same as it is sent: fields with a default may be left out. */
export type DrillBody = z.input<typeof DrillRequestSchema>;

/**
 * A fault injected on purpose, as it is kept and vantages carry it. Instants are epoch milliseconds. Fields that a later release added
 * before it was rolled back are ignored.
 */
export const DrillSchema = z.object({
  ...DrillRequestSchema.shape,
  id: z.string(),
  startsAt: z.int(),
  endsAt: z.int(),
  /** Id of the token that asked for it; vantages do not get it. */
  by: z.string().optional(),
});
export type Drill = z.infer<typeof DrillSchema>;

export const DrillAnswerSchema = DrillRequestSchema.extend({
  id: z.string(),
  startsAt: InstantSchema,
  endsAt: InstantSchema,
  /** Id of the token that asked for it; absent in drills from before it was kept. */
  by: z.string().optional(),
});
export type DrillAnswer = z.infer<typeof DrillAnswerSchema>;
export const DrillsAnswerSchema = z.strictObject({ drills: z.array(DrillAnswerSchema) });
