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

const parcelOf = (messages: number): DeliveryBatch => ({
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
  let parcel = start;
  let now = 0;
  let sent = 0;
  const tries = new Map<number, number>();
  while (countIn(parcel, "pending") > 0) {
    now = Math.max(now, parcel.nextAt);
    const [message] = untried(parcel);
    if (message === undefined) throw new Error("a round that does not end");
    sent += 1;
    const attempt = { index: message.index, round: parcel.attempts, now, random: 0.5 };
    tries.set(message.index, (tries.get(message.index) ?? 0) + 1);
    const said = answer(message.index, parcel.attempts);
    parcel = said === "ok" ? afterDelivery(parcel, attempt, 200) : afterFailure(parcel, attempt, said);
  }
  return { parcel, now, sent, tries };
};

describe("a parcel", () => {
  it("to a receiver that is down costs one request a round, and all of it is dead after ten", () => {
    const { parcel, sent, now } = play(parcelOf(500), () => refused);
    expect(sent).toBe(MAX_ATTEMPTS);
    expect(countIn(parcel, "dead")).toBe(500);
    expect(new Set(parcel.messages.map(({ attempts }) => attempts))).toEqual(new Set([MAX_ATTEMPTS]));
    expect(now / 3_600_000).toBeCloseTo(23.7, 1);
  });

  it("is delivered whole once the receiver is back, each message once", () => {
    const { parcel, tries } = play(parcelOf(20), (_, round) => (round < 4 ? refused : "ok"));
    expect(countIn(parcel, "delivered")).toBe(20);
    expect([...tries.values()].reduce((sum, count) => sum + count, 0)).toBe(24);
  });

  it("has a message that is refused for itself tried ten times, and no other kept waiting for it", () => {
    const { parcel, tries } = play(parcelOf(5), (index) => (index === 2 ? busy : "ok"));
    expect(parcel.messages.map(({ state }) => state)).toEqual([
      "delivered",
      "delivered",
      "dead",
      "delivered",
      "delivered",
    ]);
    expect(tries.get(2)).toBe(MAX_ATTEMPTS);
    expect(parcel.messages[2]).toMatchObject({ status: 500, error: "answered 500" });
  });

  it("is not held up for ever by one message on which the receiver hangs", () => {
    const { parcel } = play(parcelOf(6), (index) => (index === 0 ? refused : "ok"));
    expect(countIn(parcel, "delivered")).toBe(5);
    expect(parcel.messages[0]?.state).toBe("dead");
  });

  it("does not count a failure of a round that is over", () => {
    const attempt = { index: 0, round: 0, now: 5, random: 0.5 };
    const cut = afterFailure(parcelOf(2), attempt, refused);
    expect(cut).toMatchObject({ attempts: 1, cutShort: true });
    expect(afterFailure(cut, { ...attempt, index: 1 }, busy)).toBe(cut);
    // Yet what was taken was taken.
    expect(afterDelivery(cut, { ...attempt, index: 1 }, 200).messages[1]?.state).toBe("delivered");
  });

  it("given up is sent again when it is replayed, with all its attempts", () => {
    const dead = givenUp(parcelOf(3), "disabled");
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
        const { parcel } = play(parcelOf(size), (index) => {
          expect(taken.has(index)).toBe(false);
          const answer = answers[turn++ % answers.length] ?? "ok";
          if (answer === "ok") taken.add(index);
          return answer;
        });
        expect(countIn(parcel, "delivered")).toBe(taken.size);
        expect(countIn(parcel, "dead")).toBe(size - taken.size);
        for (const { attempts } of parcel.messages) expect(attempts).toBeLessThanOrEqual(MAX_ATTEMPTS);
      },
    ),
  );
});
