import { z } from "zod";
import { LOOKS_PER_SECOND_MAX } from "./capacity.ts";
import { InstantSchema } from "./instant.ts";
import { NameSchema } from "./name.ts";

/** Whether a vantage can be believed. Observations of a vantage that is not `sound` are shown and not counted. */
export const VantageStateSchema = z.enum(["sound", "suspect", "faulty", "silent"]);
export type VantageState = z.infer<typeof VantageStateSchema>;

export const VantageKindSchema = z.enum(["regional", "remote"]);

/** Names of sites that one vantage or token is made for. */
export const SITES_MAX = 32;

/** The sites whose targets a vantage may get: those named, or with "all" every present and future site. */
export const VantageSitesSchema = z.union(
  [
    z.literal("all"),
    z
      .array(NameSchema)
      .min(1)
      .max(SITES_MAX)
      .refine((sites) => new Set(sites).size === sites.length, "must not name a site twice"),
  ],
  { error: `must be a list of 1 to ${SITES_MAX} names of sites, each once, or "all"` },
);
export type VantageSites = z.infer<typeof VantageSitesSchema>;

/** A prober in one place, as the deployment knows it. */
export const VantageSchema = z.strictObject({
  id: NameSchema,
  kind: VantageKindSchema,
  region: z.string().max(63),
  provider: z.string().max(63),
  /** The site that an inside vantage is in. */
  site: NameSchema.optional(),
  /** Absent for a regional vantage, and for a remote one made before `sites` existed: such a vantage may get all. */
  sites: VantageSitesSchema.optional(),
  /** How often its token was rotated: its reports are numbered anew after each rotation. */
  rotations: z.int().min(0).optional(),
});
export type Vantage = z.infer<typeof VantageSchema>;

/** The body of `POST /v1/vantages`: a prober outside Cloudflare; with `site`, one inside a site. */
export const VantageRequestSchema = z
  .strictObject({
    id: NameSchema,
    /** Where it is: its city or its provider's region. Votes from one region are not a quorum. */
    region: NameSchema,
    /** The provider of its network: votes of one provider fail together. */
    provider: NameSchema,
    /** The site that it is inside of. */
    site: NameSchema.optional(),
    /** The sites whose targets, with their secret headers, it gets. Inside a site only that site, unless more are named. */
    sites: VantageSitesSchema.optional(),
  })
  .superRefine(({ site, sites }, context) => {
    if (site === undefined && sites === undefined)
      context.addIssue({
        code: "custom",
        path: ["sites"],
        message: `is required of a vantage outside: the sites it is made for, or "all", as it is handed their targets' secret headers`,
      });
    if (site !== undefined && Array.isArray(sites) && !sites.includes(site))
      context.addIssue({
        code: "custom",
        path: ["sites"],
        message: `must hold ${site}, the site it stands in`,
      });
  });
export type VantageRequest = z.infer<typeof VantageRequestSchema>;

/** The answer of `POST /v1/vantages` and of a rotation: the only ones that show the token. */
export const NewVantageSchema = VantageSchema.omit({ rotations: true }).extend({ token: z.string() });
export type NewVantage = z.infer<typeof NewVantageSchema>;

/** How a vantage keeps up with its schedule, and how full it is: from its fullest shard, except for the counts. */
export const ShownTurnsSchema = z.strictObject({
  /** Turns that came up, and those of them that passed without a look until the next; 0 for a vantage too old to report them. */
  due: z.int(),
  missed: z.int(),
  /** For how long a look holds one of its slots; null while that is not known. */
  heldMs: z.number().nullable(),
  /** Looks a second that it can take in time, which limits PUTs of targets; while `heldMs` is null, the most that any vantage may take. */
  perSecond: z.number(),
  /** Looks a second it has to take. */
  assignedPerSecond: z.number(),
});
export type ShownTurns = z.infer<typeof ShownTurnsSchema>;

/** For a vantage too old to report its turns, and for readers who may not see them. */
export const UNTOLD: ShownTurns = {
  due: 0,
  missed: 0,
  heldMs: null,
  perSecond: LOOKS_PER_SECOND_MAX,
  assignedPerSecond: 0,
};

/** A vantage's newest look at one of its controls. */
const ShownControlSchema = z.strictObject({
  url: z.string(),
  answered: z.boolean(),
  lookedAt: InstantSchema,
  /** When it last answered; null for never. */
  answeredAt: InstantSchema.nullable(),
});

/** One entry of `GET /v1/vantages`. */
export const VantageAnswerSchema = z.strictObject({
  id: NameSchema,
  kind: VantageKindSchema,
  region: z.string(),
  /** The data centre in which it really runs; null if it cannot be read. */
  colo: z.string().nullable(),
  provider: z.string(),
  site: NameSchema.nullable(),
  /** The sites that it is made for; null for a remote vantage made before `sites` existed, which gets all. */
  sites: VantageSitesSchema.nullable().default(null),
  state: VantageStateSchema,
  /** Why it is not sound, in a sentence; empty if it is. */
  reason: z.string().default(""),
  lastReportAt: InstantSchema.nullable(),
  /** How often the watchdog had to start it again. */
  rearmed: z.int(),
  counts: z.strictObject({
    reports: z.int(),
    observations: z.int(),
    /** Observations lost because its outbox was full. */
    dropped: z.int(),
    /** Observations that it sent unasked: none of them is kept. */
    refused: z.int().default(0),
  }),
  turns: ShownTurnsSchema.default(UNTOLD),
  /** What it probes to know whether it is sound itself. */
  controls: z.array(ShownControlSchema).default([]),
});
export type VantageAnswer = z.infer<typeof VantageAnswerSchema>;
export const VantagesAnswerSchema = z.strictObject({
  vantages: z.array(VantageAnswerSchema),
  /** Where the aggregator of each shard really runs; null if it cannot be read. */
  aggregators: z.array(z.strictObject({ shard: z.int(), colo: z.string().nullable() })).default([]),
});
