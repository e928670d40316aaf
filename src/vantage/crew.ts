import type { Endpoint } from "../domain/address.ts";
import type { Finding } from "../domain/observation.ts";
import type { Stage } from "../domain/outcome.ts";
import type { Channel } from "../probe/channel.ts";
import type { ProbeSpec } from "../probe/probe.ts";

/** Connections that one invocation on Workers may have waiting at once; a seventh queues, silently. */
export const PLACES = 6;
/**
 * By name a probe may hold three: its own, one that tells its stage or tries another address, and one beside for TLS or to compare.
 * The same for TLS by literal address.
 */
const PLACES_BY_NAME = 3;

/** How many connections a probe of this endpoint may hold at once, those given up on included. */
export const placesFor = ({ scheme }: Endpoint, isLiteral: boolean): number =>
  isLiteral && scheme !== "https" ? 1 : PLACES_BY_NAME;

/** One probe, as a vantage orders it of a crew. */
export interface Order {
  spec: ProbeSpec;
  vantage: string;
  /** What the vantage knows of raw connects to the same place. */
  channel: Channel | undefined;
}

/** How far a probe has come. */
export interface Standing {
  stage: Stage;
  isResolving: boolean;
  connectMs: number | undefined;
}

/** What a crew hands back. */
export interface Done {
  finding: Finding;
  /** What was learnt of raw connects; undefined for nothing. */
  channel: Channel | undefined;
  /** Connections given up on that go on, and take their place until the crew is let go of. */
  left: number;
}

/** Some probes that share one invocation, and so six connections. */
export interface CrewRpc {
  /** `tell` is called while the probe is silent, at each change. */
  probe(order: Order, tell: (standing: Standing) => void): Promise<Done>;
}

/** A crew as its owner holds it. */
export interface HeldCrew {
  crew: CrewRpc;
  /** Ends its invocation, and with it every connection it has left. */
  letGo: () => void;
}
