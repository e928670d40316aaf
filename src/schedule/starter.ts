import type { Finding } from "../domain/observation.ts";
import type { Stage } from "../domain/outcome.ts";
import type { Expect } from "../domain/target.ts";

/** What the schedule asks a prober for. */
export interface ProbeSpec {
  url: string;
  /** The target's own. Once the connection is open, the probe waits so long for the answer. */
  timeoutMs: number;
  /** How long the probe waits for its connection, if it can tell when that is open; at most `timeoutMs`. */
  connectWithinMs: number;
  /** The last look at it met silence. */
  wasSilent: boolean;
  /** By a new connection, where the prober would else use an old one; default false. */
  fresh?: boolean | undefined;
  expect?: Expect | undefined;
  headers?: Record<string, string> | undefined;
}

/** A probe under way. */
export interface RunningProbe {
  /** Epoch milliseconds. */
  begin: number;
  /** The stage it is in now. */
  stage: () => Stage;
  /** True while its name is looked up, where the platform tells. */
  isResolving?: () => boolean;
  /** From begin to the open connection, once that is known. */
  connectMs: () => number | undefined;
  /** Settles within about `timeoutMs`; a failure is a value. */
  finding: Promise<Finding>;
}

/** The schedule knows probers by this alone, so it serves every platform. */
export type StartProbe = (spec: ProbeSpec) => RunningProbe;
