import { type Endpoint, isLiteralAddress, parseEndpoint } from "../domain/address.ts";
import type { Finding } from "../domain/observation.ts";
import type { Stage } from "../domain/outcome.ts";
import { probeByName } from "./http-name.ts";
import { probeHttpBySocket } from "./http-socket.ts";
import { conclude, type Progress, startProgress } from "./progress.ts";
import { probeTcp } from "./tcp.ts";
import type { Prober, ProbeSpec, Wire } from "./wire.ts";

export type { ProbeSpec, Wire } from "./wire.ts";

/** A probe under way. `finding` never rejects. */
export interface RunningProbe {
  /** Epoch milliseconds. */
  begin: number;
  /** How far it has come by now; `unknown` while the platform does not say. */
  stage: () => Stage;
  /** Its name is being looked up, so its silence is not yet the node's. */
  isResolving: () => boolean;
  connectMs: () => number | undefined;
  finding: Promise<Finding>;
}

/**
 * `fetch` for names, where there is one, since only it brings Cloudflare's word on an origin; a socket
 * for literal addresses, which `fetch` may turn down there (error 1003).
 */
const proberOf = ({ scheme, host }: Endpoint, { fetch }: Wire): Prober => {
  if (scheme === "tcp") return probeTcp;
  return fetch === undefined || isLiteralAddress(host) ? probeHttpBySocket : probeByName(fetch);
};

/** Starts a probe. Its clock starts now, so the caller must already hold a connection slot. */
export const startProbe = (spec: ProbeSpec, wire: Wire): RunningProbe => {
  const progress = startProgress(wire.now, spec.timeoutMs);
  return {
    begin: progress.begin,
    stage: () => progress.stage,
    isResolving: () => progress.isResolving,
    connectMs: () => progress.connectMs,
    finding: run(spec, wire, progress),
  };
};

const run = async (spec: ProbeSpec, wire: Wire, progress: Progress): Promise<Finding> => {
  const endpoint = parseEndpoint(spec.url);
  if (typeof endpoint === "string")
    return conclude(progress, { outcome: "blocked", stage: "connect", detail: `the URL ${endpoint}` });
  try {
    return await proberOf(endpoint, wire)(spec, endpoint, wire, progress);
  } catch (error) {
    // A bug of ours is no evidence about the target.
    const name = error instanceof Error ? error.name : typeof error;
    return conclude(progress, {
      outcome: "blocked",
      stage: progress.stage,
      detail: `prober failed: ${name}`,
    });
  }
};
