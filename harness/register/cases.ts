/** Histories made by hand: some break a law, others only seem to. */
import type { History, Operation, Stored, Violation } from "./history.ts";
import { history, led, read, refused, still, took, unknown, wrote } from "./made.ts";

/** Writes that the store accepted one after the other, as their clients were answered. */
const written = (...values: string[]): { operations: Operation[]; stored: Stored[] } => ({
  operations: values.map((value, index) => wrote(value, 10 * index, 10 * index + 5)),
  stored: values.map((value, index) => took(value, 10 * index + 3)),
});

const { operations: W, stored: S } = written("v1", "v2");

export const BAD: { name: string; bad: History; law: Violation["law"]; reason: RegExp }[] = [
  {
    name: "two members that lead in one epoch",
    bad: history({ beliefs: [led("a", 3, 0, 10), led("b", 3, 500, 510)] }),
    law: "one-holder",
    reason: /epoch 3 has two holders, a and b/,
  },
  {
    name: "a write that the store took of another than the epoch's leader",
    bad: history({
      beliefs: [led("a", 1, 0, 100)],
      operations: [wrote("v1", 0, 9, { node: "b" })],
      stored: [took("v1", 5, { node: "b" })],
    }),
    law: "one-holder",
    reason: /epoch 1 has two holders, a and b/,
  },
  {
    name: "a read answered in one epoch by two members",
    bad: history({ operations: [read(null, 0, 5), read(null, 10, 15, { node: "b" })] }),
    law: "one-holder",
    reason: /two holders/,
  },
  {
    name: "an epoch of which the detector tells that another leads",
    bad: history({ beliefs: [led("a", 3, 0, 10)], told: [{ node: "b", epoch: 3, at: 20 }] }),
    law: "one-holder",
    reason: /epoch 3 has two holders, a and b/,
  },
  {
    name: "a member that leads in an older epoch than before",
    bad: history({ beliefs: [led("a", 4, 0, 10), led("a", 3, 20, 30)] }),
    law: "rising-epochs",
    reason: /a leads in epoch 3 after epoch 4/,
  },
  {
    name: "a stale write that was acknowledged",
    bad: history({
      operations: [wrote("v1", 0, 9, { epoch: 2 }), wrote("v2", 10, 19, { epoch: 1, node: "b" })],
      stored: [took("v1", 5, { epoch: 2 }), took("v2", 15, { epoch: 1, node: "b" })],
    }),
    law: "no-stale-write",
    reason: /a write in epoch 1 was taken after one in epoch 2/,
  },
  {
    name: "a stale write whose client was never answered",
    bad: history({
      operations: [wrote("v1", 0, 9, { epoch: 2 }), unknown(wrote("v2", 1, 2, { node: "b" }))],
      stored: [took("v1", 5, { epoch: 2 }), took("v2", 15, { epoch: 1, node: "b" })],
    }),
    law: "no-stale-write",
    reason: /epoch 1 was taken after one in epoch 2/,
  },
  {
    name: "an acknowledged write that the store never took",
    bad: history({ operations: W, stored: S.slice(1) }),
    law: "nothing-lost",
    reason: /v1 was acknowledged, and the store never took it/,
  },
  {
    name: "a refused write that the store took",
    bad: history({ operations: [refused(wrote("v1", 0, 5))], stored: [took("v1", 3)] }),
    law: "nothing-lost",
    reason: /v1 was refused, and taken/,
  },
  {
    name: "a write that the store took twice",
    bad: history({ operations: W, stored: [...S, took("v1", 30)] }),
    law: "nothing-lost",
    reason: /v1 was taken twice/,
  },
  {
    name: "a write that came from nowhere",
    bad: history({ stored: [took("v9", 3)] }),
    law: "nothing-lost",
    reason: /nobody wrote v9/,
  },
  {
    name: "a write taken in another epoch than its client was told",
    bad: history({ operations: [wrote("v1", 0, 5)], stored: [took("v1", 3, { epoch: 2 })] }),
    law: "nothing-lost",
    reason: /another epoch/,
  },
  {
    name: "a read of what was overwritten before it began",
    bad: history({ operations: [...W, read("v1", 20, 25)], stored: S }),
    law: "linearizable",
    reason: /v2 was there while v1 was there throughout/,
  },
  {
    name: "a read of nothing after a write",
    bad: history({ operations: [...W, read(null, 20, 25)], stored: S }),
    law: "linearizable",
    reason: /was there while nothing was there throughout/,
  },
  {
    name: "two reads that see two writes in opposite orders",
    bad: history({
      operations: [
        wrote("v1", 0, 5),
        wrote("v2", 0, 5, { client: "c2" }),
        read("v1", 10, 15),
        read("v2", 20, 25),
        read("v1", 30, 35),
      ],
      stored: [took("v1", 1), took("v2", 2)],
    }),
    law: "linearizable",
    reason: /v1 and v2 were both there, each before and after the other/,
  },
  {
    name: "an overwritten value that is read by one whose own write came between",
    bad: history({
      operations: [wrote("v1", 0, 5), wrote("v2", 10, 15), read("v1", 12, 30), read("v1", 16, 29)],
      stored: S,
    }),
    law: "linearizable",
    reason: /v2 was there while v1 was there throughout/,
  },
  {
    name: "two values that are both read before and after each other",
    bad: history({
      operations: [
        wrote("v1", 0, 5),
        wrote("v2", 0, 5, { client: "c2" }),
        read("v1", 10, 15),
        read("v2", 20, 25),
        read("v1", 30, 35),
        read("v2", 40, 45),
      ],
      stored: [took("v1", 1), took("v2", 2)],
    }),
    law: "linearizable",
    reason: /v1 and v2 were both there, each before and after the other/,
  },
  {
    name: "a read of a refused write",
    bad: history({ operations: [refused(wrote("v1", 0, 5)), read("v1", 10, 15)] }),
    law: "linearizable",
    reason: /v1 was read, and no write that may have taken effect wrote it/,
  },
  {
    name: "a read that ended before its write began",
    bad: history({ operations: [read("v1", 0, 5), wrote("v1", 10, 15)], stored: [took("v1", 12)] }),
    law: "linearizable",
    reason: /v1 was read before its write began/,
  },
  {
    name: "an unanswered write that is read, is gone, and is read again",
    bad: history({
      operations: [
        unknown(wrote("v1", 0, 0)),
        wrote("v2", 10, 15),
        read("v1", 20, 25),
        read("v2", 30, 35),
        read("v1", 40, 45),
      ],
      stored: [took("v2", 12), took("v1", 18)],
    }),
    law: "linearizable",
    reason: /v2 and v1 were both there, each before and after the other/,
  },
  {
    name: "two that lead at once by strict leases",
    bad: history({ beliefs: [led("a", 1, 0, 1_000), led("b", 2, 900, 2_000)] }),
    law: "one-leader-at-a-time",
    reason: /a and b both lead for 100\.0 ms/,
  },
  {
    name: "two that lead at once, the first of which stood still for a part of it only",
    bad: history({
      beliefs: [led("a", 1, 0, 1_000), led("b", 2, 700, 2_000)],
      excuses: [still("a", 600, 900)],
    }),
    law: "one-leader-at-a-time",
    reason: /both lead for 100\.0 ms/,
  },
  {
    name: "an answer without an end",
    bad: history({ operations: [{ ...wrote("v1", 0, 5), completedAt: null }] }),
    law: "well-formed",
    reason: /it is ok, and has no end/,
  },
  {
    name: "an operation that ends before it begins",
    bad: history({ operations: [wrote("v1", 5, 0)] }),
    law: "well-formed",
    reason: /ends before it begins/,
  },
  {
    name: "two writes of one value",
    bad: history({ operations: [wrote("v1", 0, 5), wrote("v1", 10, 15)] }),
    law: "well-formed",
    reason: /v1 is written twice/,
  },
  {
    name: "a store whose list is not in its order",
    bad: history({ operations: W, stored: S.toReversed() }),
    law: "well-formed",
    reason: /not in its order/,
  },
];

