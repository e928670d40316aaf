/**
 * What a run of the register leaves behind. All instants are milliseconds of this machine's monotonic clock, which every process of
 * the run reads, whatever is done to its wall clock.
 */

/** What a client asked and what it was told. */
export interface Operation {
  client: string;
  kind: "write" | "read";
  /** What a write wrote, no two of them the same; what a read that is `ok` was told, null where nothing was written yet. */
  value: string | null;
  /** The epoch that it was carried out in; null where nobody said. */
  epoch: number | null;
  /** The member that it was sent to. */
  node: string;
  invokedAt: number;
  /** Null where no answer came. */
  completedAt: number | null;
  /** `refused`: it never takes effect; `unknown`: it may have, and it may yet. */
  outcome: "ok" | "refused" | "unknown";
}

/** A time in which a member held itself to be the leader. */
export interface Belief {
  node: string;
  epoch: number;
  from: number;
  to: number;
}

/** A write as the store took it. */
export interface Stored {
  value: string;
  epoch: number;
  node: string;
  at: number;
}

/** A time in which nothing on a member could end its belief, or act on it: its processes stood still. */
export interface Excuse {
  node: string;
  from: number;
  to: number;
}

/** Who leads, as the detector told anybody who asked. */
export interface Told {
  node: string;
  epoch: number;
  at: number;
}

export interface History {
  operations: readonly Operation[];
  beliefs: readonly Belief[];
  /** In the order in which the store took them. */
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
  /** The least of the history that shows it, a line each. */
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
