import type { ProbeSpec, RunningProbe } from "../domain/probing.ts";

export type { ProbeSpec, RunningProbe } from "../domain/probing.ts";

/** How long a look may wait, and whether the one before it was silent. */
export type Waits = Required<Record<"timeoutMs" | "connectWithinMs", number> & Record<"wasSilent", boolean>>;

/** What the schedule asks a prober for. */
export type ScheduledSpec = ProbeSpec & Waits;

/** The schedule knows probers by this alone, so it serves every platform. */
export type StartProbe = (spec: ScheduledSpec) => RunningProbe;
