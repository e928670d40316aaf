import { z } from "zod";
import { InstantSchema } from "./instant.ts";

/** The calls by which a token's bearer has an aggregator change something, by name. */
export const AUDITED = [
  "putTarget",
  "deleteTarget",
  "putOverride",
  "deleteOverride",
  "addVantage",
  "rotateVantage",
  "deleteVantage",
  "addToken",
  "rotateToken",
  "deleteToken",
  "addJoin",
  "tradeJoin",
  "deleteJoin",
  "putWebhook",
  "deleteWebhook",
  "rotateWebhook",
  "testWebhook",
  "replayDelivery",
  "startDrill",
  "stopDrill",
  "putMute",
  "deleteMute",
] as const;
export type Audited = (typeof AUDITED)[number];

export const isAudited = (call: string | symbol): call is Audited =>
  (AUDITED as readonly (string | symbol)[]).includes(call);

/** The author and content of a request. */
export interface Asked {
  /** Id of the token, or the name of the variable that holds it. */
  by: string;
  /** Method and path. */
  what: string;
  /** One for each request, so that a call that is made again is recorded once. */
  request: string;
}

/** One change, with the state before and after it, without secrets; null for nothing. */
export const AuditEntrySchema = z.strictObject({
  at: InstantSchema,
  /** Id of the token that asked, or `ADMIN_TOKEN`. */
  by: z.string(),
  /** Method and path. */
  what: z.string(),
  before: z.unknown(),
  after: z.unknown(),
});
export type AuditEntry = z.infer<typeof AuditEntrySchema>;

export const AuditAnswerSchema = z.strictObject({
  entries: z.array(AuditEntrySchema),
  /** Pass as `?cursor=` for the next, older page, which may be empty although others follow; null at the end. */
  next: z.string().nullable(),
});
