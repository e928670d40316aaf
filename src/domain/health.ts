import { z } from "zod";
import { InstantSchema } from "./instant.ts";
import type { ShardHealth } from "./rpc.ts";

const RearmedSchema = z.strictObject({ what: z.string(), at: InstantSchema });

const ShardHealthSchema = z.strictObject({
  shard: z.int(),
  targets: z.int(),
  reasons: z.array(z.string()),
  rearmed: z.array(RearmedSchema),
}) satisfies z.ZodType<ShardHealth>;

/** The answer of `GET /healthz`: 200 while the Worker runs, `ok: false` when something has stalled. */
export const HealthAnswerSchema = z.strictObject({
  ok: z.boolean(),
  /** One sentence for each thing that is wrong; empty when all is well. */
  reasons: z.array(z.string()),
  /** The shards that answered within a second. */
  shards: z.array(ShardHealthSchema),
  /** What the watchdog had to start again, over all shards, newest last. */
  rearmed: z.array(RearmedSchema),
});
export type HealthAnswer = z.infer<typeof HealthAnswerSchema>;
