/**
 * Sends what the outbox holds. The aggregator stores a message with the transition that it reports; the dispatcher only keeps it in memory.
 * Sends run beside everything else: no alarm and no report waits for a send. After a crash, every message that is not recorded as taken is
 * sent again, under the same id.
 */
import type { GroupWord, WebhookTally } from "../../domain/rpc.ts";
import { isSame } from "../../domain/same.ts";
import type { Webhook } from "../../domain/webhook.ts";
import type { Scene } from "../cause.ts";
import { causesNow, tellsCauses } from "../causes.ts";
import { bundlesFor } from "../bundle.ts";
import { isActive, type NotifiedTransition, wantsGroup } from "../message.ts";
import type { DeliveryOutcome } from "../delivery-outcome.ts";
import { countIn, deliveryId, newMessage, batchName, type DeliveryBatch } from "../delivery-batch.ts";
import type { OutgoingMessage } from "../send.ts";
import { DeliveryQueue, placeOf, type Flight } from "./delivery-queue.ts";
import { MessageMaker } from "./message-maker.ts";
import { postedMessage, type Posted, type Prepared } from "./posting.ts";
import type { KeptBatches, KeptTransition } from "../kept-transition.ts";
import type { DeliveryTable } from "./delivery-table.ts";

/** Requests under way at once in a shard, and how many of them to receivers that fail. */
const ABREAST = 4;
const ABREAST_FAILING = 2;
/** Requests that one invocation may begin: the platform counts them, and also the calls that ask for probes. */
const SENDS_PER_WAKE = 40;
/** Outcomes are written when nothing more is to be sent at once, or after this long. */
const WRITE_AFTER_MS = 2_000;
/** The longest time to the next alarm, in case the object ends before it has sent what it stored. */
const SAFETY_MS = 60_000;
const OWN_LIMIT_PAUSE_MS = 1_000;

const LOST: DeliveryOutcome = {
  kind: "failed",
  status: null,
  error: "its transition is not kept any more",
  isEndpoint: false,
  retryAfterMs: 0,
};

/** What the dispatcher needs of the world around it. */
export interface DeliveryPorts {
  now: () => number;
  random: () => number;
  send: (outgoing: OutgoingMessage, now: number) => Promise<DeliveryOutcome>;
  /** Keeps the object for as long as the work takes. */
  keepAlive: (work: Promise<void>) => void;
  armBy: (at: number) => void;
  transact: (change: () => void) => void;
  webhooks: () => readonly Webhook[];
  /** The receiver wants no more: 410. */
  gone: (webhook: Webhook, reason: string) => void;
}

type GroupMessage = NonNullable<GroupWord["message"]>;

export class Dispatcher {
  readonly #shard: number;
  readonly #outbox: DeliveryTable;
  readonly #maker: MessageMaker;
  readonly #ports: DeliveryPorts;
  #queues = new Map<string, DeliveryQueue>();
  #left = SENDS_PER_WAKE;
  #turn = 0;

  constructor(shard: number, outbox: DeliveryTable, batches: KeptBatches, ports: DeliveryPorts) {
    this.#shard = shard;
    this.#outbox = outbox;
    this.#maker = new MessageMaker(batches);
    this.#ports = ports;
    this.#load();
  }

  get hasPending(): boolean {
    return [...this.#queues.values()].some((queue) => !queue.isEmpty);
  }

  /** One batch for each webhook that wants a message about a judgement. Nothing is changed yet. */
  prepare(batch: number, told: NotifiedTransition[], kept: KeptTransition[], now: number): Posted[] {
    return this.#ports.webhooks().flatMap((webhook) => {
      if (tellsCauses(webhook)) return [];
      const queue = this.#queues.get(webhook.id);
      const messages = bundlesFor(webhook, told).map((places) => postedMessage(places, told, kept));
      if (queue === undefined || messages.length === 0) return [];
      return [this.#posted(queue, { name: `msg-${this.#shard}-${batch}`, batch, messages }, now)];
    });
  }

