import { clean, cutText } from "./format/text.ts";
import { isFinal, deliveryOutcomeOf, silenceOf, type DeliveryOutcome } from "./delivery-outcome.ts";
import { sign } from "./sign.ts";

/** A message ready to be sent. */
export interface OutgoingMessage {
  url: string;
  id: string;
  body: string;
  /** Newest first; none where nobody verifies it. */
  secrets: string[];
  /** Of a service whose client errors are its last word, and whose answer says why: words that must not be repeated of it. */
  hidden?: string[];
}

const TIMEOUT_MS = 10_000;

/** Workers caps outgoing calls per invocation. That is our own trouble, and only its text tells. */
const isOwnLimit = (error: unknown): boolean =>
  error instanceof Error && /too many subrequests/i.test(error.message);

/** Of an answer that says why, so many bytes are read, and so many characters kept. */
const REASON_BYTES = 1_024;
const REASON_MAX = 200;
/** What is shorter hides nothing: a path that is empty. */
const SECRET_MIN = 8;

/** What a refusal says, as far as it came. */
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
    // What broke off says as much as it says.
  }
  void reader?.cancel().catch(() => undefined);
  // Before it is cut: half a secret is one too.
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
  // Not awaited: whoever sends an endless body is not listened to, nor waited for.
  void answer.body?.cancel().catch(() => undefined);
  return deliveryOutcomeOf(status, answer.headers.get("Retry-After"), now);
};

/** One attempt. Never rejects: what goes wrong is the outcome. Of the answer's body nothing is read but why a service refuses. */
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
