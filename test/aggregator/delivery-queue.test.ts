import fc from "fast-check";
import { expect, test } from "vitest";
import { type Flight, DeliveryQueue } from "../../src/webhooks/delivery/delivery-queue.ts";
import type { Webhook } from "../../src/domain/webhook.ts";
import type { Note } from "../../src/webhooks/format/note.ts";
import type { DeliveryOutcome } from "../../src/webhooks/delivery-outcome.ts";
import { countIn, newMessage, type DeliveryBatch } from "../../src/webhooks/delivery-batch.ts";

const HOUR_MS = 3_600_000;

const webhook: Webhook = {
  id: "pager",
  url: "https://events.pagerduty.com/v2/enqueue",
  format: "pagerduty",
  events: "all",
  disabled: false,
  keys: [],
  gone: null,
  revision: 1,
  createdAt: 0,
  updatedAt: 0,
};

const note = (about: string, state: Note["state"]): Note => ({
  type: "note",
  kind: "cause",
  state,
  about,
  title: about,
  sentence: "",
  severity: "error",
  site: null,
  target: null,
  verdict: null,
  at: "",
  since: null,
  automation: "",
  failover: false,
  targets: [],
  count: 0,
  drill: null,
});

const failed = (isEndpoint: boolean): DeliveryOutcome => ({
  kind: "failed",
  status: 503,
  error: "",
  isEndpoint,
  retryAfterMs: 0,
});
const OUTCOMES: DeliveryOutcome[] = [
  { kind: "delivered", status: 202 },
  failed(true),
  failed(false),
  { kind: "refused", status: 400, error: "" },
];

/** A queue over its outbox, as the object has them. What is not written when the object ends is lost. */
class Line {
  readonly rows = new Map<number, DeliveryBatch>();
  readonly flying: Flight[] = [];
  /** By cause: the numbers of the batches sent, in their order, and the number of the newest batch that was to be sent. */
  readonly sent = new Map<string, number[]>();
  readonly posted = new Map<string, number>();
  now = 0;
  #queue = this.#loaded();

  #loaded(): DeliveryQueue {
    const rows = [...this.rows.values()].toSorted((a, b) => a.number - b.number);
    const number = Math.max(0, ...this.rows.keys());
    const tally = { delivered: 0, failed: 0, dropped: 0 };
    return new DeliveryQueue(
      webhook,
      tally,
      { webhook: "pager", number, at: this.now, dead: 0 },
      rows.filter((row) => countIn(row, "pending") > 0),
    );
  }

  post(about: string): void {
    const { number, at } = this.#queue.following(this.now);
    const deliveryBatch: DeliveryBatch = {
      webhook: "pager",
      number,
      name: `cause-0-${number}`,
      batch: null,
      body: note(about, "begins"),
      at,
      attempts: 0,
      nextAt: this.now,
      cutShort: false,
      messages: [newMessage(0, about, null)],
    };
    this.rows.set(number, deliveryBatch);
    this.posted.set(about, number);
    this.#queue.take(deliveryBatch, 0);
  }

  begin(): boolean {
    const flight = this.#queue.next(this.now);
    if (flight === null) return false;
    const about = flight.message.key ?? "";
    expect(this.flying.map(({ message }) => message.key)).not.toContain(about);
    this.sent.set(about, [...(this.sent.get(about) ?? []), flight.number]);
    this.#queue.begin(flight);
    this.flying.push(flight);
    return true;
  }

  /** Ends one of the attempts under way; `which` chooses it. */
  land(outcome: DeliveryOutcome, which = 0): void {
    const [flight] = this.flying.splice(which % Math.max(1, this.flying.length), 1);
    if (flight === undefined) return;
    this.#queue.land(flight, outcome, this.now, () => 0.5);
  }

  write(): void {
    for (const deliveryBatch of this.#queue.unwritten().deliveryBatches)
      this.rows.set(deliveryBatch.number, deliveryBatch);
    this.#queue.written();
  }

  /** The object ends, and with it all attempts under way. */
  restart(): void {
    this.flying.length = 0;
    this.#queue = this.#loaded();
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant("post" as const), about: fc.constantFrom("fra", "fra/db-1") }),
  fc.record({ do: fc.constant("begin" as const) }),
  fc.record({ do: fc.constant("land" as const), outcome: fc.constantFrom(...OUTCOMES), which: fc.nat(1) }),
  fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(1_000, 10_000, HOUR_MS) }),
  fc.record({ do: fc.constantFrom("write" as const, "restart" as const) }),
);

test("of each cause no older word is sent after a newer one or beside it, and the newest is sent, whatever fails and dies", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const line = new Line();
      for (const one of steps) {
        if (one.do === "post") line.post(one.about);
        else if (one.do === "begin") line.begin();
        else if (one.do === "land") line.land(one.outcome, one.which);
        else if (one.do === "pass") line.now += one.ms;
        else line[one.do]();
      }
      for (let round = 0; round < 20; round++) {
        line.now += HOUR_MS;
        while (line.begin()) line.land({ kind: "delivered", status: 202 });
        while (line.flying.length > 0) line.land({ kind: "delivered", status: 202 });
        line.write();
      }
      for (const [about, last] of line.posted) {
        const numbers = line.sent.get(about) ?? [];
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        expect(numbers.at(-1)).toBe(last);
      }
      for (const row of line.rows.values()) expect(countIn(row, "pending")).toBe(0);
    }),
    { numRuns: 2_000 },
  );
});
