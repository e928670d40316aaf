/**
 * Answers the same question as linearizable.ts by trying: Wing and Gong, "Testing and Verifying Concurrent Objects", Journal of Parallel
 * and Distributed Computing 17, 1993, with Lowe's memory of orders that were tried already ("Testing for linearizability", Concurrency and
 * Computation 29(4), 2017). It takes exponential time, so it only checks linearizable.ts on short histories.
 */
import type { Operation } from "./history.ts";

/** One bit of a number for each operation. */
const MAX_OPERATIONS = 30;

/** Whether such an order exists; throws if the history is too long to try. */
export const isLinearizableByTrying = (operations: readonly Operation[]): boolean => {
  const counted = operations.filter(
    ({ kind, outcome }) => outcome === "ok" || (kind === "write" && outcome === "unknown"),
  );
  if (counted.length > MAX_OPERATIONS) throw new Error(`at most ${MAX_OPERATIONS} operations can be tried`);
  const endOf = ({ outcome, completedAt }: Operation): number =>
    outcome === "unknown" ? Infinity : (completedAt ?? Infinity);
  const must = counted.reduce((bits, { outcome }, at) => (outcome === "ok" ? bits | (1 << at) : bits), 0);
  const tried = new Set<string>();
  const search = (done: number, value: string | null): boolean => {
    if ((done & must) === must) return true;
    const key = `${done} ${value ?? ""}`;
    if (tried.has(key)) return false;
    tried.add(key);
    const left = counted.map((one, at) => ({ one, bit: 1 << at })).filter(({ bit }) => (done & bit) === 0);
    const soonest = Math.min(...left.map(({ one }) => endOf(one)));
    return left.some(({ one, bit }) => {
      if (one.invokedAt > soonest) return false;
      if (one.kind === "write") return search(done | bit, one.value);
      return one.value === value && search(done | bit, value);
    });
  };
  return search(0, null);
};
