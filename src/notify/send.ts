import { outcomeOf, silenceOf, type Outcome } from "./outcome.ts";
import { sign } from "./sign.ts";

/** A message ready to be sent. */
export interface Letter {
  url: string;
  id: string;
  body: string;
  /** Newest first. */
  secrets: string[];
}

const TIMEOUT_MS = 10_000;

/** Workers caps outgoing calls per invocation. That is our own trouble, and only its text tells. */
const isOwnLimit = (error: unknown): boolean =>
  error instanceof Error && /too many subrequests/i.test(error.message);

/** One attempt. Never rejects: what goes wrong is the outcome. The answer's body is not read. */
export const send = async (letter: Letter, now: number, timeoutMs = TIMEOUT_MS): Promise<Outcome> => {
  const timestamp = Math.floor(now / 1_000);
  // Not AbortSignal.timeout: its timer outlives the answer and keeps the object from resting.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    const answer = await fetch(letter.url, {
      method: "POST",
      redirect: "manual",
      headers: {
        "Content-Type": "application/json",
        "User-Agent": "Parallax/1 (+webhook)",
        "webhook-id": letter.id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": await sign(letter.secrets, letter.id, timestamp, letter.body),
      },
      body: letter.body,
      signal: late.signal,
    });
    // Not awaited: whoever sends an endless body is not listened to, nor waited for.
    void answer.body?.cancel().catch(() => undefined);
    return outcomeOf(answer.status, answer.headers.get("Retry-After"), now);
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
