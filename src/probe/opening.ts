import { attempt, type Attempted } from "./deadline.ts";
import type { Ending, Progress } from "./progress.ts";
import type { Opening, Socket } from "./socket.ts";
import type { ProbeSpec } from "./wire.ts";

export const UNRESOLVED: Ending = {
  outcome: "dns_failure",
  stage: "connect",
  detail: "the name was not resolved in time",
};
const UNCONNECTED: Ending = { outcome: "connect_timeout", stage: "connect", detail: "no connection" };
const UNANSWERED: Ending = {
  outcome: "response_timeout",
  stage: "tls",
  detail: "connected, TLS handshake unanswered",
};
const BROKEN: Ending = { outcome: "reset", stage: "tls", detail: "closed before the TLS handshake" };

/** Follows how far a connection has come, where the platform reports that, and keeps the probe's stage by it. */
export class OpeningSteps {
  private readonly progress: Progress;
  private isConnected = false;

  /** `tls`: a connected socket goes on with its handshake. */
  constructor(opening: Opening | undefined, progress: Progress, tls: boolean) {
    this.progress = progress;
    if (opening === undefined) return;
    progress.isResolving = true;
    void opening.resolved.then(() => {
      progress.isResolving = false;
    });
    void opening.connected.then(() => {
      this.isConnected = true;
      progress.connectMs ??= progress.elapsedMs();
      if (tls && progress.stage === "connect") progress.stage = "tls";
    });
  }

  /** The ending where the deadline passed before the connection opened. A name server's silence is not the node's. */
  late(): Ending {
    if (this.progress.isResolving) return UNRESOLVED;
    return this.isConnected ? UNANSWERED : UNCONNECTED;
  }

  /** Corrects an `ending` that was read from the error alone: once connected, silence is not the path's. */
  failed(ending: Ending, hasCode: boolean): Ending {
    if (!this.isConnected) return ending;
    if (!hasCode) return BROKEN;
    return ending.outcome === "connect_timeout" ? UNANSWERED : ending;
  }
}

/**
 * Waits for a socket to open. The connection may take `connectWithinMs`, the TLS handshake after it as long as an answer. Where the
 * platform does not distinguish the two, both together may take as long as an answer. The time of the look-up is not counted, where the
 * platform reports its end.
 */
export const awaitOpen = async (
  { opened, opening }: Socket,
  { timeoutMs, connectWithinMs = timeoutMs }: ProbeSpec,
  progress: Progress,
  tls = false,
): Promise<Attempted<unknown>> => {
  if (connectWithinMs >= timeoutMs || (tls && opening === undefined))
    return attempt(opened, progress.remainingMs());
  if (opening !== undefined) {
    const resolved = await attempt(Promise.race([opening.resolved, opened]), progress.remainingMs());
    if (resolved.kind !== "done") return resolved;
  }
  const connected = tls && opening !== undefined ? Promise.race([opening.connected, opened]) : opened;
  const first = await attempt(connected, Math.min(connectWithinMs, progress.remainingMs()));
  return first.kind === "done" ? attempt(opened, progress.remainingMs()) : first;
};
