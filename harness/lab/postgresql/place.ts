/** The places of a pair's nodes: each on a host of the lab, or both on this machine's loopback, each with its own address. */
import { join } from "node:path";
import { freePort } from "../../../scripts/port.ts";
import { type Fault, linkDown } from "../fault.ts";
import { WITNESS_PORT } from "../machine.ts";
import { LAB_DIR } from "../parent.ts";
import {
  addressOf,
  CONSOLE,
  gatewayOf,
  type Host,
  interfaceTo,
  LINKS,
  nodeOf,
  type Site,
} from "../topology.ts";

export interface Place {
  site: string;
  name: string;
  host: Host;
  address: string;
  /** PostgreSQL's port; the same for both nodes of a pair. */
  port: number;
  witnessPort: number;
  /** Where the node writes all its files. */
  dir: string;
  /** The link that goes down with the node at a power-off; undefined if several nodes share a host. */
  cable: Fault | undefined;
}

export type Places = readonly [Place, Place];

const LAB_PORT = 5432;

const onLabHost = (site: Site, number: number, dir: string): Place => {
  const host = nodeOf(site, number);
  const near = LINKS.find(({ ends }) => ends[1] === host)?.addresses[0] ?? "";
  return {
    site,
    name: host,
    host,
    address: addressOf(host),
    port: LAB_PORT,
    witnessPort: WITNESS_PORT,
    dir: join(LAB_DIR, dir, host),
    cable: linkDown(host, interfaceTo(gatewayOf(site)), [`default via ${near}`]),
  };
};

/** The two hosts of a site of the lab. */
export const inSite = (site: Site, dir: string): Places => [onLabHost(site, 1, dir), onLabHost(site, 2, dir)];

/** Two addresses of this machine's loopback, `NETWORK.1` and `NETWORK.2`. */
export const onLoopback = async (site: string, network: string, dir: string): Promise<Places> => {
  const [port, witnessPort] = [await freePort(), await freePort()];
  const place = (number: number): Place => {
    const name = `db-${number}`;
    const address = `${network}.${number}`;
    return { site, name, host: CONSOLE, address, port, witnessPort, dir: join(dir, name), cable: undefined };
  };
  return [place(1), place(2)];
};
