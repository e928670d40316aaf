/** Histories for the checker's tests: some made by hand in a few words, others drawn from a register that does everything right. */
import fc from "fast-check";
import type { Belief, Excuse, History, Operation, Stored } from "./history.ts";

interface Span {
  node?: string;
  epoch?: number | null;
  client?: string;
}

/** A write from one instant to another. */
export const wrote = (value: string, from: number, to: number, given: Span = {}): Operation => ({
  client: "c1",
  kind: "write",
  value,
  epoch: 1,
  node: "a",
  invokedAt: from,
  completedAt: to,
  outcome: "ok",
  ...given,
});

export const read = (value: string | null, from: number, to: number, given: Span = {}): Operation => ({
  ...wrote("", from, to, given),
  kind: "read",
  value,
});

/** The same operation with an unknown outcome. */
export const unknown = (one: Operation): Operation => ({
  ...one,
  epoch: null,
  completedAt: null,
  outcome: "unknown",
});

export const refused = (one: Operation): Operation => ({ ...one, epoch: null, outcome: "refused" });

export const took = (value: string, at: number, given: { node?: string; epoch?: number } = {}): Stored => ({
  value,
  at,
  node: "a",
  epoch: 1,
  ...given,
});

export const led = (node: string, epoch: number, from: number, to: number): Belief => ({
  node,
  epoch,
  from,
  to,
});

export const still = (node: string, from: number, to: number): Excuse => ({ node, from, to });

export const history = (given: Partial<History>): History => ({
  operations: [],
  beliefs: [],
  stored: [],
  told: [],
  excuses: [],
  ...given,
});

const NODES = ["a", "b", "c"];
const CLIENTS = ["c1", "c2", "c3", "c4", "c5"];
/** How long an epoch lasts, and the time between two epochs, in which no member leads. */
const EPOCH_MS = 100;
const GAP_MS = 10;

const epochAt = (at: number): number => Math.floor(at / EPOCH_MS) + 1;
const nodeOf = (epoch: number): string => NODES[epoch % NODES.length] ?? "";

const PLAN = fc.record({
  client: fc.constantFrom(...CLIENTS),
  kind: fc.constantFrom("write" as const, "read" as const),
  /** From the client's last operation to this one, from there until it reaches the store, and from there until its answer arrives. */
  pauseMs: fc.integer({ min: 0, max: 60 }),
  wayMs: fc.integer({ min: 1, max: 40 }),
  backMs: fc.integer({ min: 1, max: 40 }),
  /** Whether its answer is lost, or the whole operation. */
  fate: fc.constantFrom("answered" as const, "answered" as const, "unanswered" as const, "lost" as const),
  /** Whether the client takes the former leader for the leader. */
  isBehind: fc.boolean(),
});
type Plan = typeof PLAN extends fc.Arbitrary<infer Drawn> ? Drawn : never;

const LATE_MS = 100_000;

/** Two epochs at the end, so that a test can apply each kind of harm to the history. */
const ENDING: Required<Pick<History, "operations" | "beliefs" | "stored">> = {
  operations: [
    wrote("old", LATE_MS + 5, LATE_MS + 10, { epoch: epochAt(LATE_MS), node: nodeOf(epochAt(LATE_MS)) }),
    wrote("new", LATE_MS + 105, LATE_MS + 110, {
      epoch: epochAt(LATE_MS) + 1,
      node: nodeOf(epochAt(LATE_MS) + 1),
    }),
    read("new", LATE_MS + 115, LATE_MS + 120, {
      epoch: epochAt(LATE_MS) + 1,
      node: nodeOf(epochAt(LATE_MS) + 1),
      client: "c2",
    }),
  ],
  beliefs: [0, 1].map((later) => {
    const epoch = epochAt(LATE_MS) + later;
    return led(nodeOf(epoch), epoch, LATE_MS + later * EPOCH_MS, LATE_MS + (later + 1) * EPOCH_MS - GAP_MS);
  }),
  stored: [0, 1].map((later) => {
    const epoch = epochAt(LATE_MS) + later;
    return took(later === 0 ? "old" : "new", LATE_MS + later * EPOCH_MS + 7, { epoch, node: nodeOf(epoch) });
  }),
};

/** The result of a register with a fence for the operations in the order in which they reach the store. */
const carryOut = (plans: readonly Plan[]): History => {
  const free = new Map<string, number>();
  const begun = plans.map((plan, index) => {
    const invokedAt = (free.get(plan.client) ?? 0) + plan.pauseMs;
    const reachedAt = invokedAt + plan.wayMs;
    free.set(plan.client, reachedAt + plan.backMs);
    return { ...plan, value: `v${index}`, invokedAt, reachedAt };
  });
  let newest = 0;
  let value: string | null = null;
  const stored: Stored[] = [];
  const operations: Operation[] = [];
  for (const one of begun.toSorted((a, b) => a.reachedAt - b.reachedAt)) {
    const epoch = Math.max(1, epochAt(one.invokedAt) - Number(one.isBehind));
    const node = nodeOf(epoch);
    const isTaken = one.fate !== "lost" && epoch >= newest;
    const said = { client: one.client, kind: one.kind, node, invokedAt: one.invokedAt };
    if (isTaken) newest = epoch;
    if (isTaken && one.kind === "write") {
      value = one.value;
      stored.push({ value, epoch, node, at: one.reachedAt });
    }
    const shown = one.kind === "write" ? one.value : isTaken ? value : null;
    operations.push(
      one.fate === "answered"
        ? {
            ...said,
            value: shown,
            epoch: isTaken ? epoch : null,
            completedAt: one.reachedAt + one.backMs,
            outcome: isTaken ? "ok" : "refused",
          }
        : {
            ...said,
            value: one.kind === "write" ? shown : null,
            epoch: null,
            completedAt: null,
            outcome: "unknown",
          },
    );
  }
  const epochs = Array.from({ length: epochAt(Math.max(0, ...free.values())) }, (_, index) => index + 1);
  const beliefs = epochs.map((epoch) =>
    led(nodeOf(epoch), epoch, (epoch - 1) * EPOCH_MS, epoch * EPOCH_MS - GAP_MS),
  );
  return history({
    operations: [...operations, ...ENDING.operations],
    beliefs: [...beliefs, ...ENDING.beliefs],
    stored: [...stored, ...ENDING.stored],
  });
};

/** Histories of a register that keeps all laws, with delays, lost answers and clients that ask the former leader. */
export const lawful = fc.array(PLAN, { maxLength: 40 }).map(carryOut);

/** Histories of any kind, short enough for trying all orders: for most of them no register exists. */
export const anything = fc
  .array(
    fc.record({
      kind: fc.constantFrom("write" as const, "read" as const),
      seen: fc.integer({ min: -1, max: 4 }),
      invokedAt: fc.integer({ min: 0, max: 20 }),
      lastsMs: fc.integer({ min: 0, max: 8 }),
      isKnown: fc.constantFrom(true, true, true, false),
    }),
    { maxLength: 9 },
  )
  .map((drawn) =>
    drawn.map(({ kind, seen, invokedAt, lastsMs, isKnown }, index) => {
      // A read sees the value of one of the first few writes, or none.
      const values = drawn.flatMap((one, at) => (one.kind === "write" ? [`v${at}`] : []));
      const one =
        kind === "write"
          ? wrote(`v${index}`, invokedAt, invokedAt + lastsMs)
          : read(values[seen] ?? null, invokedAt, invokedAt + lastsMs);
      return isKnown ? one : unknown(one);
    }),
  );
