/** Joining by a code for one use, which a vantage or an agent trades for a token of its own. */
import { z } from "zod";
import { InstantSchema } from "./instant.ts";
import { NameSchema } from "./name.ts";
import type { TokenAnswer } from "./token.ts";
import { VantageSitesSchema } from "./vantage.ts";

/** Anyone who has the code can become a vantage or speak for a node: it should be used before anyone else finds it. */
export const TTL_MAX_MS = 3_600_000;
/** Time to walk over to the machine. */
const TTL_MS = 900_000;
const TTL_MIN_MS = 1_000;

export const JoinKindSchema = z.enum(["vantage", "agent"]);

const FOR_VANTAGES = ["site", "region", "provider"] as const;

/** The body of `POST /v1/joins`. */
export const JoinRequestSchema = z
  .strictObject({
    kind: JoinKindSchema,
    /**
     * The vantage that it makes, or the target that the agent speaks for. Without it: any target of the sites, or a vantage with a made-up
     * name.
     */
    id: NameSchema.optional(),
    /** The sites that a vantage is made for; or the sites of which an agent may speak for one target. */
    sites: VantageSitesSchema,
    /** The site that the vantage is inside of. */
    site: NameSchema.optional(),
    /** Where a vantage is. Vantages without it count as one place. */
    region: NameSchema.optional(),
    provider: NameSchema.optional(),
    ttlMs: z.int().min(TTL_MIN_MS).max(TTL_MAX_MS).default(TTL_MS),
    /** A note for people: whom the code is for. */
    note: z.string().max(100).optional(),
  })
  .superRefine((request, context) => {
    const wrong = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: [path], message });
    const { kind, site, sites } = request;
    if (kind === "agent") {
      if (sites === "all")
        wrong("sites", "must be a list of names: an agent speaks for a target of one of them");
      for (const field of FOR_VANTAGES)
        if (request[field] !== undefined) wrong(field, "is for vantages only: leave it out");
    } else if (site !== undefined && Array.isArray(sites) && !sites.includes(site)) {
      wrong("sites", `must hold ${site}, the site it stands in`);
    }
  });
export type JoinRequest = z.input<typeof JoinRequestSchema>;

/** A join as listed: never its code, which is kept as a hash only. */
export const JoinSchema = z.strictObject({
  /** Its own id, with which its code begins. */
  join: NameSchema,
  kind: JoinKindSchema,
  id: NameSchema.optional(),
  sites: VantageSitesSchema,
  site: NameSchema.optional(),
  region: NameSchema.optional(),
  provider: NameSchema.optional(),
  note: z.string().optional(),
  createdAt: InstantSchema,
  /** From then on the code is no longer traded. */
  expiresAt: InstantSchema,
  state: z.enum(["open", "used", "expired"]),
  usedAt: InstantSchema.optional(),
  /** Id of the token that it was traded for. */
  token: NameSchema.optional(),
});
export type Join = z.infer<typeof JoinSchema>;
/** As it is kept: its state is computed when it is read. */
export type KeptJoin = Omit<Join, "state">;
/** As it is requested: shard 0 adds when it begins and ends. */
export type JoinDraft = Omit<KeptJoin, "createdAt" | "expiresAt">;
/** All that the detector answers to a guessed code. */
export const UNKNOWN_CODE = "there is no such join code, or it was over more than a day ago: get a new one";
export const JoinsAnswerSchema = z.strictObject({ joins: z.array(JoinSchema) });

/** The answer of `POST /v1/joins`, the only one that shows the code. */
export const NewJoinSchema = JoinSchema.extend({ code: z.string() });
export type NewJoin = z.infer<typeof NewJoinSchema>;

/** The body of `POST /v1/joins/trade`. */
export const TradeRequestSchema = z
  .strictObject({
    /** Read by `readCode`, which explains a mistake better than a pattern. */
    code: z.string().max(100),
    /** Made and kept by the caller: with it the same code can be traded again if the answer was lost. */
    nonce: z
      .string()
      .regex(/^[A-Za-z0-9_-]{20,64}$/, "must be 20 to 64 random characters, of letters, digits, - and _"),
    kind: JoinKindSchema,
    /** The target that an agent speaks for. */
    site: NameSchema.optional(),
    target: NameSchema.optional(),
  })
  .superRefine(({ kind, site, target }, context) => {
    for (const [path, name] of Object.entries({ site, target }))
      if ((kind === "agent") !== (name !== undefined))
        context.addIssue({
          code: "custom",
          path: [path],
          message:
            kind === "agent"
              ? "is required: an agent speaks for one target"
              : "is for agents only: leave it out",
        });
  });
export type TradeRequest = z.infer<typeof TradeRequestSchema>;

/** What the code was traded for: what the token gives access to. */
export const TradedSchema = z.strictObject({
  join: NameSchema,
  kind: JoinKindSchema,
  vantage: NameSchema.optional(),
  site: NameSchema.optional(),
  target: NameSchema.optional(),
});
export type Traded = z.infer<typeof TradedSchema>;

/** A trade as shard 0 receives it. */
export interface Trade extends Pick<TradeRequest, "kind" | "site" | "target"> {
  join: string;
  /** SHA-256 in hex of the code, the nonce and the token. */
  code: string;
  nonce: string;
  hash: string;
  /** The token, without what it gives access to. */
  token: TokenAnswer;
}

/** The answer of `POST /v1/joins/trade`, the only one that shows the token. */
export const NewlyJoinedSchema = TradedSchema.extend({ token: z.string() });
export type NewlyJoined = z.infer<typeof NewlyJoinedSchema>;