  /**
   * The same for webhooks that notify people of causes, from what holds after the judgement with number `entry`; and the causes that each
   * of these webhooks has reported then, where they differ from before.
   */
  prepareCauses(entry: number, sceneOf: () => Scene, now: number): Prepared {
    const prepared: Prepared = { posted: [], known: [], waitMs: Infinity };
    const webhooks = this.#ports.webhooks().filter((webhook) => tellsCauses(webhook) && isActive(webhook));
    if (webhooks.length === 0) return prepared;
    const scene = sceneOf();
    for (const webhook of webhooks) {
      const queue = this.#queues.get(webhook.id);
      if (queue === undefined || (queue.causes.length === 0 && scene.troubled.length === 0)) continue;
      const { causes, notes, waitMs } = causesNow(queue.causes, scene, webhook);
      prepared.waitMs = Math.min(prepared.waitMs, waitMs);
      if (!isSame(causes, queue.causes)) prepared.known.push({ queue, causes });
      for (const [index, body] of notes.entries()) {
        const name = `cause-${this.#shard}-${entry}-${index}`;
        const messages = [newMessage(0, body.about, null)];
        prepared.posted.push(this.#posted(queue, { name, batch: null, body, messages }, now, index));
      }
    }
    return prepared;
  }

  /** Writes batches and causes, within the transaction that keeps what they report. */
  storeCauses({ posted, known }: Prepared): void {
    this.store(posted);
    for (const { queue, causes } of known) this.#outbox.putTally(queue.webhook, queue.tallyWith(causes));
  }

  takeCauses({ posted, known }: Prepared, now: number): void {
    for (const { queue, causes } of known) queue.know(causes);
    this.take(posted, now);
  }

  /** The same for a message about a group. `number` counts the messages of all groups. */
  prepareGroup(number: number, { sites, body }: GroupMessage, now: number): Posted[] {
    return this.#ports.webhooks().flatMap((webhook) => {
      const queue = this.#queues.get(webhook.id);
      if (queue === undefined || !wantsGroup(webhook, sites, body)) return [];
      const name = `group-${this.#shard}-${number}`;
      return [this.#posted(queue, { name, batch: null, body, messages: [newMessage(0, null, null)] }, now)];
    });
  }

  /** Writes batches; called within the transaction that keeps their transitions. */
  store(posted: Posted[]): void {
    for (const { deliveryBatch } of posted) this.#put(deliveryBatch);
  }

  /** Hands the stored batches to their queues, once the transaction is over. */
  take(posted: Posted[], now: number): void {
    for (const { deliveryBatch, replacedDead } of posted)
      this.#queues.get(deliveryBatch.webhook)?.take(deliveryBatch, replacedDead);
    if (posted.length > 0) this.#ports.armBy(now + SAFETY_MS);
  }

  /** Begins to send what is due. Returns at once. */
  start(): void {
    if (!this.hasPending) return;
    this.#left = SENDS_PER_WAKE;
    this.#pump();
  }

