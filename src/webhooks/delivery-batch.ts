/**
 * All messages of one judgement for one webhook, kept as one row and tried on one schedule. A round tries every waiting message once. If
 * the receiver as a whole fails, all waiting messages share that failure, so that 500 messages to a receiver that is down cost one request
 * a round. The batch holds the schedule, and each message holds its own outcome.
 */
import type { DeliveryState, WebhookMessage } from "../domain/webhook.ts";
import { gapMs, MAX_ATTEMPTS } from "./gap.ts";
import type { Note } from "./format/note.ts";
import type { DeliveryOutcome } from "./delivery-outcome.ts";

export interface Message {
  /** The message's place in the judgement's transitions; 0 for a test. */
  index: number;
  /** Places of further transitions that the message reports; absent where it reports one. */
  rest?: number[];
  /**
   * `site/target` and sequence of the message's transition; for several transitions the site alone; for a cause the cause's key; null for a
   * test or a group.
   */
  key: string | null;
  sequence: number | null;
  state: DeliveryState;
  /** Rounds it took part in, since it was made or last replayed. */
  attempts: number;
  attemptedAt: number | null;
  status: number | null;
  error: string | null;
}

export interface DeliveryBatch {
  webhook: string;
  /** Counts the webhook's batches in this shard. */
  number: number;
  /** Unique in the whole deployment; its messages' ids begin with it. */
  name: string;
  /** The batch of transitions that the messages report; null where they report a test, a group or a cause. */
  batch: number | null;
  /** The message itself, where it reports no transition but a group or a cause. */
  body?: WebhookMessage | Note;
  at: number;
  /** Rounds that are over. */
  attempts: number;
  /** When the next round may begin, epoch milliseconds. */
  nextAt: number;
  /** Whether the last round ended with the receiver as a whole failing. */
  cutShort: boolean;
  messages: Message[];
}

export const newMessage = (index: number, key: string | null, sequence: number | null): Message => ({
  index,
  key,
  sequence,
  state: "pending",
  attempts: 0,
  attemptedAt: null,
  status: null,
  error: null,
});

/**
 * The id of a message. A message of several transitions has another id than a message of only the first one, which another webhook may get.
 */
export const deliveryId = (
  { name }: Pick<DeliveryBatch, "name">,
  { index, rest }: Pick<Message, "index" | "rest">,
): string => (rest === undefined ? `${name}-${index}` : `${name}-${index}-site`);

/** The name of the batch that holds this delivery. */
export const batchName = (delivery: string): string => delivery.replace(/-\d+(-site)?$/, "");

export const countIn = (deliveryBatch: DeliveryBatch, state: DeliveryState): number =>
  deliveryBatch.messages.reduce((count, message) => count + (message.state === state ? 1 : 0), 0);

/**
 * Messages that the current round has still to try. Each round begins with another message, so that a message that hangs does not hold up
 * the rest for ever.
 */
export const untried = (deliveryBatch: DeliveryBatch): Message[] => {
  const waiting = deliveryBatch.messages.filter(({ state }) => state === "pending");
  const first = waiting.length === 0 ? 0 : deliveryBatch.attempts % waiting.length;
  return [...waiting.slice(first), ...waiting.slice(0, first)].filter(
    ({ attempts }) => attempts === deliveryBatch.attempts,
  );
};

const changed = (
  deliveryBatch: DeliveryBatch,
  change: Partial<Message>,
  whom: (message: Message) => boolean,
): DeliveryBatch => ({
  ...deliveryBatch,
  messages: deliveryBatch.messages.map((message) => (whom(message) ? { ...message, ...change } : message)),
});

type Failure = Extract<DeliveryOutcome, { kind: "failed" }>;

/** One attempt: which message, in which round the attempt began, and when it ended. `random`, 0 to 1, spreads the next rounds. */
export interface DeliveryAttempt {
  index: number;
  round: number;
  now: number;
  random: number;
}

