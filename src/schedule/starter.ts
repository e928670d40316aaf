import type { Finding } from "../domain/observation.ts";
import type { Stage } from "../domain/outcome.ts";
import type { Expect } from "../domain/target.ts";

/** What the schedule asks a prober for; `timeoutMs` is the effective timeout, not the configured one. */
export interface ProbeSpec {
  url: string;
  timeoutMs: number;
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
