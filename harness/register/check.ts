/** The laws that a run of the register must keep under all faults. */
import {
  type Belief,
  beliefLine,
  type Excuse,
  type History,
  type Operation,
  operationLine,
  type Stored,
  storedLine,
  toldLine,
  type Violation,
} from "./history.ts";
import { findUnlinearizable } from "./linearizable.ts";

export interface Terms {
  /** With an advisory lease two members may believe that they lead: then the store alone decides. */
  lease: "advisory" | "strict";
  /** For how long two members may lead at once by strict leases, since the end of a belief is noted a little late. */
  allowanceMs: number;
}

/** Every broken law, each with its first case. */
export const violationsOf = (history: History, { lease, allowanceMs }: Terms): Violation[] => {
  const malformed = findMalformed(history);
  // Without a well-formed history the other laws mean nothing.
  if (malformed !== null) return [malformed];
  return [
    findTwoHolders(history),
    findFallingEpoch(history.beliefs),
    findStaleWrite(history.stored),
    findLoss(history),
    findUnlinearizable(history.operations),
    lease === "strict" ? findTwoAtOnce(history, allowanceMs) : null,
  ].filter((one) => one !== null);
};

/** Reasons why a history proves nothing. */
const findMalformed = ({ operations, beliefs, stored }: History): Violation | null => {
  const values = new Set<string | null>();
  for (const one of operations) {
    const complaint = complaintOf(one, values);
    if (complaint !== null) return { law: "well-formed", reason: complaint, excerpt: [operationLine(one)] };
    if (one.kind === "write") values.add(one.value);
  }
  const reversed = beliefs.find(({ from, to }) => to < from);
  if (reversed !== undefined)
    return {
      law: "well-formed",
      reason: "a time of leading ends before it begins",
      excerpt: [beliefLine(reversed)],
    };
  const unordered = stored.find(({ at }, index) => at < (stored[index - 1]?.at ?? at));
  if (unordered === undefined) return null;
  return {
    law: "well-formed",
    reason: "the store's list is not in its order",
    excerpt: [storedLine(unordered)],
  };
};

const complaintOf = (one: Operation, values: ReadonlySet<string | null>): string | null => {
  if (one.outcome === "ok" && one.completedAt === null) return "it is ok, and has no end";
  if (one.completedAt !== null && one.completedAt < one.invokedAt) return "it ends before it begins";
  if (one.kind === "write" && one.value === null) return "it writes nothing";
  if (one.kind === "write" && values.has(one.value)) return `${one.value} is written twice`;
  return null;
};

/** In each epoch at most one member leads, by its own belief, by the writes that the store accepted, and by the detector's answers. */
const findTwoHolders = ({ beliefs, stored, told, operations }: History): Violation | null => {
  const holders = new Map<number, { node: string; line: string }>();
  const claims = [
    ...beliefs.map((one) => ({ ...one, line: beliefLine(one) })),
    ...stored.map((one) => ({ ...one, line: storedLine(one) })),
    ...told.map((one) => ({ ...one, line: toldLine(one) })),
    ...operations
      .filter(({ outcome }) => outcome === "ok")
      .map((one) => ({ ...one, line: operationLine(one) })),
  ];
  for (const { epoch, node, line } of claims) {
    if (epoch === null) continue;
    const holder = holders.get(epoch);
    if (holder === undefined) holders.set(epoch, { node, line });
    else if (holder.node !== node)
      return {
        law: "one-holder",
        reason: `epoch ${epoch} has two holders, ${holder.node} and ${node}`,
        excerpt: [holder.line, line],
      };
  }
  return null;
};

/** No member begins to lead in an epoch older than one it has led in. */
const findFallingEpoch = (beliefs: readonly Belief[]): Violation | null => {
  const newest = new Map<string, Belief>();
  for (const belief of beliefs.toSorted((a, b) => a.from - b.from)) {
    const before = newest.get(belief.node);
    if (before !== undefined && belief.epoch < before.epoch)
      return {
        law: "rising-epochs",
        reason: `${belief.node} leads in epoch ${belief.epoch} after epoch ${before.epoch}`,
        excerpt: [beliefLine(before), beliefLine(belief)],
      };
    newest.set(belief.node, belief);
  }
  return null;
};

