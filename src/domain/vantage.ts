import { z } from "zod";
import { InstantSchema } from "./instant.ts";
import { NameSchema } from "./name.ts";

/** Whether a vantage can be believed. What one that is not `sound` says is shown and not counted. */
export const VantageStateSchema = z.enum(["sound", "suspect", "faulty", "silent"]);
export type VantageState = z.infer<typeof VantageStateSchema>;

export const VantageKindSchema = z.enum(["regional", "remote"]);

/** A prober in one place, as the deployment knows it. */
export const VantageSchema = z.strictObject({
  id: NameSchema,
  kind: VantageKindSchema,
  region: z.string().max(63),
  provider: z.string().max(63),
  /** The site it stands in, for an inside vantage. */
  site: NameSchema.optional(),
});
export type Vantage = z.infer<typeof VantageSchema>;

/** The body of `POST /v1/vantages`: a prober outside Cloudflare, or with `site` one inside a site. */
export const VantageRequestSchema = z.strictObject({
  id: NameSchema,
  /** Where it stands: its city or its provider's region. Votes from one region are not a quorum. */
  region: NameSchema,
  /** Whose network it stands in: votes of one provider fall together. */
  provider: NameSchema,
  /** The site it stands inside of; it looks at that site's targets alone, unless a target names it. */
  site: NameSchema.optional(),
});
export type VantageRequest = z.infer<typeof VantageRequestSchema>;

/** The answer of `POST /v1/vantages` and of a rotation: the only ones that show the token. */
export const NewVantageSchema = VantageSchema.extend({ token: z.string() });
export type NewVantage = z.infer<typeof NewVantageSchema>;

/** One entry of `GET /v1/vantages`. */
export const VantageAnswerSchema = z.strictObject({
  id: NameSchema,
  kind: VantageKindSchema,
  region: z.string(),
  /** The data centre it really runs in; null where that cannot be read. */
  colo: z.string().nullable(),
  provider: z.string(),
  site: NameSchema.nullable(),
  state: VantageStateSchema,
  lastReportAt: InstantSchema.nullable(),
  /** How often the watchdog had to start it again. */
  rearmed: z.int(),
  counts: z.strictObject({
    reports: z.int(),
    observations: z.int(),
    /** Observations lost because its outbox was full. */
    dropped: z.int(),
  }),
});
export type VantageAnswer = z.infer<typeof VantageAnswerSchema>;
export const VantagesAnswerSchema = z.strictObject({ vantages: z.array(VantageAnswerSchema) });
