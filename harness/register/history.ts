/**
 * The record of a run of the register. All instants are milliseconds of this machine's monotonic clock, which every process of the run
 * reads, whatever is done to its wall clock.
 */

/** A client's request, and the answer it got. */
export interface Operation {
  client: string;
  kind: "write" | "read";
  /** The value that a write wrote, each different; or the value that an `ok` read returned, null if nothing was written yet. */
  value: string | null;
  /** The epoch in which the operation was carried out; null if no answer says so. */
  epoch: number | null;
  /** The member that it was sent to. */
  node: string;
  invokedAt: number;
  /** Null if no answer came. */
  completedAt: number | null;
  /** `refused`: it never takes effect; `unknown`: it may have, and it may yet. */
  outcome: "ok" | "refused" | "unknown";
}

/** A time in which a member believed that it leads. */
export interface Belief {
  node: string;
  epoch: number;
  from: number;
  to: number;
}

/** A write as the store accepted it. */
export interface Stored {
  value: string;
  epoch: number;
  node: string;
  at: number;
}

/** A time in which no process on a member could end its belief or act on it: its processes stood still. */
export interface Excuse {
  node: string;
  from: number;
  to: number;
}

/** A leader, as the detector reported it in an answer. */
export interface Told {
  node: string;
  epoch: number;
  at: number;
}

export interface History {
  operations: readonly Operation[];
  beliefs: readonly Belief[];
  /** In the order in which the store accepted them. */
  stored: readonly Stored[];
  told: readonly Told[];
  excuses: readonly Excuse[];
}

/** A law that a history breaks. */
export interface Violation {
  law:
    | "well-formed"
    | "one-holder"
    | "rising-epochs"
    | "no-stale-write"
    | "nothing-lost"
    | "linearizable"
    | "one-leader-at-a-time";
  reason: string;
  /** The smallest part of the history that shows the violation, a line each. */
  excerpt: string[];
}

const instant = (at: number | null): string => (at === null ? "…" : `${at.toFixed(1)} ms`);

export const operationLine = (one: Operation): string =>
  `${instant(one.invokedAt)} to ${instant(one.completedAt)}: ${one.client} ${one.kind} ${one.value ?? "nothing"} at ${one.node}, epoch ${one.epoch ?? "unknown"}: ${one.outcome}`;

export const beliefLine = ({ node, epoch, from, to }: Belief): string =>
  `${instant(from)} to ${instant(to)}: ${node} leads in epoch ${epoch}`;

export const storedLine = ({ value, epoch, node, at }: Stored): string =>
  `${instant(at)}: the store takes ${value} from ${node} in epoch ${epoch}`;

export const toldLine = ({ node, epoch, at }: Told): string =>
  `${instant(at)}: the detector tells that ${node} leads in epoch ${epoch}`;
