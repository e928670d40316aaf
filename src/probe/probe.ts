import { parseEndpoint } from "../domain/address.ts";
import { expectFlaws } from "../domain/expect.ts";
import type { Finding } from "../domain/observation.ts";
import type { ProbeSpec, RunningProbe } from "../domain/probing.ts";
import { withCertificate } from "./shown-certificate.ts";
import { PROBERS } from "./probers.ts";
import { concludeProbe, type Progress, startProgress } from "./progress.ts";
import type { ProtocolProbe, Wire } from "./wire.ts";

export type { ProbeSpec, RunningProbe } from "../domain/probing.ts";
export type { Wire } from "./wire.ts";

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
    return concludeProbe(progress, { outcome: "blocked", stage: "connect", detail: `the URL ${endpoint}` });
  // Otherwise an expectation of a newer detector that this prober does not know would pass as met.
  const [flaw] = expectFlaws(endpoint, spec.expect ?? {});
  if (flaw !== undefined) {
    const detail = `expect.${flaw.path.join(".")} ${flaw.message}`;
    return concludeProbe(progress, { outcome: "blocked", stage: "connect", detail });
  }
  try {
    // The prober of this scheme accepts what its schema has just let pass.
    const prober = PROBERS[endpoint.scheme] as ProtocolProbe;
    const finding = await prober(spec, endpoint, noting(wire, progress), progress);
    return withCertificate(finding, progress.certificate?.(), certDaysOf(spec), wire.now());
  } catch (error) {
    // A bug of the prober is no evidence about the target.
    const name = error instanceof Error ? error.name : typeof error;
    return concludeProbe(progress, {
      outcome: "blocked",
      stage: progress.stage,
      detail: `prober failed: ${name}`,
    });
  }
};

/** Notes the certificate of the other side, whichever prober dials. */
const noting = (wire: Wire, progress: Progress): Wire => ({
  ...wire,
  dial: (address) => {
    const socket = wire.dial(address);
    if (socket.certificate !== undefined) progress.certificate = socket.certificate;
    return socket;
  },
});

const certDaysOf = ({ expect = {} }: ProbeSpec): number | undefined =>
  "certDays" in expect ? expect.certDays : undefined;
