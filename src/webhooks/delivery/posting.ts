/** What is on its way into the outbox. */
import type { NotifiedCause } from "../cause.ts";
import type { NotifiedTransition } from "../message.ts";
import { newMessage, type Message, type DeliveryBatch } from "../delivery-batch.ts";
import type { DeliveryQueue } from "./delivery-queue.ts";
import type { KeptTransition } from "../kept-transition.ts";

/** The message about these transitions of a judgement. */
export const postedMessage = (
  [first, ...rest]: [number, ...number[]],
  told: readonly NotifiedTransition[],
  kept: readonly KeptTransition[],
): Message => {
  const one = told[first];
  return rest.length === 0
    ? newMessage(first, kept[first]?.key ?? null, one?.transition.sequence ?? null)
    : { ...newMessage(first, one?.site ?? null, null), rest };
};

/** A batch on its way into the outbox. */
export interface Posted {
  deliveryBatch: DeliveryBatch;
  replacedDead: number;
}

/** The batches for webhooks that notify people, and the causes that each of these webhooks has reported then. */
export interface Prepared {
  posted: Posted[];
  known: { queue: DeliveryQueue; causes: NotifiedCause[] }[];
  /** In how long there may be more to send; Infinity for never. */
  waitMs: number;
}
