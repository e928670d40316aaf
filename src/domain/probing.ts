import type { Expect } from "./kinds.ts";
import type { Finding } from "./observation.ts";
import type { Stage } from "./outcome.ts";

/** A request to a prober. */
export interface ProbeSpec<E extends Expect = Expect> {
  url: string;
  /** The target's own timeout. Once the connection is open, the probe waits this long for the answer. */
  timeoutMs: number;
  /** How long the probe waits for its connection, if the prober can see when that opens; at most `timeoutMs`, its default. */
  connectWithinMs?: number | undefined;
  /** Whether the last look at it met silence; default false. */
  wasSilent?: boolean | undefined;
  /** Whether to use a new connection where the prober would else reuse one; default false. */
  fresh?: boolean | undefined;
  /** Whether the probe must not lead to a private place, whatever its name resolves to by now. */
  publicOnly?: boolean | undefined;
  /** The addresses of its name, if the caller has looked them up. */
  addresses?: readonly string[] | undefined;
  /** Valid for the URL's scheme: `expectFlaws` has checked it. */
  expect?: E | undefined;
  headers?: Record<string, string> | undefined;
}

/** A probe under way. */
export interface RunningProbe {
  /** Epoch milliseconds. */
  begin: number;
  /** How far it has come by now; `unknown` while the platform does not say. */
  stage: () => Stage;
  /** Whether its name is still being looked up, so that the silence is not yet the node's. */
  isResolving: () => boolean;
  /** From begin to the open connection, once that is known. */
  connectMs: () => number | undefined;
  /** Never rejects: a failure is a value. Settles within about `timeoutMs`. */
  finding: Promise<Finding>;
}