  /** The clock was set back: batches that wait for an instant of the old clock are sent now. */
  hasten(now: number): void {
    for (const queue of this.#queues.values()) queue.hasten(now);
  }

  /** Stores and sends a test; returns its delivery's id, or null where there is no such webhook. */
  test(webhook: string, unique: string): string | null {
    const queue = this.#queues.get(webhook);
    if (queue === undefined) return null;
    const now = this.#ports.now();
    const messages = [newMessage(0, null, null)];
    const posted = this.#posted(queue, { name: `test-${this.#shard}-${unique}`, batch: null, messages }, now);
    this.#ports.transact(() => this.store([posted]));
    this.take([posted], now);
    this.start();
    return `${posted.deliveryBatch.name}-0`;
  }

  /** Sends a message once more; false where it is not kept any more. */
  replay(webhook: string, delivery: string): boolean {
    const queue = this.#queues.get(webhook);
    const number = this.#outbox.numberOf(webhook, batchName(delivery));
    const deliveryBatch = number === null ? null : this.deliveryBatch(webhook, number);
    const message = deliveryBatch?.messages.find((one) => deliveryId(deliveryBatch, one) === delivery);
    if (queue === undefined || deliveryBatch === null || message === undefined) return false;
    if (this.#maker.toldIn(deliveryBatch, message.index) === null) return false;
    queue.replay(deliveryBatch, message.index, this.#ports.now());
    this.#write(queue);
    this.#ports.armBy(this.#ports.now() + SAFETY_MS);
    this.start();
    return true;
  }

  /** A batch as it is now, or null. */
  deliveryBatch(webhook: string, number: number): DeliveryBatch | null {
    return this.#queues.get(webhook)?.deliveryBatch(number) ?? this.#outbox.deliveryBatch(webhook, number);
  }

  counts(webhook: string): Omit<WebhookTally, "id"> | null {
    const queue = this.#queues.get(webhook);
    if (queue === undefined) return null;
    const { counts, refused } = queue;
    return { ...counts, ...(refused === undefined ? {} : { refused }) };
  }

  /** How many messages wait for each webhook and since when, and why its receiver refused the last message, if it has taken none since. */
  get backlogs(): { id: string; pending: number; oldestAt: number | null; refused: string | null }[] {
    const active = new Set(this.#ports.webhooks().flatMap((one) => (isActive(one) ? [one.id] : [])));
    return [...this.#queues.values()].map(({ webhook, counts, oldestAt, refused }) => ({
      id: webhook,
      pending: counts.pending,
      oldestAt,
      refused: active.has(webhook) ? (refused?.error ?? null) : null,
    }));
  }

  /** The list of webhooks has changed, and the outbox with it. */
  sync(): void {
    const before = this.#queues;
    this.#queues = new Map();
    for (const webhook of this.#ports.webhooks()) {
      const known = before.get(webhook.id);
      const queue =
        known?.createdAt === webhook.createdAt
          ? known
          : new DeliveryQueue(webhook, this.#outbox.tally(webhook.id), null, []);
      this.#queues.set(webhook.id, queue);
      if (queue.moveTo(placeOf(webhook), this.#ports.now()))
        this.#ports.transact(() => this.#outbox.putTally(webhook.id, queue.tallyWith([])));
      this.#write(queue);
      if (isActive(webhook)) continue;
      queue.giveUp(
        `given up: the webhook is disabled${webhook.gone === null ? "" : `, ${webhook.gone}`}`,
        this.#ports.now(),
      );
      this.#write(queue);
    }
  }

  #load(): void {
    const webhooks = this.#ports.webhooks();
    if (webhooks.length === 0) return;
    const extents = this.#outbox.extents();
    const pending = this.#outbox.pending();
    for (const webhook of webhooks)
      this.#queues.set(
        webhook.id,
        new DeliveryQueue(
          webhook,
          this.#outbox.tally(webhook.id),
          extents.find((one) => one.webhook === webhook.id) ?? null,
          pending.filter((deliveryBatch) => deliveryBatch.webhook === webhook.id),
        ),
      );
    if (pending.length > 0) this.#ports.armBy(this.#ports.now());
  }

  #posted(
    queue: DeliveryQueue,
    of: Pick<DeliveryBatch, "name" | "batch" | "messages" | "body">,
    now: number,
    before = 0,
  ): Posted {
    const { number, at } = queue.following(now, before);
    const deliveryBatch: DeliveryBatch = {
      ...of,
      webhook: queue.webhook,
      number,
      at,
      attempts: 0,
      nextAt: now,
      cutShort: false,
    };
    return { deliveryBatch, replacedDead: this.#outbox.deadBefore(queue.webhook, number) };
  }

  #put(deliveryBatch: DeliveryBatch): void {
    this.#outbox.put(deliveryBatch, countIn(deliveryBatch, "pending"), countIn(deliveryBatch, "dead"));
  }

  #pump(): void {
    const now = this.#ports.now();
    for (let turn = this.#nextTurn(now); turn !== null; turn = this.#nextTurn(now)) {
      if (this.#left <= 0) return this.#ports.armBy(now);
      this.#left -= 1;
      const { queue, webhook, flight } = turn;
      const deliveryBatch = queue.begin(flight);
      if (deliveryBatch !== undefined)
        this.#ports.keepAlive(this.#fly(queue, webhook, flight, deliveryBatch));
    }
    const idle = [...this.#queues.values()].filter((queue) => queue.flying === 0);
    if (idle.length === this.#queues.size) this.#maker.close();
    const nextAt = Math.min(...idle.map((queue) => queue.nextAt));
    if (nextAt !== Infinity) this.#ports.armBy(nextAt);
  }

  /** The next webhook to send to: one webhook after the other, and failing webhooks get no more than their share. */
  #nextTurn(now: number): { queue: DeliveryQueue; webhook: Webhook; flight: Flight } | null {
    const webhooks = this.#ports.webhooks().filter(isActive);
    const queues = [...this.#queues.values()];
    const flying = (some: DeliveryQueue[]): number => some.reduce((sum, queue) => sum + queue.flying, 0);
    if (flying(queues) >= ABREAST) return null;
    const failingMayNot = flying(queues.filter(({ isFailing }) => isFailing)) >= ABREAST_FAILING;
    for (let step = 0; step < webhooks.length; step++) {
      const webhook = webhooks[(this.#turn + step) % webhooks.length];
      const queue = webhook === undefined ? undefined : this.#queues.get(webhook.id);
      if (webhook === undefined || queue === undefined || (queue.isFailing && failingMayNot)) continue;
      const flight = queue.next(now);
      if (flight === null) continue;
      this.#turn = (this.#turn + step + 1) % webhooks.length;
      return { queue, webhook, flight };
    }
    return null;
  }

  async #fly(
    queue: DeliveryQueue,
    webhook: Webhook,
    flight: Flight,
    deliveryBatch: DeliveryBatch,
  ): Promise<void> {
    const outcome = await this.#attempt(webhook, flight, deliveryBatch).catch(
      (error: unknown): DeliveryOutcome => {
        console.warn(JSON.stringify({ event: "webhook", webhook: webhook.id, error: String(error) }));
        return { kind: "ours" };
      },
    );
    this.#land(queue, webhook, flight, outcome);
  }

  async #attempt(
    webhook: Webhook,
    { message }: Flight,
    deliveryBatch: DeliveryBatch,
  ): Promise<DeliveryOutcome> {
    const now = this.#ports.now();
    const outgoing = this.#maker.of(webhook, deliveryBatch, message, now);
    return outgoing === null ? LOST : await this.#ports.send(outgoing, now);
  }

  #land(queue: DeliveryQueue, webhook: Webhook, flight: Flight, outcome: DeliveryOutcome): void {
    const now = this.#ports.now();
    queue.land(flight, outcome, now, this.#ports.random);
    // The webhook was deleted meanwhile, or deleted and made anew.
    if (this.#queues.get(queue.webhook) !== queue) return this.#pump();
    if (outcome.kind === "ours") {
      this.#left = 0;
      return this.#ports.armBy(now + OWN_LIMIT_PAUSE_MS);
    }
    if (outcome.kind === "gone") this.#ports.gone(webhook, outcome.error);
    const isDone = queue.flying === 0 && queue.next(now) === null;
    if (isDone || now - (queue.unwrittenSince ?? now) >= WRITE_AFTER_MS) this.#write(queue);
    this.#pump();
  }

  #write(queue: DeliveryQueue): void {
    const { deliveryBatches, tally } = queue.unwritten();
    if (deliveryBatches.length === 0) return;
    this.#ports.transact(() => {
      for (const deliveryBatch of deliveryBatches) this.#put(deliveryBatch);
      this.#outbox.putTally(queue.webhook, tally);
    });
    queue.written();
  }
}
