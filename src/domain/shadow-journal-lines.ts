/**
 * What the journal of `parallax shadow` holds: one JSON object a line, in the order in which it became known. `at` is when this machine heard of it, by its own
 * clock, epoch milliseconds, and never less than in the line before; `instant` is when the detector says that it was.
 */
import { z } from "zod";
import { NameSchema } from "./name.ts";
import { VerdictSchema } from "./verdict.ts";

/** What can be followed beside Parallax. */
export const CHECKER_KINDS = ["prometheus", "gatus", "kuma", "haproxy", "command"] as const;
export type CheckerKind = (typeof CHECKER_KINDS)[number];

export const JOURNAL_VERSION = 1;

const at = z.int().min(0);
const run = z.int().min(1);
const name = z.string().max(1_000);
const sentence = z.string().max(2_000);
/** `site/target`. */
const place = z.templateLiteral([NameSchema, "/", NameSchema], "must be SITE/TARGET");

/** The first line of a file. */
const HeadSchema = z.strictObject({
  kind: z.literal("shadow"),
  version: z.literal(JOURNAL_VERSION),
  at,
  checker: z.enum(CHECKER_KINDS),
  everyMs: z.int().min(1),
});

const said = {
  target: place,
  sequence: z.int(),
  instant: z.iso.datetime({ precision: 3 }),
  verdict: VerdictSchema,
  rule: z.string().nullable(),
  because: sentence,
  routing: z.enum(["serve", "avoid"]),
  failover: z.boolean(),
  drill: z.string().nullable(),
};
/** What the detector holds to be true of a target, as far as it is compared. */
const SaidSchema = z.strictObject(said);
export type Said = z.infer<typeof SaidSchema>;

export const LineSchema = z.discriminatedUnion("kind", [
  HeadSchema,
  /** The shadow is at work from here on. `dropped`: bytes of a line that a killed run left unfinished. */
  z.strictObject({ kind: z.literal("on"), run, at, dropped: z.int().optional() }),
  /** It still is. */
  z.strictObject({ kind: z.literal("beat"), run, at }),
  /** It ended because it was told to. */
  z.strictObject({ kind: z.literal("off"), run, at }),
  /** Whom the checker's names stand for; those that stand for nobody; and targets that no name stands for. */
  z.strictObject({
    kind: z.literal("pairs"),
    run,
    at,
    pairs: z.record(name, place),
    unmatched: z.array(name),
    alone: z.array(place),
  }),
  /** What the checker says by name, as far as it changed: true for up, null for neither. */
  z.strictObject({
    kind: z.literal("checker"),
    run,
    at,
    states: z.record(name, z.boolean().nullable()),
  }),
  /** It did not answer; until the next `checker` nothing is known of it. */
  z.strictObject({ kind: z.literal("silent"), run, at, why: sentence }),
  /** What the detector says of targets, as far as it changed; all is known again. `id`: resumes its events. */
  z.strictObject({
    kind: z.literal("verdicts"),
    run,
    at,
    id: z.string(),
    verdicts: z.array(SaidSchema),
  }),
  z.strictObject({ kind: z.literal("event"), run, at, id: z.string(), from: VerdictSchema, ...said }),
  /** Its events do not come; null: because a stream ends every few minutes and is opened again. */
  z.strictObject({ kind: z.literal("lost"), run, at, why: sentence.nullable() }),
  /** What the detector had to say when the checker saw a target down that it did not. */
  z.strictObject({
    kind: z.literal("look"),
    run,
    at,
    target: place,
    verdict: VerdictSchema,
    rule: z.string().nullable(),
    because: sentence,
    reachableFrom: z.array(z.string()),
    unreachableFrom: z.array(z.string()),
  }),
]);
export type Line = z.infer<typeof LineSchema>;
export type LineOf<Kind extends Line["kind"]> = Extract<Line, { kind: Kind }>;
