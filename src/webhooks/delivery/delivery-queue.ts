import type { Webhook, WebhookCounts } from "../../domain/webhook.ts";
import type { NotifiedCause } from "../cause.ts";
import type { DeliveryOutcome } from "../delivery-outcome.ts";
import {
  afterDelivery,
  afterFailure,
  afterOutage,
  afterRefusal,
  causeIn,
  countIn,
  givenUp,
  replayed,
  untried,
  type Message,
  type DeliveryBatch,
} from "../delivery-batch.ts";
import { BATCHES_KEPT, type Extent, type Tally } from "./delivery-table.ts";

/** Messages that wait for one webhook in one shard, at most; then the oldest are given up. */
const MAX_PENDING = 1_000;
/** Requests to one webhook at once: only one while its receiver fails, so that it holds up no other webhook. */
const ABREAST = 2;
const ABREAST_FAILING = 1;
/** After a receiver is back, a batch is tried again no sooner than this long after its last attempt. */
const RESUME_AFTER_MS = 60_000;

const REPLACED = "not sent any more: a newer message about the same took its place";

const MOVED =
  "not sent any more: the webhook leads elsewhere, and what is still in trouble is announced there";

/** Where and how a webhook notifies. The people at another place do not know what was sent before. */
export const placeOf = ({ format = "standard", url, routingKey = "" }: Webhook): string =>
  [format, url, routingKey].join(" ");

/** One attempt under way. */
export interface Flight {
  number: number;
  message: Message;
  /** The batch's round in which it began. */
  round: number;
}

/** What one shard has to send to one webhook: only the batches with waiting messages, and the batches that are not written yet. */
export class DeliveryQueue {
  readonly webhook: string;
  readonly createdAt: number;
  readonly #deliveryBatches = new Map<number, DeliveryBatch>();
  readonly #unwritten = new Map<number, DeliveryBatch>();
  readonly #flights = new Set<Flight>();
  readonly #tally: Tally;
  #place: string;
  #isFailing = false;
  #newest: { number: number; at: number };
  #dead: number;
  #unwrittenSince: number | null = null;

