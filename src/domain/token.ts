import { z } from "zod";
import { InstantSchema } from "./instant.ts";
import { NameSchema } from "./name.ts";
import { SITES_MAX } from "./vantage.ts";

/** What a token lets its bearer do; `admin` includes all. `vantage` tokens are made with their vantage. */
export const ScopeNameSchema = z.enum(["read", "notify", "vantage", "admin"]);

/** The body of `POST /v1/tokens`. */
export const TokenRequestSchema = z
  .strictObject({
    scope: ScopeNameSchema.exclude(["vantage"], {
      error: "must be read, notify or admin; POST /v1/vantages makes a vantage's token",
    }),
    /** The one target a `notify` token speaks for. */
    site: NameSchema.optional(),
    target: NameSchema.optional(),
    /** The sites a `read` token is confined to; without it it reads all. */
    sites: z
      .array(NameSchema)
      .min(1)
      .max(SITES_MAX)
      .refine((sites) => new Set(sites).size === sites.length, "must not name a site twice")
      .optional(),
    /** For people: whose it is. */
    note: z.string().max(200).optional(),
  })
  .superRefine(({ scope, site, target, sites }, context) => {
    if (sites !== undefined && scope !== "read")
      context.addIssue({ code: "custom", path: ["sites"], message: "is for read tokens only: leave it out" });
    for (const [path, name] of Object.entries({ site, target }))
      if ((scope === "notify") !== (name !== undefined))
        context.addIssue({
          code: "custom",
          path: [path],
          message:
            scope === "notify"
              ? "is required: a notify token speaks for one target"
              : "is for notify tokens only: leave it out",
        });
  });
export type TokenRequest = z.infer<typeof TokenRequestSchema>;

/** The body of `POST /v1/tokens/{id}/rotate`, which may be left out. */
export const TokenRotationSchema = z.strictObject({
  /** For so long the old text goes on opening what it did; 0, the default: it is void at once, and so are all before it. */
  graceMs: z.int().min(0).max(86_400_000).optional(),
});

/** A token as listed: never the token itself, which is kept as a hash only. */
export const TokenAnswerSchema = z.strictObject({
  id: NameSchema,
  scope: ScopeNameSchema,
  site: NameSchema.optional(),
  target: NameSchema.optional(),
  vantage: NameSchema.optional(),
  sites: z.array(NameSchema).optional(),
  note: z.string().optional(),
  createdAt: InstantSchema,
  rotatedAt: InstantSchema.optional(),
  /** Until when an earlier text opens the same, while one does. */
  formerUntil: InstantSchema.optional(),
});
export type TokenAnswer = z.infer<typeof TokenAnswerSchema>;
export const TokensAnswerSchema = z.strictObject({ tokens: z.array(TokenAnswerSchema) });

/** The answer of `POST /v1/tokens` and of a rotation, the only ones that show the token. */
export const NewTokenSchema = TokenAnswerSchema.extend({ token: z.string() });
export type NewToken = z.infer<typeof NewTokenSchema>;

/** By what every isolate sees whether a token was made here. Kept by shard 0, and never told outside. */
export interface TokenKey {
  key: string;
  /** Some text still opens something that was made before texts had a tag. */
  untagged: boolean;
  /** `listedAs` of every text there is, while some are untagged. Absent of an earlier aggregator. */
  listed?: string[] | undefined;
}

/** How much of a hash is listed: 64 bits, so that nobody finds another text that is listed as well. */
const LISTED_CHARACTERS = 16;

/** By what a text is listed, of its hash. */
export const listedAs = (hash: string): string => hash.slice(0, LISTED_CHARACTERS);

/** What a known token opens. `id`: the token's; absent where an earlier aggregator tells. */
export type Grant = { id?: string } & (
  | { scope: "admin" }
  /** `sites`: these sites' targets alone; without it all. */
  | { scope: "read"; sites?: string[] }
  | { scope: "notify"; site: string; target: string }
  | { scope: "vantage"; vantage: string }
);

/** Whether a grant opens reads of this site's targets. */
export const mayReadSite = (grant: Grant, site: string): boolean =>
  grant.scope === "admin" || (grant.scope === "read" && (grant.sites?.includes(site) ?? true));