export const GOOD: { name: string; good: History }[] = [
  { name: "nothing at all", good: history({}) },
  {
    name: "writes and a read of the last",
    good: history({ operations: [...W, read("v2", 20, 25)], stored: S }),
  },
  {
    name: "a read beside a write sees what was before it or what it writes",
    good: history({
      operations: [...W, read("v1", 11, 14, { client: "c2" }), read("v2", 11, 14, { client: "c3" })],
      stored: S,
    }),
  },
  {
    name: "an unanswered write that takes effect long after",
    good: history({
      operations: [unknown(wrote("v1", 0, 0)), wrote("v2", 10, 15), read("v2", 20, 25), read("v1", 30, 35)],
      stored: [took("v2", 12), took("v1", 28)],
    }),
  },
  {
    name: "an unanswered write that never does",
    good: history({
      operations: [unknown(wrote("v1", 0, 0)), ...written("v2").operations, read("v2", 20, 25)],
      stored: [took("v2", 3)],
    }),
  },
  {
    name: "the next leader within the allowance of the last one's end",
    good: history({ beliefs: [led("a", 1, 0, 1_000), led("b", 2, 950, 2_000)] }),
  },
  {
    name: "the next leader while the last one stands still",
    good: history({
      beliefs: [led("a", 1, 0, 1_000), led("b", 2, 700, 2_000)],
      excuses: [still("a", 600, 1_000)],
    }),
  },
  {
    name: "the same member in the same epoch again",
    good: history({ beliefs: [led("a", 1, 0, 10), led("a", 1, 20, 30)] }),
  },
];