/** A stale write is one that the store takes in an older epoch than one that it has taken before. */
const findStaleWrite = (stored: readonly Stored[]): Violation | null => {
  let newest: Stored | undefined;
  for (const one of stored) {
    if (newest !== undefined && one.epoch < newest.epoch)
      return {
        law: "no-stale-write",
        reason: `a write in epoch ${one.epoch} was taken after one in epoch ${newest.epoch}`,
        excerpt: [storedLine(newest), storedLine(one)],
      };
    newest = one;
  }
  return null;
};

/** Each acknowledged write is in the store, once and as it was written. No refused write is there, and no value without a write. */
const findLoss = ({ operations, stored }: History): Violation | null => {
  const lost = (reason: string, ...excerpt: string[]): Violation => ({
    law: "nothing-lost",
    reason,
    excerpt,
  });
  const writes = new Map(operations.filter(({ kind }) => kind === "write").map((one) => [one.value, one]));
  const kept = new Map<string, Stored>();
  for (const entry of stored) {
    const write = writes.get(entry.value);
    if (write === undefined) return lost(`nobody wrote ${entry.value}`, storedLine(entry));
    if (kept.has(entry.value))
      return lost(`${entry.value} was taken twice`, operationLine(write), storedLine(entry));
    if (write.outcome === "refused")
      return lost(`${entry.value} was refused, and taken`, operationLine(write), storedLine(entry));
    if (write.epoch !== null && write.epoch !== entry.epoch)
      return lost(
        `${entry.value} was taken in another epoch than was said`,
        operationLine(write),
        storedLine(entry),
      );
    kept.set(entry.value, entry);
  }
  const missing = operations.find(
    ({ kind, outcome, value }) => kind === "write" && outcome === "ok" && !kept.has(value ?? ""),
  );
  return missing === undefined
    ? null
    : lost(`${missing.value ?? ""} was acknowledged, and the store never took it`, operationLine(missing));
};

/** The belief without the times in which the member's processes stood still. */
const without = (belief: Belief, excuses: readonly Excuse[]): Belief[] =>
  excuses
    .filter(({ node }) => node === belief.node)
    .reduce(
      (parts, { from, to }) =>
        parts.flatMap((part) =>
          [
            { ...part, to: Math.min(part.to, from) },
            { ...part, from: Math.max(part.from, to) },
          ].filter((one) => one.from < one.to),
        ),
      [belief],
    );

interface Overlap {
  ms: number;
  first: Belief;
  second: Belief;
}

/** The longest time in which two members led at once. */
const longestOverlap = (beliefs: readonly Belief[]): Overlap | null => {
  // For each member, the belief that ends last among those that have begun.
  const leading = new Map<string, Belief>();
  let longest: Overlap | null = null;
  for (const second of beliefs.toSorted((a, b) => a.from - b.from)) {
    for (const first of leading.values()) {
      const ms = Math.min(first.to, second.to) - second.from;
      if (first.node !== second.node && ms > (longest?.ms ?? 0)) longest = { ms, first, second };
    }
    const before = leading.get(second.node);
    if (before === undefined || before.to < second.to) leading.set(second.node, second);
  }
  return longest;
};

/** For how long at most two members believed that they lead at once: with all pauses, and by the law, which excuses pauses. */
export const overlapsOf = ({ beliefs, excuses }: History): { heldMs: number; unexcusedMs: number } => ({
  heldMs: longestOverlap(beliefs)?.ms ?? 0,
  unexcusedMs: longestOverlap(beliefs.flatMap((belief) => without(belief, excuses)))?.ms ?? 0,
});

/** By strict leases no two members lead at once. */
const findTwoAtOnce = ({ beliefs, excuses }: History, allowanceMs: number): Violation | null => {
  const overlap = longestOverlap(beliefs.flatMap((belief) => without(belief, excuses)));
  if (overlap === null || overlap.ms <= allowanceMs) return null;
  const { ms, first, second } = overlap;
  return {
    law: "one-leader-at-a-time",
    reason: `${first.node} and ${second.node} both lead for ${ms.toFixed(1)} ms`,
    excerpt: [beliefLine(first), beliefLine(second)],
  };
};
