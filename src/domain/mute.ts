import { z } from "zod";
import { InstantSchema, toInstant } from "./instant.ts";
import { NameSchema } from "./name.ts";

/** How far ahead the end of a mute may lie: a forgotten mute must not hide later incidents for long. */
export const MUTE_MAX_MS = 7 * 86_400_000;
/** Mutes in force in one shard, at most. */
export const MAX_MUTES = 200;

/** The body of `PUT /v1/mutes/{id}`. */
export const MuteRequestSchema = z.strictObject({
  site: NameSchema,
  /** One target of the site; left out or null: all targets that it has while the mute holds. */
  target: NameSchema.nullish(),
  until: z.iso.datetime({ offset: true }).meta({ description: "When it ends, at most 7 days ahead" }),
  reason: z.string().min(1).max(500),
});
export type MuteRequest = z.infer<typeof MuteRequestSchema>;

/** A mute: until an instant, no notification about a target, or about a site, is sent. */
export const MuteAnswerSchema = z.strictObject({
  id: NameSchema,
  site: NameSchema,
  target: NameSchema.nullable(),
  until: InstantSchema,
  reason: z.string(),
  /** Id of the token that asked for it. */
  by: z.string(),
});
export type MuteAnswer = z.infer<typeof MuteAnswerSchema>;
export const MutesAnswerSchema = z.strictObject({ mutes: z.array(MuteAnswerSchema) });

/** A mute as shown beside what it mutes. */
export const ShownMuteSchema = MuteAnswerSchema.pick({ id: true, until: true, reason: true });
export type ShownMute = z.infer<typeof ShownMuteSchema>;

/** As it is kept; `until` in epoch milliseconds. */
export type Mute = Omit<MuteAnswer, "until"> & { until: number };

export const muteAnswer = (mute: Mute): MuteAnswer => ({ ...mute, until: toInstant(mute.until) });

export const shownMute = ({ id, until, reason }: Mute): ShownMute => ({
  id,
  until: toInstant(until),
  reason,
});