/** The batch after the receiver took one of its messages. */
export const afterDelivery = (
  deliveryBatch: DeliveryBatch,
  attempt: DeliveryAttempt,
  status: number,
): DeliveryBatch => {
  const { index, round, now, random } = attempt;
  const change: Partial<Message> = {
    state: "delivered",
    attempts: round + 1,
    attemptedAt: now,
    status,
    error: null,
  };
  return roundEnded(
    changed(deliveryBatch, change, (one) => one.index === index),
    now,
    random,
    0,
  );
};

/** The batch after the receiver did not take one of its messages. */
export const afterFailure = (
  deliveryBatch: DeliveryBatch,
  attempt: DeliveryAttempt,
  failure: Failure,
): DeliveryBatch => {
  const { index, round, now, random } = attempt;
  // A message that was under way when its round was cut short has been counted already.
  if (round !== deliveryBatch.attempts) return deliveryBatch;
  if (failure.isEndpoint) return afterOutage(deliveryBatch, failure, now, random);
  const { status, error } = failure;
  const told = changed(
    deliveryBatch,
    { attempts: round + 1, attemptedAt: now, status, error },
    (one) => one.index === index && one.state === "pending",
  );
  return roundEnded({ ...told, cutShort: false }, now, random, 0);
};

/** The batch after its receiver refused one of its messages for good. */
export const afterRefusal = (
  deliveryBatch: DeliveryBatch,
  attempt: DeliveryAttempt,
  { status, error }: Extract<DeliveryOutcome, { kind: "refused" }>,
): DeliveryBatch => {
  const { index, round, now, random } = attempt;
  const change: Partial<Message> = { state: "dead", attempts: round + 1, attemptedAt: now, status, error };
  const isIt = (one: Message): boolean => one.index === index && one.state === "pending";
  return roundEnded(changed(deliveryBatch, change, isIt), now, random, 0);
};

/**
 * The cause that a batch reports: a newer message about the same cause replaces the batch. Null for other batches, each of which must
 * arrive.
 */
export const causeIn = ({ body }: Pick<DeliveryBatch, "body">): string | null =>
  body?.type === "note" && body.kind === "cause" ? body.about : null;

/** The batch after its receiver failed as a whole: none of its messages would have fared better. */
export const afterOutage = (
  deliveryBatch: DeliveryBatch,
  failure: Failure,
  now: number,
  random: number,
): DeliveryBatch => {
  const { status, error, retryAfterMs } = failure;
  const told = changed(
    deliveryBatch,
    { attempts: deliveryBatch.attempts + 1, attemptedAt: now, status, error },
    (one) => one.state === "pending" && one.attempts === deliveryBatch.attempts,
  );
  return roundEnded({ ...told, cutShort: true }, now, random, retryAfterMs);
};

const roundEnded = (
  deliveryBatch: DeliveryBatch,
  now: number,
  random: number,
  retryAfterMs: number,
): DeliveryBatch => {
  const waiting = deliveryBatch.messages.filter(({ state }) => state === "pending");
  if (waiting.length === 0 || waiting.some(({ attempts }) => attempts <= deliveryBatch.attempts))
    return deliveryBatch;
  const attempts = deliveryBatch.attempts + 1;
  if (attempts < MAX_ATTEMPTS)
    return { ...deliveryBatch, attempts, nextAt: now + gapMs(attempts, random, retryAfterMs) };
  return changed({ ...deliveryBatch, attempts }, { state: "dead" }, ({ state }) => state === "pending");
};

/** The batch with all waiting messages given up. */
export const givenUp = (deliveryBatch: DeliveryBatch, error: string): DeliveryBatch =>
  changed(deliveryBatch, { state: "dead", error }, ({ state }) => state === "pending");

/** The batch with one message to be sent once more, whatever became of that message. All waiting messages get all their attempts again. */
export const replayed = (deliveryBatch: DeliveryBatch, index: number, now: number): DeliveryBatch => ({
  ...changed(
    deliveryBatch,
    { state: "pending", attempts: 0 },
    (one) => one.index === index || one.state === "pending",
  ),
  attempts: 0,
  nextAt: now,
  cutShort: false,
});
