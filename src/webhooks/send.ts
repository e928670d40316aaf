import { clean, cutText } from "./format/text.ts";
import { isFinal, deliveryOutcomeOf, silenceOf, type DeliveryOutcome } from "./delivery-outcome.ts";
import { sign } from "./sign.ts";

/** A message ready to be sent. */
export interface OutgoingMessage {
  url: string;
  id: string;
  body: string;
  /** Newest first; empty where the receiver verifies no signature. */
  secrets: string[];
  /** Words that must not be repeated from an answer. Present for a service whose client errors are final and whose answer says why. */
  hidden?: string[];
}

const TIMEOUT_MS = 10_000;

/** Workers limits outgoing calls per invocation. Hitting that limit is our own fault, and only the error's text shows it. */
const isOwnLimit = (error: unknown): boolean =>
  error instanceof Error && /too many subrequests/i.test(error.message);

/** Of an answer that says why, at most this many bytes are read and this many characters kept. */
const REASON_BYTES = 1_024;
const REASON_MAX = 200;
/** Shorter words are not hidden, such as an empty path. */
const SECRET_MIN = 8;

/** The text of a refusal, as far as it arrived. */
const reasonIn = async (answer: Response, hidden: readonly string[]): Promise<string> => {
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  try {
    while (reader !== undefined && bytes < REASON_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.length;
      text += decoder.decode(value.subarray(0, REASON_BYTES), { stream: true });
    }
  } catch {
    // The connection broke off: use the text that arrived before.
  }
  void reader?.cancel().catch(() => undefined);
  // Hide secrets before the text is cut: half a secret is a secret too.
  return cutText(
    hidden
      .filter(({ length }) => length >= SECRET_MIN)
      .reduce((rest, secret) => rest.replaceAll(secret, "***"), clean(text)),
    REASON_MAX,
  );
};

const headersOf = async (
  { id, secrets, body }: OutgoingMessage,
  now: number,
): Promise<Record<string, string>> => {
  if (secrets.length === 0) return {};
  const timestamp = Math.floor(now / 1_000);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": await sign(secrets, id, timestamp, body),
  };
};

const judged = async (
  answer: Response,
  { hidden }: OutgoingMessage,
  now: number,
): Promise<DeliveryOutcome> => {
  const { status } = answer;
  if (hidden !== undefined && isFinal(status)) {
    const reason = await reasonIn(answer, hidden);
    return { kind: "refused", status, error: `answered ${status}${reason === "" ? "" : `: ${reason}`}` };
  }
  // Not awaited: the sender neither reads nor waits for a body that may be endless.
  void answer.body?.cancel().catch(() => undefined);
  return deliveryOutcomeOf(status, answer.headers.get("Retry-After"), now);
};

/** One attempt. Never rejects: an error becomes the outcome. Of the answer's body, only the reason of a refusal is read. */
export const sendMessage = async (
  message: OutgoingMessage,
  now: number,
  timeoutMs = TIMEOUT_MS,
): Promise<DeliveryOutcome> => {
  // Not AbortSignal.timeout: its timer outlives the answer and keeps the object from resting.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    const answer = await fetch(message.url, {
      method: "POST",
      redirect: "manual",
      headers: {
        "Content-Type": "application/json",
        "User-Agent": "Parallax/1 (+webhook)",
        ...(await headersOf(message, now)),
      },
      body: message.body,
      signal: late.signal,
    });
    return await judged(answer, message, now);
  } catch (error) {
    if (isOwnLimit(error)) return { kind: "ours" };
    // Never the error's own text, which may carry addresses or random references.
    return silenceOf(
      late.signal.aborted ? `no answer within ${timeoutMs / 1_000} s` : "the connection failed",
    );
  } finally {
    clearTimeout(timer);
  }
};
