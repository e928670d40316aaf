import { z } from "zod";
import { InstantSchema } from "./instant.ts";
import { NameSchema } from "./name.ts";
import { RoutingSchema, VerdictSchema } from "./verdict.ts";

/** One vantage, in the order of the cells. */
const MatrixVantageSchema = z.strictObject({
  id: NameSchema,
  provider: z.string(),
  /** The site that it is inside of; null for one outside. */
  inside: NameSchema.nullable(),
  sound: z.boolean(),
  /** Why it is not sound; empty if it is. */
  reason: z.string(),
});
export type MatrixVantage = z.infer<typeof MatrixVantageSchema>;

/**
 * What one vantage last saw of one target. A number: an answer as expected after so many milliseconds. A letter: another outcome. A text
 * that begins with `~`: the same from a vantage that is not counted, or `~` alone if it has not looked lately. Null: no look.
 */
const CellSchema = z.union([z.number(), z.string(), z.null()]);
export type Cell = z.infer<typeof CellSchema>;

/** Marks that qualify a verdict; `site`: its whole site is silent. */
export const MARKS = ["site", "paused", "stale", "drill", "override", "muted"] as const;
const MarkSchema = z.enum(MARKS);
export type Mark = z.infer<typeof MarkSchema>;

const MatrixTargetSchema = z.strictObject({
  site: NameSchema,
  target: NameSchema,
  verdict: VerdictSchema,
  confirmed: z.boolean(),
  routing: RoutingSchema,
  failover: z.boolean(),
  sequence: z.int(),
  since: InstantSchema,
  marks: z.array(MarkSchema),
  /** One a vantage, in the order of `vantages`. */
  cells: z.array(CellSchema),
});
export type MatrixTarget = z.infer<typeof MatrixTargetSchema>;

/** The answer of `GET /v1/matrix`: all targets by all vantages, in about 10 bytes a cell. */
export const MatrixAnswerSchema = z.strictObject({
  /** When the request came, by the detector's clock. */
  asOf: InstantSchema,
  vantages: z.array(MatrixVantageSchema),
  /** The outcome that each letter stands for. */
  letters: z.record(z.string(), z.string()),
  /** By site, then target. */
  targets: z.array(MatrixTargetSchema),
});
export type MatrixAnswer = z.infer<typeof MatrixAnswerSchema>;
