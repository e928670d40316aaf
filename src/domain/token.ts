import { z } from "zod";
import { InstantSchema } from "./instant.ts";
import { NameSchema } from "./name.ts";
import { SITES_MAX } from "./vantage.ts";

/** What a token allows its bearer to do; `admin` includes all. `vantage` tokens are made with their vantage. */
export const ScopeNameSchema = z.enum(["read", "notify", "vantage", "admin"]);

/** The body of `POST /v1/tokens`. */
export const TokenRequestSchema = z
  .strictObject({
    scope: ScopeNameSchema.exclude(["vantage"], {
      error: "must be read, notify or admin; POST /v1/vantages makes a vantage's token",
    }),
    /** The one target that a `notify` token speaks for. */
    site: NameSchema.optional(),
    target: NameSchema.optional(),
    /** The sites that a `read` token is confined to; without it the token reads all. */
    sites: z
      .array(NameSchema)
      .min(1)
      .max(SITES_MAX)
      .refine((sites) => new Set(sites).size === sites.length, "must not name a site twice")
      .optional(),
    /** A note for people: whose token it is. */
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
  /** How long the old text stays valid. With 0, the default, it becomes void at once, and so do all texts before it. */
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
  /** Until when an earlier text stays valid, while one is. */
  formerUntil: InstantSchema.optional(),
});
export type TokenAnswer = z.infer<typeof TokenAnswerSchema>;
export const TokensAnswerSchema = z.strictObject({ tokens: z.array(TokenAnswerSchema) });

/** The answer of `POST /v1/tokens` and of a rotation, the only ones that show the token. */
export const NewTokenSchema = TokenAnswerSchema.extend({ token: z.string() });
export type NewToken = z.infer<typeof NewTokenSchema>;

/** With this key every isolate can see whether a token was made here. Shard 0 keeps it, and it never leaves the deployment. */
export interface TokenKey {
  key: string;
  /** Whether some valid text was made before texts had a tag. */
  untagged: boolean;
  /** `listedAs` of every valid text, while some are untagged. Absent from an earlier aggregator. */
  listed?: string[] | undefined;
}

/** How much of a hash is listed: 64 bits, so that it is infeasible to find another text that is listed too. */
const LISTED_CHARACTERS = 16;

/** The listed part of a text's hash. */
export const listedAs = (hash: string): string => hash.slice(0, LISTED_CHARACTERS);

/** What a known token gives access to. `id`: the token's; absent from an earlier aggregator. */
export type Grant = { id?: string } & (
  | { scope: "admin" }
  /** `sites`: only targets of these sites; without it all. */
  | { scope: "read"; sites?: string[] }
  | { scope: "notify"; site: string; target: string }
  | { scope: "vantage"; vantage: string }
);

/** Whether a grant allows reading this site's targets. */
export const mayReadSite = (grant: Grant, site: string): boolean =>
  grant.scope === "admin" || (grant.scope === "read" && (grant.sites?.includes(site) ?? true));
