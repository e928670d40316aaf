import { type Endpoint, isLiteralAddress } from "../domain/address.ts";
import { probeKindOf } from "../domain/kinds.ts";
import type { Finding } from "../domain/observation.ts";
import type { Stage } from "../domain/outcome.ts";
import type { Channel } from "../probe/channel.ts";
import type { ProbeSpec } from "../probe/probe.ts";

/** Connections that may wait at once in one invocation on Workers; a seventh queues, silently. */
export const PLACES = 6;
/** At most this many addresses of a name are tried at once. */
export const ADDRESSES_AT_ONCE = 3;
/**
 * If the platform looks the name up, and with TLS to a literal address: a probe's own connection, one that shows its stage, and one more,
 * for TLS or to compare with an old connection.
 */
const PLACES_UNRESOLVED = 3;
/** If a name was turned away, `fetch` may ask for it. */
const PLACES_OF_TCP = 2;

/** How many connections a probe of this endpoint may hold at once, including those given up on; `addresses`: the known ones of its name. */
export const placesFor = ({ scheme, host }: Endpoint, addresses: readonly string[]): number => {
  if (isLiteralAddress(host)) return probeKindOf(scheme).isSecure === true ? PLACES_UNRESOLVED : 1;
  const tried = Math.min(ADDRESSES_AT_ONCE, addresses.length);
  // One more for `fetch`. With TLS, which goes by name, one more for the probe's own connection.
  if (tried > 1) return tried + (probeKindOf(scheme).isSecure === true ? 2 : 1);
  return scheme === "tcp" ? PLACES_OF_TCP : PLACES_UNRESOLVED;
};

/** One probe, as a vantage gives it to a crew. */
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
  /** Connections that were given up on and go on: they hold their places until the crew is released. */
  left: number;
}

/** Some probes that share one invocation, and so six connections. */
export interface CrewRpc {
  /** While the probe is silent, `tell` is called at each change. */
  probe(order: CrewOrder, tell: (standing: ProbeStanding) => void): Promise<CrewDone>;
}

/** A crew as its owner holds it. */
export interface HeldCrew {
  crew: CrewRpc;
  /** Ends its invocation, and with it every connection it has left. */
  letGo: () => void;
}
