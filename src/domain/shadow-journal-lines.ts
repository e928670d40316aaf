/**
 * The lines of the journal of `parallax shadow`: one JSON object a line, in the order in which they became known. `at` is when this machine
 * learnt of it, by its own clock, epoch milliseconds, and never less than in the line before; `instant` is when it happened, by the
 * detector.
 */
import { z } from "zod";
import { NameSchema } from "./name.ts";
import { VerdictSchema } from "./verdict.ts";

/** The checkers that the shadow can follow beside Parallax. */
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
/** What the detector says of a target, with the fields that are compared. */
const SaidSchema = z.strictObject(said);
export type Said = z.infer<typeof SaidSchema>;

export const LineSchema = z.discriminatedUnion("kind", [
  HeadSchema,
  /** The shadow works from here on. `dropped`: bytes of a line that a killed run left unfinished. Without `everyMs`: as in the first line. */
  z.strictObject({
    kind: z.literal("on"),
    run,
    at,
    everyMs: z.int().min(1).optional(),
    dropped: z.int().optional(),
  }),
  /** The shadow still works. */
  z.strictObject({ kind: z.literal("beat"), run, at }),
  /** The shadow ended because it was asked to. */
  z.strictObject({ kind: z.literal("off"), run, at }),
  /** The targets that the checker's names stand for; names that stand for no target; and targets without a name. */
  z.strictObject({
    kind: z.literal("pairs"),
    run,
    at,
    pairs: z.record(name, place),
    unmatched: z.array(name),
    alone: z.array(place),
  }),
  /** The checker's states by name, as far as they changed: true for up, null for neither up nor down. */
  z.strictObject({
    kind: z.literal("checker"),
    run,
    at,
    states: z.record(name, z.boolean().nullable()),
  }),
  /** The checker did not answer; until the next `checker` line its states are unknown. */
  z.strictObject({ kind: z.literal("silent"), run, at, why: sentence }),
  /** The detector's verdicts as far as they changed; from here all are known again. `id`: resumes its events. */
  z.strictObject({
    kind: z.literal("verdicts"),
    run,
    at,
    id: z.string(),
    verdicts: z.array(SaidSchema),
  }),
  z.strictObject({ kind: z.literal("event"), run, at, id: z.string(), from: VerdictSchema, ...said }),
  /** The detector's events do not arrive. `why` is null for a stream that ended and is opened again, as happens every few minutes. */
  z.strictObject({ kind: z.literal("lost"), run, at, why: sentence.nullable() }),
  /** What the detector said of a target that the checker saw down and the detector did not. */
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
