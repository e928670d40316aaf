import { z } from "zod";
import { InstantSchema } from "./instant.ts";
import { NameSchema } from "./name.ts";

/** `silence`: the whole node, witness included, stops answering. The others befall the process alone. */
export const FaultSchema = z.enum(["silence", "refuse", "hang", "error"]);
export type Fault = z.infer<typeof FaultSchema>;

/** The body of `POST /v1/drills`. Without `target` every target of the site is meant, without `vantages` every vantage. */
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
/** The same as it is sent: what has a default may be left out. */
export type DrillBody = z.input<typeof DrillRequestSchema>;

/**
 * A fault injected on purpose, as it is kept and vantages carry it. Instants are epoch milliseconds. What a later release has added, and left
 * behind when it was rolled back, is passed over.
 */
export const DrillSchema = z.object({
  ...DrillRequestSchema.shape,
  id: z.string(),
  startsAt: z.int(),
  endsAt: z.int(),
  /** Id of the token that asked for it; vantages are not told. */
  by: z.string().optional(),
});
export type Drill = z.infer<typeof DrillSchema>;

export const DrillAnswerSchema = DrillRequestSchema.extend({
  id: z.string(),
  startsAt: InstantSchema,
  endsAt: InstantSchema,
  /** Id of the token that asked for it; absent of one from before that was kept. */
  by: z.string().optional(),
});
export type DrillAnswer = z.infer<typeof DrillAnswerSchema>;
export const DrillsAnswerSchema = z.strictObject({ drills: z.array(DrillAnswerSchema) });
