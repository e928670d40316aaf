import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { MAX_ATTEMPTS } from "../../src/webhooks/gap.ts";
import { deliveryOutcomeOf, silenceOf, type DeliveryOutcome } from "../../src/webhooks/delivery-outcome.ts";
import {
  afterDelivery,
  afterFailure,
  countIn,
  givenUp,
  newMessage,
  replayed,
  untried,
  type DeliveryBatch,
} from "../../src/webhooks/delivery-batch.ts";

type Failure = Extract<DeliveryOutcome, { kind: "failed" }>;
const refused = silenceOf("the connection failed") as Failure;
const busy = deliveryOutcomeOf(500, null, 0) as Failure;

const batchOf = (messages: number): DeliveryBatch => ({
  webhook: "ops",
  number: 1,
  name: "msg-0-1",
  batch: 1,
  at: 0,
  attempts: 0,
  nextAt: 0,
  cutShort: false,
  messages: Array.from({ length: messages }, (_, index) => newMessage(index, "fra/db-1", index)),
});

/** Plays one round after the other until nothing waits; `answer` decides each attempt. Returns attempts made. */
const play = (start: DeliveryBatch, answer: (index: number, round: number) => "ok" | Failure) => {
  let deliveryBatch = start;
  let now = 0;
  let sent = 0;
  const tries = new Map<number, number>();
  while (countIn(deliveryBatch, "pending") > 0) {
    now = Math.max(now, deliveryBatch.nextAt);
    const [message] = untried(deliveryBatch);
    if (message === undefined) throw new Error("a round that does not end");
    sent += 1;
    const attempt = { index: message.index, round: deliveryBatch.attempts, now, random: 0.5 };
    tries.set(message.index, (tries.get(message.index) ?? 0) + 1);
    const said = answer(message.index, deliveryBatch.attempts);
    deliveryBatch =
      said === "ok" ? afterDelivery(deliveryBatch, attempt, 200) : afterFailure(deliveryBatch, attempt, said);
  }
  return { deliveryBatch, now, sent, tries };
};

describe("a deliveryBatch", () => {
  it("to a receiver that is down costs one request a round, and all of it is dead after ten", () => {
    const { deliveryBatch, sent, now } = play(batchOf(500), () => refused);
    expect(sent).toBe(MAX_ATTEMPTS);
    expect(countIn(deliveryBatch, "dead")).toBe(500);
    expect(new Set(deliveryBatch.messages.map(({ attempts }) => attempts))).toEqual(new Set([MAX_ATTEMPTS]));
    expect(now / 3_600_000).toBeCloseTo(23.7, 1);
  });

  it("is delivered whole once the receiver is back, each message once", () => {
    const { deliveryBatch, tries } = play(batchOf(20), (_, round) => (round < 4 ? refused : "ok"));
    expect(countIn(deliveryBatch, "delivered")).toBe(20);
    expect([...tries.values()].reduce((sum, count) => sum + count, 0)).toBe(24);
  });

  it("has a message that is refused for itself tried ten times, and no other kept waiting for it", () => {
    const { deliveryBatch, tries } = play(batchOf(5), (index) => (index === 2 ? busy : "ok"));
    expect(deliveryBatch.messages.map(({ state }) => state)).toEqual([
      "delivered",
      "delivered",
      "dead",
      "delivered",
      "delivered",
    ]);
    expect(tries.get(2)).toBe(MAX_ATTEMPTS);
    expect(deliveryBatch.messages[2]).toMatchObject({ status: 500, error: "answered 500" });
  });

  it("is not held up for ever by one message on which the receiver hangs", () => {
    const { deliveryBatch } = play(batchOf(6), (index) => (index === 0 ? refused : "ok"));
    expect(countIn(deliveryBatch, "delivered")).toBe(5);
    expect(deliveryBatch.messages[0]?.state).toBe("dead");
  });

  it("does not count a failure of a round that is over", () => {
    const attempt = { index: 0, round: 0, now: 5, random: 0.5 };
    const cut = afterFailure(batchOf(2), attempt, refused);
    expect(cut).toMatchObject({ attempts: 1, cutShort: true });
    expect(afterFailure(cut, { ...attempt, index: 1 }, busy)).toBe(cut);
    // A message that the receiver took counts as delivered all the same.
    expect(afterDelivery(cut, { ...attempt, index: 1 }, 200).messages[1]?.state).toBe("delivered");
  });

  it("given up is sent again when it is replayed, with all its attempts", () => {
    const dead = givenUp(batchOf(3), "disabled");
    const again = replayed(dead, 1, 77);
    expect(again).toMatchObject({ attempts: 0, nextAt: 77 });
    expect(again.messages.map(({ state }) => state)).toEqual(["dead", "pending", "dead"]);
    expect(untried(again).map(({ index }) => index)).toEqual([1]);
  });
});

test("whatever the receiver answers, every message ends delivered or dead, and none is sent after it was taken", () => {
  const said = fc.constantFrom<"ok" | Failure>("ok", refused, busy);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.array(said, { minLength: 1, maxLength: 40 }),
      (size, answers) => {
        const taken = new Set<number>();
        let turn = 0;
        const { deliveryBatch } = play(batchOf(size), (index) => {
          expect(taken.has(index)).toBe(false);
          const answer = answers[turn++ % answers.length] ?? "ok";
          if (answer === "ok") taken.add(index);
          return answer;
        });
        expect(countIn(deliveryBatch, "delivered")).toBe(taken.size);
        expect(countIn(deliveryBatch, "dead")).toBe(size - taken.size);
        for (const { attempts } of deliveryBatch.messages) expect(attempts).toBeLessThanOrEqual(MAX_ATTEMPTS);
      },
    ),
  );
});
