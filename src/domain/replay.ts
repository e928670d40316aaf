import { z } from "zod";
import { BootIdSchema, NoticeRequestSchema } from "./heartbeat.ts";
import { InstantSchema } from "./instant.ts";
import { NameSchema } from "./name.ts";
import { ObservationSchema } from "./observation.ts";
import { AdviceSchema, VerdictSchema } from "./verdict.ts";

/** One look of a vantage at a target, or at its witness. */
const SeenSchema = ObservationSchema.pick({
  subject: true,
  outcome: true,
  stage: true,
  connectMs: true,
  totalMs: true,
  detail: true,
  address: true,
}).extend({ vantage: NameSchema, at: InstantSchema, drill: z.string().optional() });

/** A transition as far as it is compared with what is judged again. */
export const PublishedTransitionSchema = z.strictObject({
  site: NameSchema,
  target: NameSchema,
  sequence: z.int(),
  at: InstantSchema,
  from: VerdictSchema,
  to: VerdictSchema,
  rule: z.string().nullable(),
  confirmed: z.boolean(),
  advice: AdviceSchema.pick({ routing: true, failover: true }),
});
export type PublishedTransition = z.infer<typeof PublishedTransitionSchema>;

/** One judgement's input. Its events are the judge's own (EvidenceEvent): they are read by the release that wrote them or a later one. */
const EntrySchema = z.strictObject({
  id: z.int(),
  at: InstantSchema,
  events: z.array(z.looseObject({ kind: z.string() })),
});

/** From which the verdicts of a whole shard are made again: the judge's memory, what it was told since, and what it published then. */
const ReplaySchema = z.strictObject({
  /** The judge's memory before the first entry, as it writes it; null on later pages. */
  snapshot: z.string().nullable(),
  entries: z.array(EntrySchema),
  published: z.array(PublishedTransitionSchema),
});

/** One page of `GET …/evidence`. */
export const EvidenceAnswerSchema = z.strictObject({
  site: NameSchema,
  target: NameSchema,
  /** The page tells of what became known from here … */
  since: InstantSchema,
  /** … to here. */
  until: InstantSchema,
  /** How far back the journal can be judged again. */
  reachesBackTo: InstantSchema,
  observations: z.array(SeenSchema),
  heartbeats: z.array(z.strictObject({ at: InstantSchema, bootId: BootIdSchema })),
  notices: z.array(NoticeRequestSchema.required()),
  /** Null where it was not asked for, or may not be told: then `withheld` says why. */
  replay: ReplaySchema.nullable(),
  withheld: z.string().nullable(),
  /** Pass as `?cursor=` for the next page, later ones; null at the end. */
  next: z.string().nullable(),
});
export type EvidenceAnswer = z.infer<typeof EvidenceAnswerSchema>;
