/** What the platform really returns at a vantage: raw, without interpretation. For `npm run calibrate`. */
import { z } from "zod";
import { probeKindOf, schemeOf } from "./kinds.ts";
import { EndpointUrlSchema } from "./target.ts";

/** Two more than an invocation has connections. */
const TIMES_MAX = 8;
const TEXT_MAX = 300;

/** The body of `POST /v1/vantages/{id}/attempts`. */
export const AttemptRequestSchema = z.strictObject({
  url: EndpointUrlSchema.refine((url) => {
    const scheme = schemeOf(url);
    return scheme !== undefined && probeKindOf(scheme).form !== "question";
  }, "must not be a question of DNS"),
  timeoutMs: z.int().min(500).max(10_000).default(5_000),
  /** This many at once, in one invocation. */
  times: z.int().min(1).max(TIMES_MAX).default(1),
});
export type AttemptRequest = z.input<typeof AttemptRequestSchema>;
export type CompleteAttemptRequest = z.output<typeof AttemptRequestSchema>;

/** An error as it was thrown; `message` without anything that may reveal where it happened. */
const ThrownSchema = z.strictObject({
  name: z.string().max(TEXT_MAX),
  message: z.string().max(TEXT_MAX),
  code: z.string().max(TEXT_MAX).nullable(),
  /** As the platform marks errors; null where it does not. */
  retryable: z.boolean().nullable(),
  overloaded: z.boolean().nullable(),
  remote: z.boolean().nullable(),
});
export type Thrown = z.infer<typeof ThrownSchema>;

export const AttemptSchema = z.strictObject({
  by: z.enum(["fetch", "connect", "connect with TLS"]),
  /** `late`: it had not ended by `timeoutMs`. */
  end: z.enum(["answered", "opened", "failed", "late"]),
  /** Milliseconds from the begin of the attempt to its end. */
  tookMs: z.number(),
  /** Of an answer. */
  status: z.int().nullable(),
  /** It bears the marks of Cloudflare's proxy. */
  proxied: z.boolean(),
  /** The beginning of its body. */
  body: z.string().max(TEXT_MAX).nullable(),
  thrown: ThrownSchema.nullable(),
});
export type Attempt = z.infer<typeof AttemptSchema>;

export const AttemptsAnswerSchema = z.strictObject({
  vantage: z.string(),
  /** The data centre in which the attempt was made; null if it cannot be read. */
  colo: z.string().nullable(),
  attempts: z.array(AttemptSchema),
});
export type AttemptsAnswer = z.infer<typeof AttemptsAnswerSchema>;
