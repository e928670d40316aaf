import { toInstant } from "../../domain/instant.ts";
import { FORMATS, rendered } from "../format/formats.ts";
import type { Note } from "../format/note.ts";
import { noteOf } from "../format/note.ts";
import type { TransitionData, Webhook, WebhookMessage } from "../../domain/webhook.ts";
import { siteMessage } from "../bundle.ts";
import { testMessage, transitionData, transitionMessage } from "../message.ts";
import { deliveryId, type Message, type DeliveryBatch } from "../delivery-batch.ts";
import type { OutgoingMessage } from "../send.ts";
import type { KeptBatches, KeptTransition } from "../kept-transition.ts";

const dataOf = ({ key, transition, drill, muted }: KeptTransition): TransitionData =>
  transitionData(key, transition, drill ?? null, muted ?? null);

/** Makes messages from the kept transitions, so that nothing is stored twice. The body is the same at every attempt. */
export class MessageMaker {
  readonly #batches: KeptBatches;
  /** The batch read last, because many messages in a row belong to one batch. */
  #opened: { batch: number; kept: KeptTransition[] | null } | null = null;

  constructor(batches: KeptBatches) {
    this.#batches = batches;
  }

  /** A message ready to be sent; null where its transition is not kept any more. */
  of(webhook: Webhook, deliveryBatch: DeliveryBatch, message: Message, now: number): OutgoingMessage | null {
    const told = this.toldIn(deliveryBatch, message.index);
    if (told === null) return null;
    const { format = "standard", url, routingKey } = webhook;
    const id = deliveryId(deliveryBatch, message);
    const keys = webhook.keys.filter(({ until }) => until === null || until > now);
    const secrets = keys.map(({ secret }) => secret);
    if (format === "standard") return { url, id, body: JSON.stringify(told), secrets };
    const { isSigned, isFinal } = FORMATS[format];
    return {
      ...rendered(format, noteOf(told), webhook),
      id,
      secrets: isSigned ? secrets : [],
      ...(isFinal ? { hidden: routingKey === undefined ? [url, new URL(url).pathname] : [routingKey] } : {}),
    };
  }

  /** The content of a message; null where its transitions are not kept any more. */
  toldIn({ webhook, batch, at, messages, body }: DeliveryBatch, index: number): WebhookMessage | Note | null {
    if (body !== undefined) return body;
    if (batch === null) return testMessage(webhook, toInstant(at));
    if (this.#opened?.batch !== batch) this.#opened = { batch, kept: this.#batches.transitionsOf(batch) };
    const rest = messages.find((one) => one.index === index)?.rest;
    const { kept } = this.#opened;
    const told = [index, ...(rest ?? [])].flatMap((place) => kept?.[place] ?? []).map(dataOf);
    const [first] = told;
    if (first === undefined) return null;
    return rest === undefined ? transitionMessage(first) : siteMessage(told);
  }

  /** No send is under way: a batch of everything failing at once need not stay in memory. */
  close(): void {
    this.#opened = null;
  }
}
