import { z } from "zod";
import { LeaderAnswerSchema } from "./group.ts";

/** RFC 9457 problem details, the body of every error answer. */
export const ProblemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })),
  /** For requests about a group's leader or its lease: the leader; null if no member leads. */
  leader: LeaderAnswerSchema.nullable().optional(),
});
export type Problem = z.infer<typeof ProblemSchema>;

/** Why an object refused a request. A value, since an error that is thrown across objects loses its class. */
export interface Refusal {
  reason: "not-found" | "precondition" | "capacity" | "invalid" | "conflict" | "expired";
  detail: string;
  /** The wrong field, dotted; empty if no single field is wrong. */
  path: string;
  /** After this time there may be room by itself; absent if waiting does not help, or the time is not known. */
  retryAfterMs?: number | undefined;
}

export type Result<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

export const accepted = <T>(value: T): Result<T> => ({ ok: true, value });
export const refused = (
  reason: Refusal["reason"],
  detail: string,
  path = "",
  retryAfterMs?: number,
): { ok: false; refusal: Refusal } => ({
  ok: false,
  refusal: { reason, detail, path, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
});
