import { z } from "zod";
import { InstantSchema } from "./instant.ts";

/** One run of a process: a restart gets another id. A UUID, systemd's INVOCATION_ID, or any such word. */
export const BootIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,64}$/, "must be 1 to 64 characters of letters, digits and . _ : -");

/** The body of `POST …/heartbeats`. */
export const HeartbeatRequestSchema = z.strictObject({
  bootId: BootIdSchema,
  /** How often the sender intends to send one; without it the detector learns the interval. */
  everyMs: z.int().min(1_000).max(3_600_000).optional(),
  /** How far its copy of the data reaches: the greater, the newer. A group prefers the member that is furthest ahead. */
  position: z.number().optional(),
});
export type HeartbeatRequest = z.infer<typeof HeartbeatRequestSchema>;

/** The body of `POST …/notices`: what a supervisor saw its process do. */
export const NoticeRequestSchema = z.strictObject({
  kind: z.enum(["crash", "stop", "start"]),
  bootId: BootIdSchema,
  /** When it happened, by the node's clock; default: now. */
  at: InstantSchema.optional(),
  /** Its supervisor is about to start it again. */
  restarting: z.boolean().default(false),
});
export type NoticeRequest = z.infer<typeof NoticeRequestSchema>;

/** The answer to both: whether the heartbeat or notice counts, and the detector's own time. */
export const HeardSchema = z.strictObject({
  accepted: z.boolean(),
  /** Why it does not count, or what follows from it. */
  detail: z.string(),
  at: InstantSchema,
});
export type Heard = z.infer<typeof HeardSchema>;
