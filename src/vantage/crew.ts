import { type Endpoint, isLiteralAddress } from "../domain/address.ts";
import { probeKindOf } from "../domain/kinds.ts";
import type { Finding } from "../domain/observation.ts";
import type { Stage } from "../domain/outcome.ts";
import type { Channel } from "../probe/channel.ts";
import type { ProbeSpec } from "../probe/probe.ts";

/** Connections that one invocation on Workers may have waiting at once; a seventh queues, silently. */
export const PLACES = 6;
/** So many addresses of a name may be tried at once. */
export const ADDRESSES_AT_ONCE = 3;
/**
 * Where the platform looks the name up, and with TLS by literal address: a probe's own connection, one that tells its stage, and
 * one beside, for TLS or to compare with an old one.
 */
const PLACES_UNRESOLVED = 3;
/** A name that was turned away may be asked for by `fetch`. */
const PLACES_OF_TCP = 2;

/**
 * How many connections a probe of this endpoint may hold at once, those given up on included; `addresses`: of its name, as far as
 * known.
 */
export const placesFor = ({ scheme, host }: Endpoint, addresses: readonly string[]): number => {
  if (isLiteralAddress(host)) return probeKindOf(scheme).isSecure === true ? PLACES_UNRESOLVED : 1;
  const tried = Math.min(ADDRESSES_AT_ONCE, addresses.length);
  // One more for `fetch`, and with TLS, which goes by name, one for the probe's own connection beside.
  if (tried > 1) return tried + (probeKindOf(scheme).isSecure === true ? 2 : 1);
  return scheme === "tcp" ? PLACES_OF_TCP : PLACES_UNRESOLVED;
};

/** One probe, as a vantage orders it of a crew. */
export interface CrewOrder {
  spec: ProbeSpec;
  vantage: string;
  /** What the vantage knows of raw connects to the same place. */
  channel: Channel | undefined;
}

/** How far a probe has come. */
export interface ProbeStanding {
  stage: Stage;
  isResolving: boolean;
  connectMs: number | undefined;
}

/** What a crew hands back. */
export interface CrewDone {
  finding: Finding;
  /** What was learnt of raw connects; undefined for nothing. */
  channel: Channel | undefined;
  /** Connections given up on that go on, and take their place until the crew is let go of. */
  left: number;
}

/** Some probes that share one invocation, and so six connections. */
export interface CrewRpc {
  /** `tell` is called while the probe is silent, at each change. */
  probe(order: CrewOrder, tell: (standing: ProbeStanding) => void): Promise<CrewDone>;
}

/** A crew as its owner holds it. */
export interface HeldCrew {
  crew: CrewRpc;
  /** Ends its invocation, and with it every connection it has left. */
  letGo: () => void;
}
