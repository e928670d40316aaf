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

/** A transition, with the fields that are compared after judging again. */
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

/** One judgement's input. Its events are the judge's own (EvidenceEvent): only the release that wrote them, or a later one, reads them. */
const EntrySchema = z.strictObject({
  id: z.int(),
  at: InstantSchema,
  events: z.array(z.looseObject({ kind: z.string() })),
});

/**
 * The input for making the verdicts of a whole shard again: the judge's memory, its events since, and the transitions it published then.
 */
const ReplaySchema = z.strictObject({
  /** The judge's memory before the first entry, in the judge's own format; null on later pages. */
  snapshot: z.string().nullable(),
  entries: z.array(EntrySchema),
  published: z.array(PublishedTransitionSchema),
});

/** One page of `GET …/evidence`. */
export const EvidenceAnswerSchema = z.strictObject({
  site: NameSchema,
  target: NameSchema,
  /** The page covers what became known from here … */
  since: InstantSchema,
  /** … to here. */
  until: InstantSchema,
  /** How far back the judge can judge the journal again. */
  reachesBackTo: InstantSchema,
  observations: z.array(SeenSchema),
  heartbeats: z.array(z.strictObject({ at: InstantSchema, bootId: BootIdSchema })),
  notices: z.array(NoticeRequestSchema.required()),
  /** Null if it was not requested, or may not be shown: then `withheld` says why. */
  replay: ReplaySchema.nullable(),
  withheld: z.string().nullable(),
  /** Pass as `?cursor=` for the next, later page; null at the end. */
  next: z.string().nullable(),
});
export type EvidenceAnswer = z.infer<typeof EvidenceAnswerSchema>;
