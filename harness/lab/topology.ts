/**
 * The lab's map: hosts, the routed links between them, and their addresses, all within 10/8.
 *
 *   r1 … r5 ──┐            ┌── gw-fra ── fra-1, fra-2, fra-in
 *   detector ─┼── core ────┤
 *   console ──┘     │      └── gw-ams ── ams-1, ams-2, ams-in
 *                   └───────── second links of fra-2 and ams-2, for heartbeats only
 */
import type { VantageRequest } from "../../src/domain/vantage.ts";

export type Site = "fra" | "ams";
export const SITES: readonly Site[] = ["fra", "ams"];

/** A network namespace of the lab. */
export type Host = string;

/** The namespace in which the lab itself runs: the programs that poll the detector run here. */
export const CONSOLE: Host = "console";
export const CORE: Host = "core";
export const DETECTOR: Host = "detector";

/** A point-to-point link; the first end is nearer to the core. */
export interface Link {
  ends: readonly [Host, Host];
  addresses: readonly [string, string];
}

/** A vantage's place: the namespace it runs in has its id. */
export type Remote = VantageRequest;

/** Three regions and two providers, so that no single one of them is a quorum. */
export const REMOTES: readonly Remote[] = [
  { id: "r1", region: "london", provider: "cirrus", sites: "all" },
  { id: "r2", region: "newyork", provider: "cirrus", sites: "all" },
  { id: "r3", region: "tokyo", provider: "cirrus", sites: "all" },
  { id: "r4", region: "london", provider: "nimbus", sites: "all" },
  { id: "r5", region: "sydney", provider: "nimbus", sites: "all" },
];
export const REMOTE_IDS: readonly string[] = REMOTES.map(({ id }) => id);

export const gatewayOf = (site: Site): Host => `gw-${site}`;
export const nodeOf = (site: Site, number: number): Host => `${site}-${number}`;
export const insideOf = (site: Site): Host => `${site}-in`;
export const INSIDE: readonly Remote[] = SITES.map((site) => ({
  id: insideOf(site),
  region: `${site}-hall`,
  provider: `${site}-own`,
  site,
}));

const SITE_NUMBER: Record<Site, number> = { fra: 81, ams: 82 };
/** All addresses of a site except its second links. */
export const networkOf = (site: Site): string => `10.${SITE_NUMBER[site]}.0.0/16`;

const link = (near: Host, far: Host, prefix: string): Link => ({
  ends: [near, far],
  addresses: [`${prefix}.1`, `${prefix}.2`],
});

export const SECOND_LINKS: readonly Link[] = SITES.map((site) =>
  link(CORE, nodeOf(site, 2), `10.91.${SITE_NUMBER[site]}`),
);

export const LINKS: readonly Link[] = [
  link(CORE, CONSOLE, "10.77.1"),
  link(CORE, DETECTOR, "10.77.2"),
  ...REMOTES.map(({ id }, index) => link(CORE, id, `10.77.${11 + index}`)),
  ...SITES.flatMap((site) => [
    link(CORE, gatewayOf(site), `10.${SITE_NUMBER[site]}.0`),
    link(gatewayOf(site), nodeOf(site, 1), `10.${SITE_NUMBER[site]}.1`),
    link(gatewayOf(site), nodeOf(site, 2), `10.${SITE_NUMBER[site]}.2`),
    link(gatewayOf(site), insideOf(site), `10.${SITE_NUMBER[site]}.3`),
  ]),
];

/** Addresses of the core: they replace well-known endpoints on the Internet. */
export const CONTROL_ADDRESSES: readonly string[] = ["10.77.3.1", "10.77.4.1"];
export const NAME_SERVER = "10.77.5.1";

/** The address a host is reached by: that of its first link, seen from the core. */
export const addressOf = (host: Host): string => {
  const found = LINKS.find(({ ends }) => ends[1] === host);
  if (found === undefined) throw new Error(`${host} has no link`);
  return found.addresses[1];
};

/** The name of a host's interface towards another. At most 15 characters, says the kernel. */
export const interfaceTo = (peer: Host): string => `to-${peer}`;

export const HOSTS: readonly Host[] = [...new Set(LINKS.flatMap(({ ends }) => ends))];
