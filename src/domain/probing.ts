import type { Expect } from "./kinds.ts";
import type { Finding } from "./observation.ts";
import type { Stage } from "./outcome.ts";

/** What a prober is asked for. */
export interface ProbeSpec<E extends Expect = Expect> {
  url: string;
  /** The target's own. Once the connection is open, the probe waits so long for the answer. */
  timeoutMs: number;
  /** How long the probe waits for its connection, if it can tell when that is open; at most `timeoutMs`, its default. */
  connectWithinMs?: number | undefined;
  /** The last look at it met silence; default false. */
  wasSilent?: boolean | undefined;
  /** By a new connection, where the prober would else use an old one; default false. */
  fresh?: boolean | undefined;
  /** It must not lead to a private place, whatever its name has come to mean. */
  publicOnly?: boolean | undefined;
  /** The addresses of its name, where the caller has looked them up. */
  addresses?: readonly string[] | undefined;
  /** Of a kind that the URL's scheme has: `expectFlaws` finds what it has not. */
  expect?: E | undefined;
  headers?: Record<string, string> | undefined;
}

/** A probe under way. */
export interface RunningProbe {
  /** Epoch milliseconds. */
  begin: number;
  /** How far it has come by now; `unknown` while the platform does not say. */
  stage: () => Stage;
  /** Its name is being looked up, so its silence is not yet the node's. */
  isResolving: () => boolean;
  /** From begin to the open connection, once that is known. */
  connectMs: () => number | undefined;
  /** Never rejects: a failure is a value. Settles within about `timeoutMs`. */
  finding: Promise<Finding>;
}
