import { z } from "zod";
import { ShownCertificateSchema } from "./certificate.ts";
import { ToldSchema } from "./go-ahead.ts";
import { InstantSchema } from "./instant.ts";
import { ShownMuteSchema } from "./mute.ts";
import { NameSchema } from "./name.ts";
import { OutcomeSchema, StageSchema } from "./outcome.ts";
import { ROUTINGS, VERDICT_NAMES } from "./plain/verdict-table.ts";

export { VERDICTS } from "./plain/verdict-table.ts";

/** A verdict of the judge on a target. */
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
  /** For a name with several addresses, the one that accepted the connection. */
  address: z.string().optional(),
  /** With TLS and from Node: what the certificate says that this look received. */
  certificate: ShownCertificateSchema.optional(),
});
export type ShownObservation = z.infer<typeof ShownObservationSchema>;

export const ScopeSchema = z.enum(["site", "target"]);
export type Scope = z.infer<typeof ScopeSchema>;

/** An operator's override as shown: it outranks the judge until it ends. */
export const ShownOverrideSchema = z.strictObject({
  verdict: VerdictSchema.optional(),
  advice: z.strictObject({ routing: RoutingSchema.optional(), failover: z.boolean().optional() }).optional(),
  reason: z.string(),
  until: InstantSchema,
  /** Id of the token that set it; absent in overrides from before it was kept. */
  by: z.string().optional(),
});

/** The answer of `GET …/verdict`. */
export const VerdictAnswerSchema = z.strictObject({
  site: NameSchema,
  target: NameSchema,
  verdict: VerdictSchema,
  /** The name of the judge's rule that decided: docs/verdicts.md lists the rules in their order. The default marks an earlier detector. */
  rule: z.string().default("earlier"),
  /** What the judge waits for before it can say more; while set, `because`, `confidence` and `beliefs` describe the present evidence. */
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
  /** The verdict before this one; `unknown` does not count. */
  lastVerdict: VerdictSchema.nullable(),
  because: z.string(),
  reachableFrom: z.array(z.string()),
  unreachableFrom: z.array(z.string()),
  notCounted: z.array(z.strictObject({ vantage: z.string(), reason: z.string() })),
  evidence: z.array(ShownObservationSchema),
  advice: AdviceSchema,
  /**
   * Sources that could show more of the target and do not work: a witness, a vantage inside its site, its heartbeats. Also which of its
   * addresses accept no connection although others do.
   */
  warnings: z.array(z.string()).default([]),
  /** Id of the drill whose injected faults this verdict rests on. */
  drill: z.string().nullable(),
  override: ShownOverrideSchema.nullable(),
  paused: z.boolean(),
  /** The mute that holds for it, during which no notification is sent. Default: for an earlier detector. */
  muted: ShownMuteSchema.nullable().default(null),
  /** Which automation got a go-ahead for this sequence. Default: for an earlier detector. */
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

/** A transition with what caused it besides the evidence. */
export const ToldTransitionSchema = TransitionSchema.extend({
  /** Id of the drill it rests on. */
  drill: z.string().nullable().default(null),
  /** The operator's override that held then; null in transitions from before it was kept. */
  override: ShownOverrideSchema.nullable().default(null),
  /** Id of the token that set that override, or else started that drill; null if there was neither, or it was not kept yet. */
  by: z.string().nullable().default(null),
  /** Which automation got a go-ahead for its sequence. */
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
