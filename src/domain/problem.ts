import { z } from "zod";
import { LeaderAnswerSchema } from "./group.ts";

/** RFC 9457 problem details, the body of every error answer. */
export const ProblemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })),
  /** Of a group that is asked who leads, or for the lease: who does; null where nobody does. */
  leader: LeaderAnswerSchema.nullable().optional(),
});
export type Problem = z.infer<typeof ProblemSchema>;

/** Why an object would not do as asked: a value, since what is thrown across objects loses its kind. */
export interface Refusal {
  reason: "not-found" | "precondition" | "capacity" | "invalid" | "conflict" | "expired";
  detail: string;
  /** The field that is wrong, dotted; empty where it is none in particular. */
  path: string;
  /** After so long there may be room by itself; absent where waiting does not help, or nobody knows how long. */
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
