/**
 * All messages of one judgement for one webhook: kept as one row, tried on one schedule. A round tries
 * every message that waits once, unless the receiver as a whole fails: then they share that failure,
 * so that 500 messages to a receiver that is down cost one request a round. The schedule is the
 * batch's; what became of a message is its own.
 */
import type { DeliveryState, WebhookMessage } from "../domain/webhook.ts";
import { gapMs, MAX_ATTEMPTS } from "./gap.ts";
import type { Note } from "./format/note.ts";
import type { DeliveryOutcome } from "./delivery-outcome.ts";

export interface Message {
  /** Its place in the judgement's transitions; 0 of a test. */
  index: number;
  /** Places of further transitions that it tells of; absent where it tells of one. */
  rest?: number[];
  /** `site/target` and sequence of its transition; of several the site alone; of a cause what it is of; null of a test. */
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
  /** The batch of transitions it tells of; null for a test. */
  batch: number | null;
  /** What is sent, where it tells of no transition: of a group, or of a cause. */
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

/** One webhook's message of several transitions is another than another's of the first of them. */
export const deliveryId = (
  { name }: Pick<DeliveryBatch, "name">,
  { index, rest }: Pick<Message, "index" | "rest">,
): string => (rest === undefined ? `${name}-${index}` : `${name}-${index}-site`);

/** The name of the batch that holds this delivery. */
export const batchName = (delivery: string): string => delivery.replace(/-\d+(-site)?$/, "");

export const countIn = (deliveryBatch: DeliveryBatch, state: DeliveryState): number =>
  deliveryBatch.messages.reduce((count, message) => count + (message.state === state ? 1 : 0), 0);

/** Messages the current round has still to try. Each round begins with another, lest one that hangs hold up the rest for ever. */
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

/** One attempt: which message, in which round it began, when it ended; `random`, 0 to 1, spreads what follows. */
export interface DeliveryAttempt {
  index: number;
  round: number;
  now: number;
  random: number;
}

/** The batch after one of its messages was taken. */
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

/** The batch after one of its messages was not taken. */
export const afterFailure = (
  deliveryBatch: DeliveryBatch,
  attempt: DeliveryAttempt,
  failure: Failure,
): DeliveryBatch => {
  const { index, round, now, random } = attempt;
  // One that was under way when its round was cut short has been counted already.
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

/** What a batch tells of, where a newer word of the same takes its place; null of others, each of which is to arrive. */
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

/** The batch with all that waited given up. */
export const givenUp = (deliveryBatch: DeliveryBatch, error: string): DeliveryBatch =>
  changed(deliveryBatch, { state: "dead", error }, ({ state }) => state === "pending");

/** The batch with one message to be sent once more, whatever became of it; all that wait get all their attempts again. */
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
