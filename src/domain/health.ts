import { z } from "zod";
import { InstantSchema } from "./instant.ts";
import type { ShardHealth } from "./rpc.ts";

const RearmedSchema = z.strictObject({ what: z.string(), at: InstantSchema });

const ShardHealthSchema = z.strictObject({
  shard: z.int(),
  targets: z.int(),
  /** Whether the shard does not keep up with its own schedule. */
  overloaded: z.boolean(),
  reasons: z.array(z.string()),
  /** The causes of the reasons, as shown to callers without a token. */
  causes: z.array(z.string()).optional(),
  /** The data centre in which its aggregator runs; null if it cannot be read. */
  colo: z.string().nullable().optional(),
  warnings: z.array(z.string()).optional(),
  rearmed: z.array(RearmedSchema),
}) satisfies z.ZodType<Omit<ShardHealth, "unnamed">>;

const GradeSchema = z.enum(["pass", "warn", "fail"]);
/** pass: serve; warn: serve, but not well or not known; fail: avoid. */
export type Grade = z.infer<typeof GradeSchema>;

/** The answer of `GET …/health`: draft-inadarei-api-health-check-06, one check a vantage. */
export const TargetHealthSchema = z.strictObject({
  status: GradeSchema,
  /** Of this API. */
  version: z.string(),
  /** `site/target`. */
  serviceId: z.string(),
  description: z.string(),
  notes: z.array(z.string()),
  /** Why the status is not `pass`. */
  output: z.string().optional(),
  /** By `vantage:responseTime`. */
  checks: z.record(
    z.string(),
    z.array(
      z.strictObject({
        componentId: z.string(),
        componentType: z.literal("component"),
        observedValue: z.number(),
        observedUnit: z.literal("ms"),
        status: GradeSchema,
        time: InstantSchema,
        output: z.string().optional(),
      }),
    ),
  ),
});
export type TargetHealth = z.infer<typeof TargetHealthSchema>;

/** The answer of `GET /healthz`: 200 while the Worker runs, `ok: false` if something has stalled. */
export const HealthAnswerSchema = z.strictObject({
  ok: z.boolean(),
  /** One sentence for each thing that is wrong; empty when all is well. */
  reasons: z.array(z.string()),
  /** One sentence for each thing that is not as requested, though all is well. */
  warnings: z.array(z.string()).default([]),
  /** The shards that answered within a second. */
  shards: z.array(ShardHealthSchema),
  /** What the watchdog had to start again, over all shards, newest last. */
  rearmed: z.array(RearmedSchema),
});
export type HealthAnswer = z.infer<typeof HealthAnswerSchema>;