  constructor(webhook: Webhook, tally: Tally, extent: Extent | null, deliveryBatches: DeliveryBatch[]) {
    this.webhook = webhook.id;
    this.createdAt = webhook.createdAt;
    this.#place = placeOf(webhook);
    this.#tally = tally;
    this.#newest = { number: extent?.number ?? 0, at: extent?.at ?? 0 };
    this.#dead = extent?.dead ?? 0;
    for (const deliveryBatch of deliveryBatches) {
      // The object may have ended before this replacement was written.
      this.#replaceBy(deliveryBatch);
      this.#deliveryBatches.set(deliveryBatch.number, deliveryBatch);
    }
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  get flying(): number {
    return this.#flights.size;
  }

  get counts(): WebhookCounts {
    const { delivered, failed, dropped } = this.#tally;
    return { pending: this.#pending, delivered, failed, dead: this.#dead, dropped };
  }

  /** The causes that the webhook has reported and that are not over. */
  get causes(): readonly NotifiedCause[] {
    return this.#tally.causes ?? [];
  }

  get refused(): Tally["refused"] {
    return this.#tally.refused;
  }

  /** The webhook's counts, with these causes. */
  tallyWith(causes: NotifiedCause[]): Tally {
    return { ...this.#tally, causes };
  }

  know(causes: NotifiedCause[]): void {
    this.#tally.causes = causes;
  }

  /**
   * Changes the place that the webhook notifies, and gives up messages about causes that wait. True where causes were reported at the old
   * place, of which the new place does not know.
   */
  moveTo(place: string, now: number): boolean {
    if (place === this.#place) return false;
    this.#place = place;
    for (const deliveryBatch of this.#deliveryBatches.values())
      if (causeIn(deliveryBatch) !== null) this.#giveUp(deliveryBatch.number, MOVED, now);
    const knew = this.causes.length > 0;
    if (knew) this.know([]);
    return knew;
  }

  get isEmpty(): boolean {
    return this.#deliveryBatches.size === 0 && this.#unwritten.size === 0;
  }

  /** When something is to be sent next, or Infinity. */
  get nextAt(): number {
    return Math.min(...[...this.#deliveryBatches.values()].map(({ nextAt }) => nextAt), Infinity);
  }

  /** When the oldest batch that was tried in vain was made; null where there is none. */
  get oldestAt(): number | null {
    const tried = [...this.#deliveryBatches.values()].filter(({ attempts }) => attempts > 0);
    return tried.length === 0 ? null : Math.min(...tried.map(({ at }) => at));
  }

  /** Since when a change has not been written, or null. */
  get unwrittenSince(): number | null {
    return this.#unwrittenSince;
  }

  /**
   * Number and instant of a new batch: the number is above all earlier ones and `before` more, and the instant is not earlier than theirs,
   * whatever the clock says.
   */
  following(now: number, before = 0): { number: number; at: number } {
    return { number: this.#newest.number + 1 + before, at: Math.max(now, this.#newest.at) };
  }

  /** Takes up a batch that has been stored; `replacedDead`: dead messages of the batch that it overwrote. */
  take(deliveryBatch: DeliveryBatch, replacedDead: number): void {
    const overwritten = deliveryBatch.number - BATCHES_KEPT;
    const replaced = this.deliveryBatch(overwritten);
    this.#tally.dropped += this.#pendingIn(overwritten);
    this.#deliveryBatches.delete(overwritten);
    this.#unwritten.delete(overwritten);
    this.#dead -= replaced === undefined ? replacedDead : countIn(replaced, "dead");
    this.#newest = { number: deliveryBatch.number, at: deliveryBatch.at };
    this.#replaceBy(deliveryBatch);
    this.#deliveryBatches.set(deliveryBatch.number, deliveryBatch);
    for (const { number } of this.#deliveryBatches.values()) {
      if (this.#pending <= MAX_PENDING) break;
      this.#tally.dropped += this.#pendingIn(number);
      this.#giveUp(number, `given up: more than ${MAX_PENDING} messages were waiting`, deliveryBatch.at);
    }
  }

  /** The next message to send at `now`, or null. */
  next(now: number): Flight | null {
    if (this.#flights.size >= (this.#isFailing ? ABREAST_FAILING : ABREAST)) return null;
    const due = [...this.#deliveryBatches.values()]
      .filter(({ nextAt }) => nextAt <= now)
      .toSorted((left, right) => left.nextAt - right.nextAt);
    for (const deliveryBatch of due)
      for (const message of untried(deliveryBatch))
        if (!this.#isFlying(deliveryBatch, message.index))
          return { number: deliveryBatch.number, message, round: deliveryBatch.attempts };
    return null;
  }

  begin(flight: Flight): DeliveryBatch | undefined {
    this.#flights.add(flight);
    return this.#deliveryBatches.get(flight.number);
  }

  /** An attempt has ended. */
  land(flight: Flight, outcome: DeliveryOutcome, now: number, random: () => number): void {
    this.#flights.delete(flight);
    const { number, message, round } = flight;
    const attempt = { index: message.index, round, now, random: random() };
    if (outcome.kind === "delivered") {
      this.#tally.delivered += 1;
      delete this.#tally.refused;
      this.#change(number, (deliveryBatch) => afterDelivery(deliveryBatch, attempt, outcome.status), now);
      if (this.#isFailing) this.#resume(now);
    } else if (outcome.kind === "failed") {
      this.#tally.failed += 1;
      this.#change(number, (deliveryBatch) => afterFailure(deliveryBatch, attempt, outcome), now);
      if (outcome.isEndpoint) this.#suffer(outcome, now, random);
    } else if (outcome.kind === "refused") {
      this.#tally.failed += 1;
      this.#tally.refused = { at: now, error: outcome.error };
      this.#change(number, (deliveryBatch) => afterRefusal(deliveryBatch, attempt, outcome), now);
      if (this.#isFailing) this.#resume(now);
    } else if (outcome.kind === "gone") {
      this.#tally.failed += 1;
      this.giveUp(outcome.error, now);
    }
  }

  /** Gives up all waiting messages. */
  giveUp(error: string, now: number): void {
    for (const number of this.#deliveryBatches.keys()) this.#giveUp(number, error, now);
  }

  /** Sends one message once more. `stored`: the batch as kept. */
  replay(stored: DeliveryBatch, index: number, now: number): void {
    if (!this.#deliveryBatches.has(stored.number)) this.#deliveryBatches.set(stored.number, stored);
    this.#change(stored.number, (deliveryBatch) => replayed(deliveryBatch, index, now), now);
  }

  /** A batch as it is now, if it is in memory. */
  deliveryBatch(number: number): DeliveryBatch | undefined {
    return this.#deliveryBatches.get(number) ?? this.#unwritten.get(number);
  }

  /** The clock was set back: every batch that waits becomes due at `now` at the latest. */
  hasten(now: number): void {
    for (const { number } of this.#deliveryBatches.values())
      this.#change(
        number,
        (deliveryBatch) => (deliveryBatch.nextAt <= now ? deliveryBatch : { ...deliveryBatch, nextAt: now }),
        now,
      );
  }

  /** What has changed since the last write. */
  unwritten(): { deliveryBatches: DeliveryBatch[]; tally: Tally } {
    return { deliveryBatches: [...this.#unwritten.values()], tally: { ...this.#tally } };
  }

  written(): void {
    this.#unwritten.clear();
    this.#unwrittenSince = null;
  }

  get #pending(): number {
    return [...this.#deliveryBatches.values()].reduce(
      (sum, deliveryBatch) => sum + countIn(deliveryBatch, "pending"),
      0,
    );
  }

  #pendingIn(number: number): number {
    const deliveryBatch = this.#deliveryBatches.get(number);
    return deliveryBatch === undefined ? 0 : countIn(deliveryBatch, "pending");
  }

  /** Whether the message is under way, or an older message about the same cause is, which must not arrive after this one. */
  #isFlying(deliveryBatch: DeliveryBatch, index: number): boolean {
    const cause = causeIn(deliveryBatch);
    return [...this.#flights].some(
      ({ number, message }) =>
        (number === deliveryBatch.number && message.index === index) ||
        (cause !== null && message.key === cause),
    );
  }

  /**
   * A newer message about a cause replaces the older ones that wait: people who learn late of the cause's end must not be alarmed after
   * that.
   */
  #replaceBy(deliveryBatch: DeliveryBatch): void {
    const cause = causeIn(deliveryBatch);
    if (cause === null) return;
    for (const older of this.#deliveryBatches.values())
      if (causeIn(older) === cause) this.#giveUp(older.number, REPLACED, deliveryBatch.at);
  }

  /** The receiver as a whole fails: every other batch that was due counts as failed too. */
  #suffer(failure: Extract<DeliveryOutcome, { kind: "failed" }>, now: number, random: () => number): void {
    this.#isFailing = true;
    for (const { number, nextAt } of this.#deliveryBatches.values())
      if (nextAt <= now)
        this.#change(number, (deliveryBatch) => afterOutage(deliveryBatch, failure, now, random()), now);
  }

  /** The receiver is back: batches that waited for that become due earlier. This changes memory alone, no row is written for it. */
  #resume(now: number): void {
    this.#isFailing = false;
    for (const [number, deliveryBatch] of this.#deliveryBatches) {
      if (!deliveryBatch.cutShort) continue;
      const last = Math.max(...deliveryBatch.messages.map(({ attemptedAt }) => attemptedAt ?? 0));
      const nextAt = Math.min(deliveryBatch.nextAt, Math.max(now, last + RESUME_AFTER_MS));
      this.#deliveryBatches.set(number, { ...deliveryBatch, nextAt });
    }
  }

  #giveUp(number: number, error: string, now: number): void {
    this.#change(number, (deliveryBatch) => givenUp(deliveryBatch, error), now);
  }

  #change(number: number, change: (deliveryBatch: DeliveryBatch) => DeliveryBatch, now: number): void {
    const before = this.deliveryBatch(number);
    if (before === undefined) return;
    const after = change(before);
    if (after === before) return;
    this.#dead += countIn(after, "dead") - countIn(before, "dead");
    this.#unwritten.set(number, after);
    this.#unwrittenSince ??= now;
    if (countIn(after, "pending") > 0) this.#deliveryBatches.set(number, after);
    else this.#deliveryBatches.delete(number);
  }
}
