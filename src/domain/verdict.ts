import { z } from "zod";
import { ShownCertificateSchema } from "./certificate.ts";
import { ToldSchema } from "./go-ahead.ts";
import { InstantSchema } from "./instant.ts";
import { ShownMuteSchema } from "./mute.ts";
import { NameSchema } from "./name.ts";
import { OutcomeSchema, StageSchema } from "./outcome.ts";
import { ROUTINGS, VERDICT_NAMES } from "./plain/verdict-table.ts";

export { VERDICTS } from "./plain/verdict-table.ts";

/** What the judge holds to be true of a target. */
export const VerdictSchema = z.enum(VERDICT_NAMES);
export type { Verdict } from "./plain/verdict-table.ts";

export const RoutingSchema = z.enum(ROUTINGS);
export type Routing = z.infer<typeof RoutingSchema>;

/** What automation should do about a verdict. Routing: should traffic go there? Failover: may a successor take its place? */
export const AdviceSchema = z.strictObject({
  routing: RoutingSchema,
  /** Routing advice by region, for every region that looked. */
  regions: z.record(z.string(), RoutingSchema),
  failover: z.boolean(),
  reason: z.string(),
});
export type Advice = z.infer<typeof AdviceSchema>;

/** Probability that each cause (CAUSES) explains the evidence; they sum to 1. */
export const BeliefsSchema = z.strictObject({
  up: z.number(),
  crashed: z.number(),
  dead: z.number(),
  hung: z.number(),
  gray: z.number(),
  cut: z.number(),
});
export type Beliefs = z.infer<typeof BeliefsSchema>;

/** One vantage's newest counted observation, as shown. */
export const ShownObservationSchema = z.strictObject({
  vantage: z.string(),
  at: InstantSchema,
  outcome: OutcomeSchema,
  stage: StageSchema,
  totalMs: z.number(),
  detail: z.string().optional(),
  /** Of a name with several addresses, the one that let the probe in. */
  address: z.string().optional(),
  /** With TLS and from Node: what the certificate says that was shown to this look. */
  certificate: ShownCertificateSchema.optional(),
});
export type ShownObservation = z.infer<typeof ShownObservationSchema>;

export const ScopeSchema = z.enum(["site", "target"]);
export type Scope = z.infer<typeof ScopeSchema>;

/** An operator's word as shown: it outranks the judge until it runs out. */
export const ShownOverrideSchema = z.strictObject({
  verdict: VerdictSchema.optional(),
  advice: z.strictObject({ routing: RoutingSchema.optional(), failover: z.boolean().optional() }).optional(),
  reason: z.string(),
  until: InstantSchema,
  /** Id of the token that gave it; absent of one from before that was kept. */
  by: z.string().optional(),
});

/** The answer of `GET …/verdict`. */
export const VerdictAnswerSchema = z.strictObject({
  site: NameSchema,
  target: NameSchema,
  verdict: VerdictSchema,
  /** The rule of the judge that decided, by its name: docs/verdicts.md has them in their order. Defaults: of an earlier detector. */
  rule: z.string().default("earlier"),
  /** What is waited for before more can be said; while it is set `because`, `confidence` and `beliefs` say what is seen now. */
  waitingFor: z.strictObject({ what: z.string(), until: InstantSchema }).nullable().default(null),
  /** How far the silence reaches: set for `unreachable`, `target` otherwise. */
  scope: ScopeSchema,
  confirmed: z.boolean(),
  confidence: z.number(),
  beliefs: BeliefsSchema,
  sequence: z.int(),
  /** When this verdict began. */
  since: InstantSchema,
  /** When the newest counted observation began; null before the first. */
  asOf: InstantSchema.nullable(),
  validUntil: InstantSchema.nullable(),
  stale: z.boolean(),
  /** The verdict before this one, `unknown` left out. */
  lastVerdict: VerdictSchema.nullable(),
  because: z.string(),
  reachableFrom: z.array(z.string()),
  unreachableFrom: z.array(z.string()),
  notCounted: z.array(z.strictObject({ vantage: z.string(), reason: z.string() })),
  evidence: z.array(ShownObservationSchema),
  advice: AdviceSchema,
  /**
   * What could tell more of the target and does not work: a witness, a vantage inside its site, its heartbeats. And which of its
   * addresses let nobody in although others do.
   */
  warnings: z.array(z.string()).default([]),
  /** Id of the drill whose injected faults this verdict rests on. */
  drill: z.string().nullable(),
  override: ShownOverrideSchema.nullable(),
  paused: z.boolean(),
  /** The mute that holds for it: nobody is to be notified. Default: of an earlier detector. */
  muted: ShownMuteSchema.nullable().default(null),
  /** Which automation was told to go ahead for this sequence. Default: of an earlier detector. */
  told: z.array(ToldSchema).default([]),
});
export type VerdictAnswer = z.infer<typeof VerdictAnswerSchema>;

/** One change of verdict, `confirmed` or advice, as `…/history` shows it. */
export const TransitionSchema = z.strictObject({
  sequence: z.int(),
  at: InstantSchema,
  from: VerdictSchema,
  to: VerdictSchema,
  /** The rule that decided; null in transitions from before rules had names. */
  rule: z.string().nullable().default(null),
  confirmed: z.boolean(),
  confidence: z.number(),
  because: z.string(),
  advice: AdviceSchema,
  evidence: z.array(ShownObservationSchema),
});
export type Transition = z.infer<typeof TransitionSchema>;

/** With what else was behind it. */
export const ToldTransitionSchema = TransitionSchema.extend({
  /** Id of the drill it rests on. */
  drill: z.string().nullable().default(null),
  /** The operator's word that held then; null in transitions from before it was kept. */
  override: ShownOverrideSchema.nullable().default(null),
  /** Id of the token that gave that word, or else asked for that drill; null where neither was, or it was not kept yet. */
  by: z.string().nullable().default(null),
  /** Which automation was told to go ahead for its sequence. */
  told: z.array(ToldSchema).default([]),
});
export type ToldTransition = z.infer<typeof ToldTransitionSchema>;

export const HistorySchema = z.strictObject({
  transitions: z.array(ToldTransitionSchema),
  /** Pass as `?cursor=` for the next, older page; null at the end. */
  next: z.string().nullable(),
});
export type History = z.infer<typeof HistorySchema>;

/** A transition among those of other targets. */
export const ListedTransitionSchema = ToldTransitionSchema.extend({ site: NameSchema, target: NameSchema });
export type ListedTransition = z.infer<typeof ListedTransitionSchema>;

/** The answer of `GET /v1/transitions`. */
export const TransitionsAnswerSchema = z.strictObject({
  transitions: z.array(ListedTransitionSchema),
  /** Pass as `?cursor=` for the next, older page, which may be empty although others follow; null at the end. */
  next: z.string().nullable(),
});
export type TransitionsAnswer = z.infer<typeof TransitionsAnswerSchema>;
