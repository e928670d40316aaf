import { describe, expect, it } from "vitest";
import type { Transition } from "../../src/domain/verdict.ts";
import { WebhookMessageSchema, type Webhook } from "../../src/domain/webhook.ts";
import {
  transitionData,
  transitionMessage,
  testMessage,
  unrehearsed,
  wants,
  type NotifiedTransition,
} from "../../src/webhooks/message.ts";

const transition: Transition = {
  sequence: 7,
  at: "2026-11-22T18:30:04.120Z",
  from: "alive",
  to: "process_crashed",
  rule: "crashed",
  confirmed: true,
  confidence: 0.99,
  because: "refused by all",
  advice: { routing: "avoid", regions: { weur: "avoid" }, failover: true, reason: "confirmed" },
  evidence: [],
};
const rehearsal = { id: "drill-0-3", live: false, spoken: {} };

const webhook = (changes: Partial<Webhook> = {}): Webhook => ({
  id: "ops",
  url: "https://example.com/",
  events: "all",
  disabled: false,
  keys: [],
  gone: null,
  revision: 1,
  createdAt: 0,
  updatedAt: 0,
  ...changes,
});

const told = (changes: Partial<NotifiedTransition> = {}): NotifiedTransition => ({
  site: "fra",
  transition,
  drill: null,
  advisedFailover: false,
  isOfFall: false,
  ...changes,
});

describe("a transition", () => {
  const same = { ...transition, from: transition.to };
  it.each([
    ["any webhook", webhook(), told(), true],
    ["one of its site", webhook({ sites: ["ams", "fra"] }), told(), true],
    ["one of another site", webhook({ sites: ["ams"] }), told(), false],
    ["one that is disabled", webhook({ disabled: true }), told(), false],
    ["one whose receiver is gone", webhook({ gone: "410" }), told(), false],
    ["one for verdicts", webhook({ events: "verdict" }), told(), true],
    [
      "one for verdicts, the verdict being the same",
      webhook({ events: "verdict" }),
      told({ transition: same }),
      false,
    ],
    ["one for failover, as advice begins", webhook({ events: "failover" }), told(), true],
    [
      "one for failover, as advice goes on",
      webhook({ events: "failover" }),
      told({ advisedFailover: true }),
      false,
    ],
    ["one for failover, in a rehearsal", webhook({ events: "failover" }), told({ drill: rehearsal }), false],
    [
      "one for failover, in a live drill",
      webhook({ events: "failover" }),
      told({ drill: { ...rehearsal, live: true } }),
      true,
    ],
  ])("is for %s: %#", (_, hook, one, expected) => {
    expect(wants(hook, one)).toBe(expected);
  });

  it("of a drill that is not live carries its id and negative advice", () => {
    const data = transitionData("fra/db-1", transition, rehearsal, null);
    expect(data).toMatchObject({ site: "fra", target: "db-1", drill: "drill-0-3" });
    expect(data.transition.advice).toMatchObject({
      routing: "serve",
      regions: { weur: "serve" },
      failover: false,
    });
    expect(data.transition.to).toBe("process_crashed");
  });

  it("of a live drill, or of none, is told as it is", () => {
    for (const drill of [null, { ...rehearsal, live: true }])
      expect(transitionData("fra/db-1", transition, drill, null).transition).toEqual(transition);
  });

  it("keeps what an operator said of the advice, and that alone, in a rehearsal", () => {
    const { advice } = unrehearsed(transition, { ...rehearsal, spoken: { routing: "avoid" } });
    expect(advice).toMatchObject({ routing: "avoid", failover: false });
  });
});

it("messages are as their schema says", () => {
  for (const message of [
    transitionMessage(transitionData("fra/db-1", transition, rehearsal, null)),
    testMessage("ops", transition.at),
  ])
    expect(WebhookMessageSchema.parse(message)).toEqual(message);
});
