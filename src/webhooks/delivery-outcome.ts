import { RETRY_AFTER_MAX_MS } from "./gap.ts";

/**
 * What became of one attempt. `failed.isEndpoint`: the receiver as a whole is in trouble, and another
 * message would have fared no better. `ours`: nothing was sent, through no fault of the receiver's.
 */
export type DeliveryOutcome =
  | { kind: "delivered"; status: number }
  | {
      kind: "failed";
      status: number | null;
      error: string;
      isEndpoint: boolean;
      retryAfterMs: number;
    }
  /** The receiver will never take this message. */
  | { kind: "refused"; status: number; error: string }
  | { kind: "gone"; status: number; error: string }
  | { kind: "ours" };

/** Statuses that speak for the receiver as a whole: too many requests, or nobody behind the proxy. */
const ENDPOINT_STATUS = new Set([429, 502, 503, 504]);

/** `Retry-After`, given in seconds or as a date, as milliseconds from `now`; 0 where the header says nothing. */
const retryAfterMs = (text: string | null, now: number): number => {
  if (text === null) return 0;
  // Some services send fractions of a second.
  const ms = /^\d{1,9}(\.\d{1,9})?$/.test(text.trim())
    ? Math.ceil(Number(text) * 1_000)
    : Date.parse(text) - now;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
};

/** The outcome of an answer, by its status and its Retry-After header. */
export const deliveryOutcomeOf = (
  status: number,
  retryAfter: string | null,
  now: number,
): DeliveryOutcome => {
  if (status >= 200 && status <= 299) return { kind: "delivered", status };
  if (status === 410) return { kind: "gone", status, error: "the receiver answered 410" };
  const isEndpoint = ENDPOINT_STATUS.has(status);
  return {
    kind: "failed",
    status,
    error:
      status >= 300 && status <= 399
        ? `redirected with ${status}, which is not followed`
        : `answered ${status}`,
    isEndpoint,
    retryAfterMs: isEndpoint ? retryAfterMs(retryAfter, now) : 0,
  };
};

/** Client errors that do not refuse a message for good: the dispatcher repeats a request that was too slow or one too many. */
const NOT_FINAL = new Set([408, 410, 425, 429]);

/** Whether a status means that the receiver will never take this message, where the receiver's client errors are final. */
export const isFinal = (status: number): boolean => status >= 400 && status <= 499 && !NOT_FINAL.has(status);

/** The outcome where no answer came. */
export const silenceOf = (error: string): DeliveryOutcome => ({
  kind: "failed",
  status: null,
  error,
  isEndpoint: true,
  retryAfterMs: 0,
});
